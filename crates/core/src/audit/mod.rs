//! The audit log of an organization: who did what, to what, when.
//!
//! An [`AuditEntry`] is written in the transaction of the effect that it tells of. Later it gets its number and its
//! place in the organization's hash chain ([`chain`]), which [`verify`] checks. Entries never hold secrets.

mod action;
pub mod chain;
mod settings;
#[cfg(test)]
mod tests;
pub mod verify;

use serde::Serialize;

use crate::access::Principal;
use crate::clock::Timestamp;
use crate::id::{AccountId, AuditId, IdSource, KeyId, OrganizationId, WorkspaceId};
use crate::json::Json;

pub use action::AuditAction;
pub use settings::{Hold, RecordSettings};

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Executor itself: an expiry, a retention, the end of a task.
    System,
    /// An account.
    Account {
        /// The account.
        account: AccountId,
        /// The key that it came with, if it did.
        key: Option<KeyId>,
        /// The program that it came with, as that named itself.
        client: Option<String>,
    },
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        Self::Account { account: principal.account, key: principal.key, client: principal.client.clone() }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// The organization whose log it belongs to.
    pub organization: OrganizationId,
    /// The workspace, if it was done in one.
    pub workspace: Option<WorkspaceId>,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: AuditAction,
    /// To what: an id, and for a call the task's id, a slash and the call's number.
    pub target: Option<String>,
    /// The details.
    pub payload: Json,
}

impl AuditEntry {
    /// An entry without workspace, target and details.
    pub fn new(
        ids: &dyn IdSource,
        at: Timestamp,
        organization: OrganizationId,
        actor: Actor,
        action: AuditAction,
    ) -> Self {
        let (id, payload) = (AuditId::new(ids, at), Json::empty_object());
        Self { id, organization, workspace: None, at, actor, action, target: None, payload }
    }

    /// The same, done in a workspace.
    #[must_use]
    pub fn within(mut self, workspace: WorkspaceId) -> Self {
        self.workspace = Some(workspace);
        self
    }

    /// The same, done to `target`.
    #[must_use]
    pub fn on(mut self, target: impl ToString) -> Self {
        self.target = Some(target.to_string());
        self
    }

    /// The same with details. What has no JSON form is left out, rather than the entry.
    #[must_use]
    pub fn with(mut self, payload: &impl Serialize) -> Self {
        self.payload = Json::from_serialize(payload).unwrap_or_else(|_| Json::empty_object());
        self
    }
}
