//! Decisions about held calls: made here, carried out by whoever holds the task's lease.

use executor_core::approval::{ApprovalStatus, Decider, Verdict, Vote, are_met};
use executor_core::journal::CallDecided;
use executor_core::{Actor, AuditAction, AuditEntry, Json, TaskId, Timestamp};
use executor_store::{Approval, ApprovalDecision, Error};
use serde_json::json;

use crate::Inner;
use crate::run::signals::Wish;

/// How many overdue approvals are closed in one go.
const EXPIRED_AT_ONCE: u32 = 100;

/// What is decided besides the verdicts themselves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    /// The arguments to send in place of those that the code gave.
    pub(crate) arguments: Option<Json>,
    /// What a person answers to a question.
    pub(crate) answer: Option<Json>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Whether it counts for all further calls of the same operation in this task.
    pub(crate) for_task: bool,
}

/// Adds a person's verdict. What has been said decides the matter, or it stays open for others.
pub(crate) async fn vote(
    engine: &Inner,
    mut approval: Approval,
    vote: Vote,
    terms: Terms,
    audit: AuditEntry,
) -> Result<Approval, Error> {
    let verdict = vote.verdict;
    // Who decides anew has changed their mind.
    approval.votes.retain(|known| known.decider.account != vote.decider.account);
    approval.votes.push(vote);
    let approvers = deciders(&approval, Verdict::Approve);
    approval.status = match verdict {
        Verdict::Deny => ApprovalStatus::Denied,
        Verdict::Approve if are_met(&approval.decision.approvers, &approvers, approval.submitter) => {
            ApprovalStatus::Approved
        }
        Verdict::Approve => ApprovalStatus::Open,
    };
    close(engine, approval, terms, audit).await
}

/// Closes an approval without a verdict, as `withdrawn` or `expired`.
pub(crate) async fn close_as(
    engine: &Inner,
    mut approval: Approval,
    status: ApprovalStatus,
    reason: Option<String>,
    audit: AuditEntry,
) -> Result<Approval, Error> {
    approval.status = status;
    close(engine, approval, Terms { reason, ..Terms::default() }, audit).await
}

/// Closes the approvals that nobody decided in time. Each is a denial.
pub(crate) async fn expire(engine: &Inner, now: Timestamp) -> Result<(), Error> {
    for approval in engine.store.overdue_approvals(now, EXPIRED_AT_ONCE).await? {
        let (ids, action) = (engine.ids.as_ref(), AuditAction::ApprovalDecided);
        let audit = AuditEntry::new(ids, now, approval.organization, Actor::System, action)
            .within(approval.workspace);
        match close_as(engine, approval, ApprovalStatus::Expired, None, audit).await {
            // Somebody decided at the last moment.
            Ok(_) | Err(Error::Changed) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes the approval as it is now, and tells its task if the matter is settled.
async fn close(
    engine: &Inner,
    mut approval: Approval,
    terms: Terms,
    audit: AuditEntry,
) -> Result<Approval, Error> {
    let now = engine.clock.now();
    let audit = audit.on(approval.id).with(&json!({
        "task": approval.task,
        "call": approval.call,
        "path": approval.envelope.path,
        "status": approval.status,
        "envelope": approval.envelope.digest().ok(),
        "edited": terms.arguments.is_some(),
        "reason": terms.reason,
        "rule": approval.decision.decided_by.rule,
    }));
    let broken = |error: serde_json::Error| Error::Other(error.to_string());
    let (signal, deliveries) = if approval.status.is_open() {
        (None, Vec::new())
    } else {
        approval.decided_at = Some(now);
        let verdict = match approval.status {
            ApprovalStatus::Approved => Verdict::Approve,
            _ => Verdict::Deny,
        };
        let decided = Wish::Decided(CallDecided {
            call: approval.call,
            approval: approval.id,
            status: approval.status,
            envelope: approval.envelope.digest().map_err(broken)?,
            arguments: terms.arguments,
            answer: terms.answer,
            deciders: deciders(&approval, verdict),
            reason: terms.reason,
            for_task: terms.for_task,
        });
        let id = engine.ids.next_uuid(now).simple().to_string();
        let signal = decided.signal(approval.workspace, approval.task, id, now, approval.is_sensitive);
        let signal = signal.map_err(broken)?;
        (Some(signal), engine.messages_of_decided(&approval).await?)
    };
    let decision = ApprovalDecision { approval: approval.clone(), signal, deliveries, audit };
    engine.store.decide_approval(decision).await?;
    approval.version += 1;
    engine.tell(approval.task);
    Ok(approval)
}

fn deciders(approval: &Approval, verdict: Verdict) -> Vec<Decider> {
    let votes = approval.votes.iter().filter(|vote| vote.verdict == verdict);
    votes.map(|vote| vote.decider.clone()).collect()
}

impl Inner {
    /// The store has a signal for a task: whoever can go on with it should look.
    pub(crate) fn tell(&self, task: TaskId) {
        self.live.poke(&[task]);
        self.scheduler.wake();
    }
}
