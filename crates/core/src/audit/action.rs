//! What can be done that the log tells of.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! actions {
    ($($variant:ident, $name:literal, $meaning:literal;)*) => {
        /// What was done. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum AuditAction {
            $(#[doc = $meaning] #[serde(rename = $name)] $variant,)*
        }

        impl AuditAction {
            /// Every action, in the order of the table.
            pub const ALL: &'static [AuditAction] = &[$(AuditAction::$variant,)*];

            /// The name in the log.
            pub fn as_str(self) -> &'static str {
                match self { $(AuditAction::$variant => $name,)* }
            }

            /// What it means, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(AuditAction::$variant => $meaning,)* }
            }
        }
    };
}

actions! {
    OrganizationCreated, "organization.created", "The organization was made, with its first workspace and owner.";
    MemberAdded, "member.added", "Somebody became a member.";
    MemberRoleChanged, "member.role_changed", "A member got another role.";
    MemberRemoved, "member.removed", "A member was removed, and their keys were revoked.";
    KeyCreated, "key.created", "An API key was made.";
    KeyRevoked, "key.revoked", "An API key was ended.";
    SignedIn, "signed_in", "Somebody signed in.";
    SignInRefused, "signed_in.refused", "Somebody could not sign in.";
    SettingsChanged, "settings.changed", "A setting of the organization was changed.";
    LimitsChanged, "limits.changed", "What a workspace may use was changed.";
    SourceAdded, "source.added", "A source was added.";
    SourceRefreshed, "source.refreshed", "A source's document was read again.";
    SourceReviewed, "source.reviewed", "Somebody accepted what a refresh had changed of a source's tools.";
    SourceRemoved, "source.removed", "A source was removed, with its tools and connections.";
    ConnectionAdded, "connection.added", "A connection was added.";
    ConnectionRotated, "connection.rotated", "A connection's secret was replaced.";
    ConnectionRemoved, "connection.removed", "A connection was removed, with its secret.";
    RuleAdded, "rule.added", "A policy rule was added.";
    RuleChanged, "rule.changed", "A policy rule was changed or moved.";
    RuleRemoved, "rule.removed", "A policy rule was removed.";
    ToolkitAdded, "toolkit.added", "A toolkit was added.";
    ToolkitChanged, "toolkit.changed", "A toolkit was changed.";
    ToolkitRemoved, "toolkit.removed", "A toolkit was removed.";
    SensitiveToolsAdded, "sensitive_tools.added", "Tools were marked as sensitive.";
    SensitiveToolsRemoved, "sensitive_tools.removed", "A mark of sensitive tools was taken back.";
    WebhookAdded, "webhook.added", "A webhook was added.";
    WebhookRemoved, "webhook.removed", "A webhook was removed, with its secret and its deliveries.";
    TaskSubmitted, "task.submitted", "Code was taken to be run.";
    TaskCancelled, "task.cancelled", "Somebody asked for a task's end.";
    TaskEnded, "task.ended", "A task that had acted, or that was not allowed to, ended.";
    CallStarted, "call.started", "A call that is not read-only was about to leave.";
    CallSettled, "call.settled", "A call that is not read-only ended, or nobody can tell how.";
    CallDenied, "call.denied", "A call was refused by policy or by a person.";
    CallResolved, "call.resolved", "Somebody said how a call ended whose outcome was unknown.";
    ApprovalDecided, "approval.decided", "A call that waited was decided.";
    SandboxViolation, "sandbox.violation", "A task's code did what the jail forbids.";
    AuditExported, "audit.exported", "The audit log was exported.";
    PayloadsRemoved, "audit.payloads_removed", "Retention removed details of old entries.";
    JournalsRemoved, "journals.removed", "Retention removed the journals of tasks that had ended.";
}

impl AuditAction {
    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
