//! A call's way: judged at the gate, recorded, sent, and its outcome brought back.

use std::sync::Arc;
use std::time::Duration;

use executor_core::call::{CallNumber, CallState, Outcome};
use executor_core::journal::{CallIssued, CallJudged, CallStarted, CallUnknown, Event};
use executor_core::policy::Effect;
use executor_core::task::TaskLimits;
use executor_core::tool::SideEffect;
use executor_core::{ApprovalId, Digest, ErrorCode, Failure, Json, TaskId, Timestamp, ToolError};
use executor_egress::Injection;
use executor_sandbox::IssuedCall;
use executor_sources::{Answer, Payload, Performed, Sending};
use executor_store::{ApprovalChange, Authority, CallRow, Durability, Task};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Inner;
use crate::builtin;
use crate::dialogue::{Attending, Dialogue};
use crate::directory::Snapshot;
use crate::files;
use crate::gate::{self, Credential, Judged, Refusal};
use crate::hold::{Hold, Passage, settled_by_person};
use crate::question;
use crate::run::recorder::Recorder;

/// How long one call may take, unless its source says something else.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest that a source may give its calls.
pub(crate) const MOST_CALL_TIMEOUT: Duration = Duration::from_secs(600);

/// The namespace of the keys that go to APIs (RFC 9562, section 5.5). Any fixed value would do.
const IDEMPOTENCY_KEYS: Uuid = Uuid::from_u128(0x3f1c_5f0e_9a1b_4e0b_8a52_6d0b_0c2e_7715);

/// Carries out the calls of one attempt.
pub(crate) struct Caller {
    engine: Arc<Inner>,
    recorder: Arc<Recorder>,
    task: TaskId,
    authority: Authority,
    limits: TaskLimits,
    hold: Hold,
    /// Cancelled when the program has ended: nothing new starts, and nobody is asked anything.
    closed: CancellationToken,
}

/// Why a call has no outcome that the code could learn.
pub(crate) enum Interruption {
    /// The program ended before the call had started.
    Withdrawn,
    /// It waits for a person.
    Held,
    /// Nothing can be recorded at present.
    Storage(executor_store::Error),
    /// The task cannot go on.
    Failed(Failure),
}

impl From<executor_store::Error> for Interruption {
    fn from(error: executor_store::Error) -> Self {
        Self::Storage(error)
    }
}

impl Caller {
    pub(crate) fn new(engine: Arc<Inner>, recorder: Arc<Recorder>, task: &Task) -> Self {
        let (authority, limits) = (task.new.authority.clone(), task.new.limits);
        let hold = Hold::new(engine.clone(), recorder.clone(), task);
        Self {
            engine,
            recorder,
            task: task.new.id,
            authority,
            limits,
            hold,
            closed: CancellationToken::new(),
        }
    }

    pub(crate) fn limits(&self) -> &TaskLimits {
        &self.limits
    }

    /// Records that the code has made a call.
    pub(crate) fn record_issued(&self, issued: &CallIssued) {
        let at = self.recorder.record(Event::CallIssued(issued.clone()));
        let fresh = || CallRow {
            number: issued.call,
            path: issued.path.clone(),
            connection: None,
            state: CallState::Issued,
            side_effect: None,
            issued: issued.digest,
            sent: None,
            decision: None,
            error: None,
            issued_at: at,
            started_at: None,
            settled_at: None,
        };
        self.recorder.change_call(issued.call, fresh, |_| {});
    }

    /// Nothing new starts from here on.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    /// Records how a call ended, as the code learns it. What was written is made durable at once; nobody waits for it.
    pub(crate) fn settled(&self, call: CallNumber, outcome: &Outcome, at: Timestamp) {
        let (state, error) = match outcome {
            Outcome::Completed(_) => (CallState::Completed, None),
            Outcome::Failed(error) => {
                let state = match error.code {
                    ErrorCode::OutcomeUnknown => CallState::Unknown,
                    ErrorCode::PolicyDenied | ErrorCode::ApprovalDenied => CallState::Denied,
                    _ => CallState::Failed,
                };
                (state, Some(error.code))
            }
        };
        let mut wrote = false;
        self.change(call, |row| {
            row.state = state;
            row.error = error;
            row.settled_at = Some(at);
            wrote = row.started_at.is_some() && row.side_effect.is_some_and(|effect| !effect.is_read());
        });
        metrics::counter!("executor_calls_total", "state" => state.as_str()).increment(1);
        if wrote {
            let recorder = self.recorder.clone();
            // A failure shows at the next flush, which somebody waits for.
            tokio::spawn(async move { recorder.flush(Durability::Synced).await });
        }
    }

    /// Takes a call on from where it stands, to its outcome or to where it waits for a person.
    pub(crate) async fn carry_out(&self, call: IssuedCall) -> Result<Outcome, Interruption> {
        let issued = &call.event;
        let standing = self.recorder.standing(issued.call);
        if let Some(outcome) = settled_by_person(issued, &standing) {
            return Ok(outcome);
        }
        if standing.waits() {
            return Err(Interruption::Held);
        }
        if issued.path == question::PATH {
            return self.hold.ask(&call, standing.approval()).await?.ok_or(Interruption::Held);
        }
        if standing.state == CallState::Started && standing.side_effect == Some(SideEffect::Write) {
            return self.lose(issued.call).await;
        }
        let _sending = self.engine.sendings.enter(self.authority.workspace).await;
        let snapshot = self.snapshot().await?;
        let Some(principal) = self.engine.directory.principal(&self.authority).await? else {
            let message = "Whose task this is has no place here any more, or the key was revoked.";
            return Ok(Outcome::Failed(ToolError::new(ErrorCode::Forbidden, &issued.path, message)));
        };
        if let Some(outcome) = builtin::answer(&self.engine, &principal, &snapshot, issued).await? {
            return Ok(outcome);
        }
        let approval = standing.approval();
        let asked = standing.asked_by_api();
        let edited = approval.and_then(|decided| decided.arguments.as_ref());
        let arguments = edited.or(asked.map(|dialogue| &dialogue.asked.arguments));
        let judged = gate::judge(
            &self.engine,
            &principal,
            &snapshot,
            &issued.path,
            arguments.unwrap_or(&issued.arguments),
            &issued.options,
        );
        let judged = match judged.await {
            Ok(judged) => judged,
            Err(Refusal::Tool(_)) if standing.may_have_written() => return self.lose(issued.call).await,
            Err(Refusal::Tool(error)) => return Ok(Outcome::Failed(error)),
            Err(Refusal::Storage(error)) => return Err(error.into()),
        };
        self.record_judged(issued.call, &judged);
        let same = standing.sent == Some(judged.plan.digest());
        if standing.state == CallState::Started {
            if standing.may_have_written() && !(same && judged.decision.effect != Effect::Deny) {
                return self.lose(issued.call).await;
            }
            // Its approval, if it needed one, is used: this is the same request once more.
            return self.send(&call, judged, None, asked).await;
        }
        let passage = match asked {
            None => self.hold.pass(&call, &judged, approval).await?,
            Some(_) if !same => {
                let message =
                    format!("`{}` has changed while its API waited for an answer.", judged.tool.path);
                let error = ToolError::new(ErrorCode::UpstreamError, &issued.path, message);
                return Ok(Outcome::Failed(error.with_hint("Make the call again.")));
            }
            Some(dialogue) => match self.hold.ask_next(&call, &judged, dialogue).await? {
                true => Passage::Held,
                false => self.hold.pass_again(&call, &judged, &standing).await?,
            },
        };
        let approval = match passage {
            Passage::Free(approval) => approval,
            Passage::Refused(error) => return Ok(Outcome::Failed(error)),
            Passage::Held => return Err(Interruption::Held),
        };
        for decided in asked.into_iter().flat_map(Dialogue::approved) {
            self.recorder.change_approval(ApprovalChange::Use(decided.approval));
        }
        self.send(&call, judged, approval, asked).await
    }

    /// After a crash nobody knows whether a request had left that must not be repeated. A person has to say.
    async fn lose(&self, call: CallNumber) -> Result<Outcome, Interruption> {
        self.recorder.record(Event::CallUnknown(CallUnknown { call }));
        self.change(call, |row| row.state = CallState::Unknown);
        self.recorder.flush(Durability::Synced).await?;
        Err(Interruption::Held)
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, executor_store::Error> {
        self.engine.directory.snapshot(self.authority.organization, self.authority.workspace).await
    }

    fn record_judged(&self, call: CallNumber, judged: &Judged) {
        let path = judged.tool.path.to_string();
        let connection = judged.credential.as_ref().map(|credential| credential.connection.id);
        let decision = judged.decision.clone();
        self.recorder.record(Event::CallJudged(CallJudged {
            call,
            path: path.clone(),
            connection,
            decision: decision.clone(),
        }));
        let side_effect = judged.tool.tool.side_effect;
        self.change(call, |row| {
            row.path = path;
            row.connection = connection;
            row.side_effect = Some(side_effect);
            row.decision = Some(decision);
        });
    }

    /// Sends the request, with what people have answered to its API if it had asked.
    async fn send(
        &self,
        issued: &IssuedCall,
        judged: Judged,
        approval: Option<ApprovalId>,
        asked: Option<&Dialogue>,
    ) -> Result<Outcome, Interruption> {
        let call = issued.event.call;
        let path = judged.tool.path.clone();
        let injection = match &judged.credential {
            Some(credential) => match self.injection(credential, &judged).await {
                Ok(injection) => injection,
                Err(error) => return Ok(Outcome::Failed(error)),
            },
            None => None,
        };
        let files = match files::read(&self.engine, self.authority.workspace, &path, &judged.plan).await {
            Ok(files) => files,
            Err(Refusal::Tool(error)) => return Ok(Outcome::Failed(error)),
            Err(Refusal::Storage(error)) => return Err(error.into()),
        };
        if self.closed.is_cancelled() {
            self.recorder.withdraw(call);
            return Err(Interruption::Withdrawn);
        }
        let side_effect = judged.tool.tool.side_effect;
        if !side_effect.is_read() {
            self.check_space()?;
        }
        let sent = judged.plan.digest();
        let mut plan = judged.plan.clone();
        if let Some(header) = plan.idempotency_header.take() {
            plan.headers.push((header, self.idempotency_key(call, sent)));
        }
        let at = self.recorder.record(Event::CallStarted(CallStarted {
            call,
            sent,
            request: plan.summary(),
            repeatable: side_effect.may_repeat(),
        }));
        self.change(call, |row| {
            row.state = CallState::Started;
            row.sent = Some(sent);
            row.started_at = Some(at);
        });
        if let Some(approval) = approval {
            self.recorder.change_approval(ApprovalChange::Use(approval));
        }
        if !side_effect.is_read() && self.engine.settings.output_commit {
            self.recorder.flush(Durability::Synced).await?;
        }
        let kept_for = match &judged.credential {
            Some(credential) => credential.connection.id.uuid(),
            None => self.authority.workspace.uuid(),
        };
        let sending = Sending {
            path: &path,
            plan,
            files,
            side_effect,
            kept_for: Some(kept_for),
            injection,
            timeout: judged.timeout.min(Duration::from_millis(self.limits.timeout_ms)),
            answers: asked.map(Dialogue::answers),
            attendant: &Attending::new(&self.hold, issued, &judged, &self.closed),
        };
        match judged.kind.perform(sending).await {
            Performed::NeedsInput(input) => self.hold.ask_for_api(issued, &judged, input, asked).await,
            Performed::Completed(answer) if judged.options.paginate => Ok(judged.page(&answer)),
            Performed::Completed(answer) => {
                self.payload(answer, judged.options.response, path.as_str()).await
            }
            Performed::Failed(error) | Performed::Unknown(error) => Ok(Outcome::Failed(error)),
        }
    }

    /// What an API knows this request by, if it comes again: the same in each attempt.
    fn idempotency_key(&self, call: CallNumber, sent: Digest) -> String {
        let name = format!("{}/{call}/{sent}", self.task);
        Uuid::new_v5(&IDEMPOTENCY_KEYS, name.as_bytes()).to_string()
    }

    /// What an effect leads to has to be recorded, so nothing that has one leaves while the disk is nearly full.
    fn check_space(&self) -> Result<(), Interruption> {
        let least = self.engine.settings.least_free_bytes;
        match self.engine.store.free_bytes() {
            Some(free) if free < least => {
                let message = format!(
                    "{} MiB are free on the disk, and no call that writes is made with less than {} MiB.",
                    free >> 20,
                    least >> 20
                );
                Err(Interruption::Failed(Failure::new(ErrorCode::StorageFull, message)))
            }
            _ => Ok(()),
        }
    }

    async fn injection(
        &self,
        credential: &Credential,
        judged: &Judged,
    ) -> Result<Option<Injection>, ToolError> {
        let path = judged.tool.path.as_str();
        let origin = judged.plan.url.origin();
        let injection = self.engine.injection(&credential.connection, &credential.slots, origin).await;
        injection.map_err(|reason| ToolError::new(ErrorCode::CredentialUnavailable, path, reason))
    }

    /// The value that the code gets of an answer.
    async fn payload(
        &self,
        answer: Answer,
        with_response: bool,
        path: &str,
    ) -> Result<Outcome, Interruption> {
        let data = match answer.payload {
            Payload::Json(value) => value,
            Payload::Text(text) => Json::from_serialize(&text).unwrap_or_else(|_| Json::null()),
            Payload::Empty => Json::null(),
            Payload::Binary { bytes, mime_type, name } => {
                let size = bytes.len();
                let blob = self.engine.blobs.put(self.authority.workspace, bytes.to_vec()).await?;
                (&json!({ "name": name, "mimeType": mime_type, "size": size, "blob": blob })).into()
            }
        };
        if !with_response {
            return Ok(Outcome::Completed(data));
        }
        #[derive(serde::Serialize)]
        struct Whole<'a> {
            data: Json,
            status: u16,
            headers: &'a std::collections::BTreeMap<String, String>,
        }
        let whole = Json::from_serialize(&Whole { data, status: answer.status, headers: &answer.headers });
        Ok(match whole {
            Ok(whole) => Outcome::Completed(whole),
            Err(error) => {
                Outcome::Failed(ToolError::new(ErrorCode::UpstreamInvalid, path, error.to_string()))
            }
        })
    }

    fn change(&self, call: CallNumber, change: impl FnOnce(&mut CallRow)) {
        self.recorder.change_known_call(call, change);
    }
}
