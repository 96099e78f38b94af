//! A person's decision about one call: what it binds, who may make it, and where it stands.
//!
//! Invariants:
//! - An approval is of exactly one envelope and is used once.
//! - Who may decide is asked twice: when the decision is made, and of today's rules when the call would leave.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Principal, Role, Scope};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Failure};
use crate::id::{AccountId, ConnectionId};
use crate::json::{Digest, Json};
use crate::path::ToolPath;

/// What exactly is approved. An approval counts for a call only if the call's envelope is the same when it would leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// The tool's canonical path.
    pub path: ToolPath,
    /// The digest of the operation: method, path template, request schema and security.
    pub operation: Digest,
    /// Where the request goes: scheme, host and port.
    pub origin: String,
    /// The connection whose credential is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// The canonical arguments.
    pub arguments: Json,
}

impl Envelope {
    /// The digest of its canonical JSON. Fails only where the arguments have none.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        // As a value: the canonical form looks into the arguments, which are carried as text.
        Digest::of_canonical(&serde_json::to_value(self)?)
    }

    /// The digest of everything but the arguments.
    pub fn operation_digest(&self) -> Result<Digest, serde_json::Error> {
        Self { arguments: Json::null(), ..self.clone() }.digest()
    }
}

/// What a person is asked: by code with `tools.executor.ask`, or by an API in the middle of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// The question, in a line.
    pub title: String,
    /// What one has to know to answer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// The JSON Schema of the answer; a text if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Json>,
}

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// It waits for a person.
    Open,
    /// Enough people have said yes.
    Approved,
    /// Somebody said no.
    Denied,
    /// Nobody decided in time, which is a denial.
    Expired,
    /// The task ended before anybody decided.
    Withdrawn,
    /// What was asked for has changed, so it was asked for anew.
    Void,
    /// The approved call has left.
    Used,
}

impl ApprovalStatus {
    /// Every status.
    pub const ALL: [ApprovalStatus; 7] = [
        ApprovalStatus::Open,
        ApprovalStatus::Approved,
        ApprovalStatus::Denied,
        ApprovalStatus::Expired,
        ApprovalStatus::Withdrawn,
        ApprovalStatus::Void,
        ApprovalStatus::Used,
    ];

    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalStatus::Open => "open",
            ApprovalStatus::Approved => "approved",
            ApprovalStatus::Denied => "denied",
            ApprovalStatus::Expired => "expired",
            ApprovalStatus::Withdrawn => "withdrawn",
            ApprovalStatus::Void => "void",
            ApprovalStatus::Used => "used",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl ApprovalStatus {
    /// Whether a person can still decide.
    pub fn is_open(self) -> bool {
        self == ApprovalStatus::Open
    }
}

/// What a person says about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The call may leave.
    Approve,
    /// It may not.
    Deny,
}

/// Who may decide about a call, and how many of them it takes. Whoever has one of the roles, is one of the accounts or
/// is in one of the groups is an approver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", from = "Written")]
pub struct ApproverCondition {
    /// These roles; owner and admin if nobody is named at all.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<Role>,
    /// These accounts.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<AccountId>,
    /// Members of these groups.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// How many different people have to approve; one denial is enough for a denial.
    pub count: u32,
    /// Whether the one whose task it is does not count.
    pub excludes_submitter: bool,
    /// Whether the agent itself may carry the decision, through `resume`.
    pub model_may_approve: bool,
}

impl Default for ApproverCondition {
    /// One owner or admin, oneself included.
    fn default() -> Self {
        Self {
            roles: [Role::Owner, Role::Admin].into(),
            accounts: BTreeSet::new(),
            groups: BTreeSet::new(),
            count: 1,
            excludes_submitter: false,
            model_may_approve: false,
        }
    }
}

/// A condition as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Written {
    roles: Option<BTreeSet<Role>>,
    accounts: BTreeSet<AccountId>,
    groups: BTreeSet<String>,
    count: u32,
    excludes_submitter: bool,
    model_may_approve: bool,
}

impl Default for Written {
    fn default() -> Self {
        let ApproverCondition { accounts, groups, count, excludes_submitter, model_may_approve, .. } =
            ApproverCondition::default();
        Self { roles: None, accounts, groups, count, excludes_submitter, model_may_approve }
    }
}

impl From<Written> for ApproverCondition {
    fn from(written: Written) -> Self {
        let Written { roles, accounts, groups, count, excludes_submitter, model_may_approve } = written;
        // Who names people means them and nobody else.
        let names_people = !accounts.is_empty() || !groups.is_empty();
        let unsaid = || if names_people { BTreeSet::new() } else { Self::default().roles };
        let roles = roles.unwrap_or_else(unsaid);
        Self { roles, accounts, groups, count, excludes_submitter, model_may_approve }
    }
}

/// Who made a decision: what an approver condition asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decider {
    /// The account.
    pub account: AccountId,
    /// Its roles when it decided.
    pub roles: BTreeSet<Role>,
    /// Its groups when it decided.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
}

impl From<&Principal> for Decider {
    fn from(principal: &Principal) -> Self {
        Self { account: principal.account, roles: principal.roles.clone(), groups: principal.groups.clone() }
    }
}

/// One person's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// Who.
    #[serde(flatten)]
    pub decider: Decider,
    /// What.
    pub verdict: Verdict,
    /// Why, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Whether these people are enough for all of the conditions.
pub fn are_met(conditions: &[ApproverCondition], approvers: &[Decider], submitter: AccountId) -> bool {
    conditions.iter().all(|condition| condition.is_met(approvers, submitter))
}

impl ApproverCondition {
    /// Whether this person is an approver for a task of `submitter`.
    pub fn admits(&self, decider: &Decider, submitter: AccountId) -> bool {
        let named = !self.roles.is_disjoint(&decider.roles)
            || self.accounts.contains(&decider.account)
            || !self.groups.is_disjoint(&decider.groups);
        named && !(self.excludes_submitter && decider.account == submitter)
    }

    /// Whether these people are enough.
    pub fn is_met(&self, approvers: &[Decider], submitter: AccountId) -> bool {
        let admitted: BTreeSet<AccountId> = approvers
            .iter()
            .filter(|decider| self.admits(decider, submitter))
            .map(|decider| decider.account)
            .collect();
        admitted.len() >= usize::try_from(self.count.max(1)).unwrap_or(usize::MAX)
    }
}

/// Fails with [`ErrorCode::Forbidden`] unless the principal may decide about a call that is held by these conditions.
/// Deciding needs the scope `approve`, which no agent carries, and a place among the approvers of every condition.
pub fn require_approver(
    principal: &Principal,
    conditions: &[ApproverCondition],
    submitter: AccountId,
) -> Result<(), Failure> {
    principal.require(Scope::Approve)?;
    require_admitted(principal, conditions, submitter)
}

/// Fails with [`ErrorCode::Forbidden`] unless the principal's agent may itself carry the decision: every condition says
/// that it may, and the principal is an approver of each.
pub fn require_model_approver(
    principal: &Principal,
    conditions: &[ApproverCondition],
    submitter: AccountId,
) -> Result<(), Failure> {
    principal.require(Scope::Run)?;
    if !may_model_decide(conditions) {
        return Err(Failure::new(ErrorCode::Forbidden, "No rule lets the agent decide this itself.")
            .with_hint("Ask a person to decide, where the approval's text says."));
    }
    require_admitted(principal, conditions, submitter)
}

/// Whether the rules let the agent itself carry the decision.
pub fn may_model_decide(conditions: &[ApproverCondition]) -> bool {
    !conditions.is_empty() && conditions.iter().all(|condition| condition.model_may_approve)
}

fn require_admitted(
    principal: &Principal,
    conditions: &[ApproverCondition],
    submitter: AccountId,
) -> Result<(), Failure> {
    let decider = Decider::from(principal);
    match conditions.iter().find(|condition| !condition.admits(&decider, submitter)) {
        None => Ok(()),
        Some(condition) if condition.excludes_submitter && principal.account == submitter => {
            Err(Failure::new(ErrorCode::Forbidden, "The rule wants somebody else than the task's submitter."))
        }
        Some(_) => Err(Failure::new(ErrorCode::Forbidden, "The rule names other people as approvers.")
            .with_hint("Ask one of those that the approval lists.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn decider(number: u128, role: Role) -> Decider {
        Decider {
            account: Uuid::from_u128(number).into(),
            roles: [role].into(),
            groups: [format!("group {number}")].into(),
        }
    }

    #[test]
    fn conditions_are_met_as_documented() {
        let (owner, admin, member) =
            (decider(1, Role::Owner), decider(2, Role::Admin), decider(3, Role::Member));
        let nobody = ApproverCondition { roles: BTreeSet::new(), ..ApproverCondition::default() };
        let default = ApproverCondition::default;
        let cases: Vec<(&str, ApproverCondition, Vec<&Decider>, bool)> = vec![
            ("an owner is enough", default(), vec![&owner], true),
            ("nobody is not", default(), vec![], false),
            ("a member is not", default(), vec![&member], false),
            ("the submitter counts", default(), vec![&admin], true),
            (
                "unless they are excluded",
                ApproverCondition { excludes_submitter: true, ..default() },
                vec![&admin],
                false,
            ),
            ("two of them", ApproverCondition { count: 2, ..default() }, vec![&owner, &admin], true),
            ("one twice is one", ApproverCondition { count: 2, ..default() }, vec![&owner, &owner], false),
            (
                "a named account",
                ApproverCondition { accounts: [member.account].into(), ..nobody.clone() },
                vec![&member],
                true,
            ),
            (
                "a group",
                ApproverCondition { groups: ["group 3".to_owned()].into(), ..nobody.clone() },
                vec![&member],
                true,
            ),
            ("a count of none is one", ApproverCondition { count: 0, ..default() }, vec![], false),
            ("who is not named", nobody, vec![&owner], false),
        ];
        for (name, condition, approvers, expected) in cases {
            let approvers: Vec<_> = approvers.into_iter().cloned().collect();
            assert_eq!(condition.is_met(&approvers, admin.account), expected, "{name}");
        }
    }

    #[test]
    fn who_names_people_means_them_alone() {
        let account: AccountId = Uuid::from_u128(3).into();
        for (written, expected) in [
            (serde_json::json!({}), ApproverCondition::default()),
            (
                serde_json::json!({ "accounts": [account] }),
                ApproverCondition {
                    roles: BTreeSet::new(),
                    accounts: [account].into(),
                    ..ApproverCondition::default()
                },
            ),
            (
                serde_json::json!({ "roles": ["admin"], "count": 2 }),
                ApproverCondition { roles: [Role::Admin].into(), count: 2, ..ApproverCondition::default() },
            ),
        ] {
            let read: ApproverCondition = serde_json::from_value(written).unwrap();
            assert_eq!(read, expected);
            let again = serde_json::from_value(serde_json::to_value(&read).unwrap());
            assert_eq!(read, again.unwrap(), "what is stored is read as it was");
        }
    }

    #[test]
    fn an_envelope_is_another_one_if_anything_in_it_is() {
        let base = Envelope {
            path: "a.b".parse().unwrap(),
            operation: Digest::of(b"operation"),
            origin: "https://example.com".to_owned(),
            connection: None,
            arguments: Json::parse(r#"{"x":1}"#.to_owned()).unwrap(),
        };
        let others = [
            Envelope { path: "a.c".parse().unwrap(), ..base.clone() },
            Envelope { operation: Digest::of(b"other"), ..base.clone() },
            Envelope { origin: "https://example.org".to_owned(), ..base.clone() },
            Envelope { connection: Some(Uuid::from_u128(1).into()), ..base.clone() },
            Envelope { arguments: Json::parse(r#"{"x":2}"#.to_owned()).unwrap(), ..base.clone() },
        ];
        for other in others {
            assert_ne!(base.digest().unwrap(), other.digest().unwrap());
        }
    }
}
