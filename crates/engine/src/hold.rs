//! Calls that wait for a person, and what passes once one has decided.
//!
//! Invariants:
//! - An approval is shown only after it, and everything that led to it, is durable.
//! - What a person decided counts for exactly the envelope that they saw or wrote, once, and only if today's policy
//!   would still take it.

use std::sync::Arc;

use executor_core::approval::{ApprovalStatus, Envelope, are_met};
use executor_core::call::{CallState, Outcome, RequestSummary, Resolution};
use executor_core::journal::{CallDecided, CallHeld, CallIssued, CallResolved, Event};
use executor_core::policy::{Decision, Effect};
use executor_core::tool::SideEffect;
use executor_core::{ApprovalId, Digest, ErrorCode, Json, TaskId, ToolError, ToolPath};
use executor_sandbox::IssuedCall;
use executor_store::{Approval, ApprovalChange, Authority, Durability, Error, NewDelivery, Task};

use crate::Inner;
use crate::dialogue::Dialogue;
use crate::gate::Judged;
use crate::question;
use crate::run::recorder::Recorder;

/// Where a call stands, from its row and its journal.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) state: CallState,
    pub(crate) side_effect: Option<SideEffect>,
    /// The digest of what was sent, if anything was.
    pub(crate) sent: Option<Digest>,
    /// The last decision about it.
    pub(crate) decided: Option<CallDecided>,
    /// What a person said became of it.
    pub(crate) resolved: Option<CallResolved>,
    /// Whether it has left since it was last decided about.
    pub(crate) has_left: bool,
    /// What its API asks, or has asked.
    pub(crate) dialogue: Option<Dialogue>,
}

impl Standing {
    /// Whether only a person can take it on.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.state, CallState::Held | CallState::Unknown)
    }

    /// Whether its request may have left and changed something.
    pub(crate) fn may_have_written(&self) -> bool {
        self.state == CallState::Started && self.side_effect != Some(SideEffect::None)
    }

    /// The approval with which it may leave.
    pub(crate) fn approval(&self) -> Option<&CallDecided> {
        self.decided.as_ref().filter(|_| self.state == CallState::Approved && !self.has_left)
    }

    /// What its API asked and ended the request for: the same request is sent again with the answers.
    pub(crate) fn asked_by_api(&self) -> Option<&Dialogue> {
        self.dialogue.as_ref().filter(|dialogue| !dialogue.asked.live)
    }
}

/// The outcome of a call that a person has settled instead of an upstream.
pub(crate) fn settled_by_person(call: &CallIssued, standing: &Standing) -> Option<Outcome> {
    let said = |reason: &Option<String>| match reason {
        Some(reason) => format!(": {reason}"),
        None => ".".to_owned(),
    };
    match (standing.state, &standing.decided, &standing.resolved) {
        (CallState::Denied, Some(decided), _) => {
            let what = match decided.status {
                ApprovalStatus::Expired => "Nobody decided about the call in time",
                ApprovalStatus::Withdrawn => "The approval of the call was cancelled",
                _ => "A person denied the call",
            };
            let message = format!("{what}{}", said(&decided.reason));
            Some(Outcome::Failed(ToolError::new(ErrorCode::ApprovalDenied, &call.path, message)))
        }
        (CallState::Unknown, _, Some(resolved)) => match &resolved.resolution {
            Resolution::Completed(result) => Some(Outcome::Completed(result.clone())),
            Resolution::Failed => {
                let message = format!("A person says that the call did not happen{}", said(&resolved.reason));
                Some(Outcome::Failed(ToolError::new(ErrorCode::UpstreamError, &call.path, message)))
            }
            Resolution::Retry => None,
        },
        _ => None,
    }
}

/// Whether a judged call may leave.
pub(crate) enum Passage {
    /// It may, with this approval if it needs one.
    Free(Option<ApprovalId>),
    /// It may not.
    Refused(ToolError),
    /// A person has to decide.
    Held,
}

/// Holds the calls of one task.
pub(crate) struct Hold {
    engine: Arc<Inner>,
    pub(crate) recorder: Arc<Recorder>,
    task: TaskId,
    pub(crate) authority: Authority,
}

impl Hold {
    pub(crate) fn new(engine: Arc<Inner>, recorder: Arc<Recorder>, task: &Task) -> Self {
        Self { engine, recorder, task: task.new.id, authority: task.new.authority.clone() }
    }

    /// Lets a judged call pass, or holds it. `approval` is what a person has decided about it, if one has.
    pub(crate) async fn pass(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        approval: Option<&CallDecided>,
    ) -> Result<Passage, Error> {
        let number = call.event.call;
        match (judged.decision.effect, approval) {
            (Effect::Deny, approval) => {
                self.void(approval);
                Ok(Passage::Refused(judged.denial()))
            }
            (Effect::Allow, None) => Ok(Passage::Free(None)),
            (Effect::RequireApproval, None) => self.hold(call, judged).await,
            (effect, Some(decided)) => {
                let envelope = judged.envelope().and_then(|envelope| envelope.digest());
                if envelope.ok() != Some(decided.envelope) {
                    self.void(approval);
                    return match effect {
                        Effect::Allow => Ok(Passage::Free(None)),
                        _ => self.hold(call, judged).await,
                    };
                }
                let approvers = &judged.decision.approvers;
                if effect == Effect::Allow || are_met(approvers, &decided.deciders, self.authority.account) {
                    return Ok(Passage::Free(Some(decided.approval)));
                }
                self.reopen(number, judged, decided).await
            }
        }
    }

    /// The same for a call that has left, and whose API asks something first. What was decided about it counts, unless
    /// today's policy wants others to decide.
    pub(crate) async fn pass_again(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        standing: &Standing,
    ) -> Result<Passage, Error> {
        let approvers = &judged.decision.approvers;
        let is_met = |decided: &CallDecided| are_met(approvers, &decided.deciders, self.authority.account);
        match judged.decision.effect {
            Effect::RequireApproval if standing.has_left && standing.decided.as_ref().is_some_and(is_met) => {
                Ok(Passage::Free(None))
            }
            _ => self.pass(call, judged, standing.approval()).await,
        }
    }

    /// Asks a person, unless one has approved this operation for the rest of the task.
    async fn hold(&self, call: &IssuedCall, judged: &Judged) -> Result<Passage, Error> {
        let number = call.event.call;
        let broken = |error: serde_json::Error| Error::Other(error.to_string());
        let envelope = judged.envelope().map_err(broken)?;
        let (mut approval, held) =
            self.asked(call, envelope, Some(judged.plan.summary()), judged.decision.clone())?;
        let (id, now) = (approval.id, approval.created_at);
        let granted = self
            .recorder
            .granted(held.operation)
            .filter(|granted| are_met(&held.approvers, &granted.deciders, self.authority.account));
        if let Some(granted) = granted {
            (approval.status, approval.decided_at) = (ApprovalStatus::Approved, Some(now));
            let decided = CallDecided {
                call: number,
                approval: id,
                envelope: held.envelope,
                arguments: None,
                ..granted
            };
            self.recorder.change_approval(ApprovalChange::Open(Box::new(approval)));
            self.recorder.record(Event::CallHeld(held));
            self.recorder.record(Event::CallDecided(decided));
            return Ok(Passage::Free(Some(id)));
        }
        self.wait(held, &judged.tool.path, ApprovalChange::Open(Box::new(approval))).await
    }

    /// Asks a person the question that the code asks, or gives what they have answered; nothing while nobody has.
    pub(crate) async fn ask(
        &self,
        call: &IssuedCall,
        decided: Option<&CallDecided>,
    ) -> Result<Option<Outcome>, Error> {
        if let Some(decided) = decided {
            self.recorder.change_approval(ApprovalChange::Use(decided.approval));
            return Ok(Some(Outcome::Completed(decided.answer.clone().unwrap_or_else(Json::null))));
        }
        let question = match question::read(&call.event) {
            Ok(question) => question,
            Err(error) => return Ok(Some(Outcome::Failed(error))),
        };
        let decision = question::decision(self.authority.account, "The code asks a question.".to_owned());
        let (approval, held) = self.asked(call, question::envelope(&question)?, None, decision)?;
        let path = approval.envelope.path.clone();
        self.wait(held, &path, ApprovalChange::Open(Box::new(approval))).await?;
        Ok(None)
    }

    /// An approval that nobody has decided about, and the event that it is waited for.
    pub(crate) fn asked(
        &self,
        call: &IssuedCall,
        envelope: Envelope,
        request: Option<RequestSummary>,
        decision: Decision,
    ) -> Result<(Approval, CallHeld), Error> {
        let broken = |error: serde_json::Error| Error::Other(error.to_string());
        let now = self.engine.clock.now();
        let id = ApprovalId::new(self.engine.ids.as_ref(), now);
        let held = CallHeld {
            call: call.event.call,
            approval: id,
            envelope: envelope.digest().map_err(broken)?,
            operation: envelope.operation_digest().map_err(broken)?,
            approvers: decision.approvers.clone(),
            until: now.plus_millis(self.engine.settings.approval_lifetime_ms),
            for_answer: false,
        };
        let approval = Approval {
            id,
            organization: self.authority.organization,
            workspace: self.authority.workspace,
            task: self.task,
            call: call.event.call,
            submitter: self.authority.account,
            status: ApprovalStatus::Open,
            version: 0,
            envelope,
            request,
            decision,
            votes: Vec::new(),
            line: call.event.line,
            created_at: now,
            expires_at: held.until,
            decided_at: None,
            is_sensitive: self.recorder.is_sensitive(),
        };
        Ok((approval, held))
    }

    /// Today's policy wants other people than those who have decided: it is asked for again, with what was said.
    async fn reopen(&self, call: u32, judged: &Judged, decided: &CallDecided) -> Result<Passage, Error> {
        let Some(held) = self.recorder.held(call) else {
            return Err(Error::Other(format!("call {call} is approved and was never held")));
        };
        let change = ApprovalChange::Reopen(decided.approval, Box::new(judged.decision.clone()));
        let held = CallHeld { approvers: judged.decision.approvers.clone(), ..held };
        self.wait(held, &judged.tool.path, change).await
    }

    /// Asks people, and webhooks are told so.
    pub(crate) async fn wait(
        &self,
        held: CallHeld,
        path: &ToolPath,
        change: ApprovalChange,
    ) -> Result<Passage, Error> {
        let messages = self.messages(&held, path).await?;
        self.recorder.ask(change, messages);
        let call = held.call;
        self.recorder.record(Event::CallHeld(held));
        self.recorder.change_known_call(call, |row| row.state = CallState::Held);
        metrics::counter!("executor_approvals_total").increment(1);
        self.recorder.flush(Durability::Synced).await?;
        Ok(Passage::Held)
    }

    /// What webhooks are told of what people are asked.
    pub(crate) async fn messages(&self, held: &CallHeld, path: &ToolPath) -> Result<Vec<NewDelivery>, Error> {
        self.engine.messages_of_held(&self.authority, self.task, held, path).await
    }

    /// Whoever drives the task looks again at what it waits for.
    pub(crate) fn poke(&self) {
        self.engine.live.poke(&[self.task]);
    }

    fn void(&self, approval: Option<&CallDecided>) {
        if let Some(decided) = approval {
            self.recorder.change_approval(ApprovalChange::Close(decided.approval, ApprovalStatus::Void));
        }
    }
}
