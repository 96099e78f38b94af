//! What a ciphertext is bound to.

use executor_core::{ConnectionId, OrganizationId, WebhookId, WorkspaceId};

/// Whose connection a credential belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The tenant.
    pub organization: OrganizationId,
    /// The workspace, for a connection that belongs to one or to an account in one.
    pub workspace: Option<WorkspaceId>,
    /// The connection.
    pub connection: ConnectionId,
}

/// The one place in which a sealed secret opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(Vec<u8>);

impl Context {
    /// A value of a connection's credential.
    #[must_use]
    pub fn credential(scope: &Scope, field: &str) -> Self {
        let workspace = scope.workspace.map(|workspace| workspace.to_string()).unwrap_or_default();
        Self::of(&[
            "credential",
            &scope.organization.to_string(),
            &workspace,
            &scope.connection.to_string(),
            field,
        ])
    }

    /// The secret with which the messages to a webhook are signed.
    #[must_use]
    pub fn webhook(organization: OrganizationId, workspace: WorkspaceId, webhook: WebhookId) -> Self {
        Self::of(&["webhook", &organization.to_string(), &workspace.to_string(), &webhook.to_string()])
    }

    /// A column of a row whose content is sensitive: table, workspace, row, column.
    #[must_use]
    pub fn row(place: &[&str]) -> Self {
        let mut parts = vec!["row"];
        parts.extend(place);
        Self::of(&parts)
    }

    /// A secret among the deployment's settings.
    #[must_use]
    pub fn setting(name: &str) -> Self {
        Self::of(&["setting", name])
    }

    /// Each part behind its length, so that no two lists of parts give the same bytes.
    fn of(parts: &[&str]) -> Self {
        let parts =
            parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes()));
        Self(parts.collect())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
