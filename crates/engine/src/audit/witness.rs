//! What the log is told of a task: that it was submitted, each call that is not read-only before it leaves and when it
//! has ended, each refusal, and the end of a task that did any of that.
//!
//! Calls that only read are not told of: the journal has them.

use std::sync::Arc;

use executor_core::call::CallState;
use executor_core::policy::Voice;
use executor_core::task::{TaskEnd, TaskStatus};
use executor_core::tool::SideEffect;
use executor_core::{
    Actor, AuditAction, AuditEntry, ConnectionId, Digest, ErrorCode, IdSource, TaskId, Timestamp,
};
use executor_store::{Authority, CallRow, NewTask};
use serde::Serialize;
use serde_json::json;

/// Tells the log of one task.
pub(crate) struct Witness {
    ids: Arc<dyn IdSource>,
    authority: Authority,
    task: TaskId,
}

/// What is told of a task that is taken.
pub(crate) fn submitted(ids: &dyn IdSource, task: &NewTask) -> AuditEntry {
    let code = Digest::of(task.code.as_bytes());
    entry(ids, &task.authority, task.created_at, AuditAction::TaskSubmitted)
        .on(task.id)
        .with(&json!({ "code": code, "toolkit": task.authority.toolkit }))
}

fn entry(ids: &dyn IdSource, authority: &Authority, at: Timestamp, action: AuditAction) -> AuditEntry {
    let actor =
        Actor::Account { account: authority.account, key: authority.key, client: authority.client.clone() };
    AuditEntry::new(ids, at, authority.organization, actor, action).within(authority.workspace)
}

/// The details of a call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallDetails<'a> {
    path: &'a str,
    connection: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<CallState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorCode>,
    /// The digest of what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Digest>,
    /// The voice that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a Voice>,
}

impl Witness {
    pub(crate) fn new(ids: Arc<dyn IdSource>, authority: Authority, task: TaskId) -> Self {
        Self { ids, authority, task }
    }

    /// What is told of a call that has changed, if anything.
    pub(crate) fn of_call(&self, before: CallState, call: &CallRow, at: Timestamp) -> Option<AuditEntry> {
        let action = match (before, call.state) {
            (before, after) if before == after => return None,
            (_, CallState::Started) if acts(call) => AuditAction::CallStarted,
            (CallState::Started, _) if acts(call) => AuditAction::CallSettled,
            (_, CallState::Denied) => AuditAction::CallDenied,
            _ => return None,
        };
        let is_start = action == AuditAction::CallStarted;
        let decision = call.decision.as_ref().map(|decision| &decision.decided_by);
        let details = CallDetails {
            path: &call.path,
            connection: call.connection,
            state: (!is_start).then_some(call.state),
            error: call.error,
            sent: call.sent,
            decision: decision.filter(|_| action != AuditAction::CallSettled),
        };
        let target = format!("{}/{}", self.task, call.number);
        Some(self.entry(at, action).on(target).with(&details))
    }

    /// What is told of the task's end.
    pub(crate) fn of_end<'a>(
        &self,
        end: &TaskEnd,
        mut calls: impl Iterator<Item = &'a CallRow>,
        at: Timestamp,
    ) -> Vec<AuditEntry> {
        let error = end.error.as_ref().map(|error| error.failure.code);
        let mut told = Vec::new();
        if error == Some(ErrorCode::SandboxViolation) {
            told.push(self.entry(at, AuditAction::SandboxViolation).on(self.task));
        }
        let refused = matches!(end.status, TaskStatus::Denied | TaskStatus::Cancelled);
        if refused || !told.is_empty() || calls.any(|call| call.started_at.is_some() && acts(call)) {
            let details = json!({ "status": end.status, "error": error });
            told.push(self.entry(at, AuditAction::TaskEnded).on(self.task).with(&details));
        }
        told
    }

    fn entry(&self, at: Timestamp, action: AuditAction) -> AuditEntry {
        entry(self.ids.as_ref(), &self.authority, at, action)
    }
}

fn acts(call: &CallRow) -> bool {
    call.side_effect.is_some_and(|effect| effect != SideEffect::None)
}
