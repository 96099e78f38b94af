//! Approvals: look, decide, take back; and calls of which only a person knows what became of them.

use executor_core::approval::{
    ApprovalStatus, ApproverCondition, Decider, Verdict, Vote, may_model_decide, require_approver,
    require_model_approver,
};
use executor_core::call::{CallNumber, CallState, Resolution};
use executor_core::journal::{CallIssued, CallResolved, Event};
use executor_core::policy::{ConnectionMatch, Effect, Layer};
use executor_core::{
    AccountId, ApprovalId, AuditAction, AuditEntry, ErrorCode, Failure, Json, Principal, Scope, TaskId,
};
use executor_store::{Approval, ApprovalFilter, Error, Task};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::json;

use super::Workspace;
use super::tasks::{LOOK_AGAIN, bad_cursor};
use crate::approvals::{self, Terms};
use crate::calls::CALL_TIMEOUT;
use crate::failure::{StoreResult, of_store};
use crate::gate::{self, Refusal};
use crate::question;
use crate::redact::redacted;
use crate::run::signals::Wish;
use crate::sight;
use crate::view::{
    ApprovalView, ApproverVote, CallView, NewRule, Page, PageRequest, Remember, ResolveApproval, ResolveCall,
};

impl Workspace {
    /// The approvals, newest first (scope `read` or `approve`).
    pub async fn approvals(
        &self,
        status: Option<ApprovalStatus>,
        task: Option<TaskId>,
        page: &PageRequest,
    ) -> Result<Page<ApprovalView>, Failure> {
        self.may_see_approvals()?;
        let before = match &page.cursor {
            Some(cursor) => Some(cursor.parse().map_err(|_| bad_cursor())?),
            None => None,
        };
        let size = page.size();
        let filter = ApprovalFilter { status, task, before };
        let mut found = self.engine.store.approvals(self.id, filter, size + 1).await.shown()?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let next_cursor = found.last().filter(|_| more).map(|approval| approval.id.to_string());
        let items = found.iter().map(|approval| self.approval_view(approval)).collect();
        Ok(Page { items, next_cursor })
    }

    /// The open approvals, and then each that is asked for or closed, as it happens (scope `read` or `approve`). Never
    /// ends by itself.
    pub fn follow_approvals(&self) -> Result<BoxStream<'static, Result<ApprovalView, Failure>>, Failure> {
        self.may_see_approvals()?;
        let state = (self.clone(), Vec::<(ApprovalId, i64)>::new());
        let pages = futures::stream::unfold(state, |(workspace, seen)| async move {
            match workspace.next_approvals(&seen).await {
                Ok((changed, seen)) => {
                    let changed: Vec<_> = changed.into_iter().map(Ok).collect();
                    Some((futures::stream::iter(changed), (workspace, seen)))
                }
                Err(failure) => Some((futures::stream::iter(vec![Err(failure)]), (workspace, seen))),
            }
        });
        Ok(pages.flatten().boxed())
    }

    /// Waits until the open approvals are others than those that were seen, each with its version. Gives what has
    /// changed, and what is open now.
    async fn next_approvals(
        &self,
        seen: &[(ApprovalId, i64)],
    ) -> Result<(Vec<ApprovalView>, Vec<(ApprovalId, i64)>), Failure> {
        const MOST: u32 = 1_000;
        let open = ApprovalFilter { status: Some(ApprovalStatus::Open), ..ApprovalFilter::default() };
        loop {
            let found = self.engine.store.approvals(self.id, open, MOST).await.shown()?;
            let now: Vec<_> = found.iter().map(|approval| (approval.id, approval.version)).collect();
            let mut changed: Vec<_> =
                found.iter().rev().filter(|one| !seen.contains(&(one.id, one.version))).cloned().collect();
            for (id, _) in seen.iter().filter(|(id, _)| !now.iter().any(|(open, _)| open == id)) {
                changed.push(self.stored_approval(*id).await?);
            }
            if !changed.is_empty() {
                return Ok((changed.iter().map(|approval| self.approval_view(approval)).collect(), now));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// An approval with everything that a person needs to decide (scope `read` or `approve`).
    pub async fn approval(&self, id: ApprovalId) -> Result<ApprovalView, Failure> {
        self.may_see_approvals()?;
        let approval = self.stored_approval(id).await?;
        let mut view = self.approval_view(&approval);
        let task = self.stored(approval.task).await?;
        let calls = self.engine.store.calls(self.id, approval.task).await.shown()?;
        view.done_so_far =
            Some(calls.into_iter().filter(|call| call.number != approval.call).map(CallView::from).collect());
        view.code = Some(task.new.code);
        Ok(if self.sees_approval(&approval) { view } else { sight::approval(view) })
    }

    /// Decides (scope `approve`, and a place among the approvers). One denial is enough; an approval may take several
    /// people. [`ErrorCode::ApprovalClosed`] if there is nothing to decide any more.
    pub async fn resolve_approval(
        &self,
        id: ApprovalId,
        wanted: ResolveApproval,
    ) -> Result<ApprovalView, Failure> {
        self.resolve(id, wanted, require_approver).await
    }

    /// Decides as the principal's agent (scope `run`), which only a rule with `modelMayApprove` lets it. It can neither
    /// edit nor remember.
    pub async fn resolve_approval_as_model(
        &self,
        id: ApprovalId,
        decision: Verdict,
    ) -> Result<ApprovalView, Failure> {
        let reason = Some("Decided by the agent.".to_owned());
        let wanted = ResolveApproval { decision, reason, ..ResolveApproval::plain(decision) };
        self.resolve(id, wanted, require_model_approver).await
    }

    async fn resolve(
        &self,
        id: ApprovalId,
        wanted: ResolveApproval,
        require: fn(&Principal, &[ApproverCondition], AccountId) -> Result<(), Failure>,
    ) -> Result<ApprovalView, Failure> {
        loop {
            let approval = self.open_approval(id).await?;
            require(&self.principal, &approval.decision.approvers, approval.submitter)?;
            let (approval, terms) = self.terms(approval, &wanted).await?;
            let vote = Vote {
                decider: Decider::from(&self.principal),
                verdict: wanted.decision,
                reason: wanted.reason.clone(),
                at: self.engine.clock.now(),
            };
            match approvals::vote(
                &self.engine,
                approval,
                vote,
                terms,
                self.audit(AuditAction::ApprovalDecided),
            )
            .await
            {
                Ok(approval) => {
                    if wanted.remember == Some(Remember::Rule) && wanted.decision == Verdict::Approve {
                        self.add_rule(proposed_rule(&approval)).await?;
                    }
                    return Ok(self.approval_view(&approval));
                }
                // Somebody else was faster: look again at what they made of it.
                Err(Error::Changed) => {}
                Err(error) => return Err(of_store(&error)),
            }
        }
    }

    /// Waits until nobody can decide about an approval any more, or decide anew.
    pub async fn wait_for_decision(&self, id: ApprovalId) -> Result<(), Failure> {
        while self.stored_approval(id).await?.status.is_open() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Takes an approval back, which denies the call (its submitter with scope `run`, or an approver).
    pub async fn withdraw_approval(
        &self,
        id: ApprovalId,
        reason: Option<String>,
    ) -> Result<ApprovalView, Failure> {
        loop {
            let approval = self.open_approval(id).await?;
            if approval.submitter == self.principal.account {
                self.principal.require(Scope::Run)?;
            } else {
                require_approver(&self.principal, &approval.decision.approvers, approval.submitter)?;
            }
            let (withdrawn, audit) = (ApprovalStatus::Withdrawn, self.audit(AuditAction::ApprovalDecided));
            match approvals::close_as(&self.engine, approval, withdrawn, reason.clone(), audit).await {
                Ok(approval) => return Ok(self.approval_view(&approval)),
                Err(Error::Changed) => {}
                Err(error) => return Err(of_store(&error)),
            }
        }
    }

    /// Says what became of a call that must not be repeated and of which no answer came (scope `approve`).
    /// [`ErrorCode::CallNotUnknown`] if that is known, or may still become known.
    pub async fn resolve_call(
        &self,
        task: TaskId,
        call: CallNumber,
        wanted: ResolveCall,
    ) -> Result<CallView, Failure> {
        self.principal.require(Scope::Approve)?;
        let found = self.stored(task).await?;
        let calls = self.engine.store.calls(self.id, task).await.shown()?;
        let Some(row) = calls.into_iter().find(|row| row.number == call) else {
            let message = format!("Task {task} has no call {call}.");
            return Err(Failure::new(ErrorCode::NotFound, message));
        };
        let not_unknown = |why: String| Err(Failure::new(ErrorCode::CallNotUnknown, why));
        if row.state != CallState::Unknown {
            return not_unknown(format!("Call {call} is {}.", row.state.as_str()));
        }
        if found.status.is_final() {
            return not_unknown(format!("Task {task} has ended, and its code learns nothing any more."));
        }
        if row.settled_at.is_some() {
            return not_unknown(format!("The code has learnt that nobody knows what became of call {call}."));
        }
        let now = self.engine.clock.now();
        let limit = i64::try_from(CALL_TIMEOUT.as_millis()).unwrap_or(i64::MAX);
        if let Some(started) = row.started_at.filter(|started| started.plus_millis(limit) > now) {
            let left = started.plus_millis(limit).millis_since(now).div_ceil(1_000);
            return not_unknown(format!("Call {call} may still be under way for {left} s."));
        }
        let resolved = Wish::Resolved(CallResolved {
            call,
            by: self.principal.account,
            resolution: Resolution::from(&wanted),
            reason: wanted.reason.clone(),
        });
        let audit = self
            .audit(AuditAction::CallResolved)
            .on(format!("{task}/{call}"))
            .with(&json!({ "path": row.path, "outcome": wanted.outcome, "reason": wanted.reason }));
        self.leave(&found, &resolved, audit).await?;
        Ok(CallView::from(row))
    }

    /// Leaves a wish for whoever holds the task's lease.
    pub(super) async fn leave(&self, task: &Task, wish: &Wish, audit: AuditEntry) -> Result<(), Failure> {
        let now = self.engine.clock.now();
        let id = self.engine.ids.next_uuid(now).simple().to_string();
        let signal = wish
            .signal(self.id, task.new.id, id, now, task.new.is_sensitive)
            .map_err(|error| Failure::new(ErrorCode::InvalidRequest, error.to_string()))?;
        self.engine.store.signal_task(signal, audit).await.shown()?;
        self.engine.tell(task.new.id);
        Ok(())
    }

    /// The open approvals of a task, by call.
    pub(super) async fn open_approvals(&self, task: TaskId) -> Result<Vec<ApprovalView>, Failure> {
        const MOST: u32 = 200;
        let filter = ApprovalFilter { status: Some(ApprovalStatus::Open), task: Some(task), before: None };
        let mut found = self.engine.store.approvals(self.id, filter, MOST).await.shown()?;
        found.sort_by_key(|approval| approval.call);
        Ok(found.iter().map(|approval| self.approval_view(approval)).collect())
    }

    fn may_see_approvals(&self) -> Result<(), Failure> {
        if self.principal.scopes.contains(&Scope::Approve) {
            Ok(())
        } else {
            self.principal.require(Scope::Read)
        }
    }

    async fn stored_approval(&self, id: ApprovalId) -> Result<Approval, Failure> {
        self.engine.store.approval(self.id, id).await.map_err(|error| match error {
            Error::NotFound(_) => {
                Failure::new(ErrorCode::NotFound, format!("There is no approval {id} in this workspace."))
            }
            other => of_store(&other),
        })
    }

    async fn open_approval(&self, id: ApprovalId) -> Result<Approval, Failure> {
        let approval = self.stored_approval(id).await?;
        let closed =
            |why: &str| Err(Failure::new(ErrorCode::ApprovalClosed, format!("Approval {id} {why}.")));
        match approval.status {
            ApprovalStatus::Open if approval.expires_at <= self.engine.clock.now() => closed("has expired"),
            ApprovalStatus::Open => Ok(approval),
            ApprovalStatus::Approved | ApprovalStatus::Used => closed("is approved already"),
            ApprovalStatus::Denied => closed("is denied already"),
            ApprovalStatus::Expired => closed("has expired"),
            ApprovalStatus::Withdrawn => closed("is wanted no more: its task has ended or it was taken back"),
            ApprovalStatus::Void => closed("counts no more: what was asked for has changed"),
        }
    }

    /// The approval with what the decision changes of it. Edited arguments are checked and judged now.
    async fn terms(
        &self,
        approval: Approval,
        wanted: &ResolveApproval,
    ) -> Result<(Approval, Terms), Failure> {
        let terms = Terms {
            arguments: None,
            answer: wanted.answer.clone(),
            reason: wanted.reason.clone(),
            for_task: wanted.remember == Some(Remember::Task),
        };
        check_answer(&approval, wanted)?;
        match &wanted.arguments {
            None => Ok((approval, terms)),
            Some(_) if wanted.decision == Verdict::Deny => Err(Failure::new(
                ErrorCode::InvalidRequest,
                "A denial takes no `arguments`: nothing will be sent.",
            )),
            Some(_) if !approval.votes.is_empty() => Err(Failure::new(
                ErrorCode::InvalidRequest,
                "Others have approved the arguments as they are; deny the call, or approve it unchanged.",
            )),
            Some(arguments) => self.edited(approval, arguments, terms).await,
        }
    }

    async fn edited(
        &self,
        mut approval: Approval,
        arguments: &Json,
        terms: Terms,
    ) -> Result<(Approval, Terms), Failure> {
        let task = self.stored(approval.task).await?;
        let issued = self.issued_call(&task, approval.call).await?;
        let gone = || Failure::new(ErrorCode::Forbidden, "Whose task this is has no place here any more.");
        let submitter =
            self.engine.directory.principal(&task.new.authority).await.shown()?.ok_or_else(gone)?;
        let snapshot = self.snapshot().await?;
        let judged = gate::judge(
            &self.engine,
            &submitter,
            &snapshot,
            approval.envelope.path.as_str(),
            arguments,
            &issued.options,
        );
        let judged = match judged.await {
            Ok(judged) => judged,
            Err(Refusal::Tool(error)) => return Err(error.into()),
            Err(Refusal::Storage(error)) => return Err(of_store(&error)),
        };
        if judged.decision.effect == Effect::Deny {
            return Err(judged.denial().into());
        }
        let envelope = judged.envelope();
        approval.envelope =
            envelope.map_err(|error| Failure::new(ErrorCode::InvalidRequest, error.to_string()))?;
        approval.request = Some(judged.plan.summary());
        let arguments = Some(approval.envelope.arguments.clone());
        Ok((approval, Terms { arguments, ..terms }))
    }

    /// A call as the code gave it.
    async fn issued_call(&self, task: &Task, call: CallNumber) -> Result<CallIssued, Failure> {
        let mut after = 0;
        loop {
            let page = self.engine.store.journal(self.id, task.new.id, after, 1_000).await.shown()?;
            let Some(last) = page.last() else {
                return Err(Failure::new(ErrorCode::NotFound, format!("The journal has no call {call}.")));
            };
            after = last.seq;
            let issued = page.into_iter().find_map(|entry| match entry.event {
                Event::CallIssued(issued) if issued.call == call => Some(issued),
                _ => None,
            });
            if let Some(issued) = issued {
                return Ok(issued);
            }
        }
    }

    /// Whether the principal sees what is to be sent: who may decide about it does.
    fn sees_approval(&self, approval: &Approval) -> bool {
        !approval.is_sensitive
            || sight::sees(&self.principal, approval.submitter)
            || require_approver(&self.principal, &approval.decision.approvers, approval.submitter).is_ok()
    }

    fn approval_view(&self, approval: &Approval) -> ApprovalView {
        let view = self.whole_approval_view(approval);
        if self.sees_approval(approval) { view } else { sight::approval(view) }
    }

    fn whole_approval_view(&self, approval: &Approval) -> ApprovalView {
        let may_decide =
            require_approver(&self.principal, &approval.decision.approvers, approval.submitter).is_ok();
        ApprovalView {
            id: approval.id,
            url: self.engine.approval_url(approval.id),
            workspace: approval.workspace,
            task: approval.task,
            call: approval.call,
            submitter: approval.submitter,
            status: approval.status,
            path: approval.envelope.path.clone(),
            origin: approval.envelope.origin.clone(),
            connection: approval.envelope.connection,
            arguments: redacted(&approval.envelope.arguments),
            request: approval.request.clone(),
            reason: approval.decision.decided_by.reason.clone(),
            rule: approval.decision.decided_by.rule,
            approvers: approval.decision.approvers.clone(),
            votes: approval.votes.iter().map(ApproverVote::from).collect(),
            may_decide: may_decide && approval.status.is_open(),
            model_may_decide: may_model_decide(&approval.decision.approvers),
            line: approval.line,
            created_at: approval.created_at,
            expires_at: approval.expires_at,
            decided_at: approval.decided_at,
            question: question::of(approval),
            proposed_rule: (approval.request.is_some()).then(|| proposed_rule(approval)),
            code: None,
            done_so_far: None,
        }
    }
}

/// Fails with [`ErrorCode::InvalidRequest`] unless a question is answered, and only a question.
fn check_answer(approval: &Approval, wanted: &ResolveApproval) -> Result<(), Failure> {
    let invalid = |what: &str| Err(Failure::new(ErrorCode::InvalidRequest, what));
    let approves = wanted.decision == Verdict::Approve;
    match (question::of(approval), &wanted.answer) {
        (None, None) => Ok(()),
        (None, Some(_)) => invalid("This is no question, so it takes no `answer`."),
        (Some(_), _) if wanted.arguments.is_some() || wanted.remember.is_some() => {
            invalid("A question takes an `answer`, and neither `arguments` nor `remember`.")
        }
        (Some(question), Some(answer)) if approves => question::check(&question, answer),
        (Some(_), None) if approves => invalid("A question wants an `answer`, or the decision `deny`."),
        (Some(_), Some(_)) => invalid("Who denies a question gives no `answer`."),
        (Some(_), None) => Ok(()),
    }
}

/// The rule that would let such calls pass without asking: shown before it is saved.
fn proposed_rule(approval: &Approval) -> NewRule {
    NewRule {
        layer: Some(Layer::Workspace),
        position: None,
        tools: (&approval.envelope.path).into(),
        effect: Effect::Allow,
        connection: approval.envelope.connection.map(ConnectionMatch::Id),
        caller: None,
        condition: None,
        approvers: None,
    }
}
