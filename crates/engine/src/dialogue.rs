//! What an API asks a person in the middle of a call: a question among the approvals, and back to the API as an answer.
//!
//! Invariants:
//! - Who asks is said by us: title and reason are ours, and the API's own words are quoted as such.
//! - No form asks for a secret: answers are kept in the journal.
//! - Where the API has ended the request, the call is held as rows, and the same request goes out again with the answers.
//!   Where the request stays open, the question lives as long as the request, and no longer than [`MOST_LIVE`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use executor_core::approval::{ApprovalStatus, Envelope, Question};
use executor_core::call::Outcome;
use executor_core::journal::{AskedQuestion, CallAsked, CallDecided, CallHeld, CallProgress, Event};
use executor_core::{Digest, ErrorCode, Json, ToolError};
use executor_sandbox::IssuedCall;
use executor_sources::{Answers, Asked, Attendant, BoxFuture, Input, Progress, Reply, Wanted};
use executor_store::{ApprovalChange, Error};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::calls::Interruption;
use crate::gate::Judged;
use crate::hold::Hold;
use crate::question;
use crate::redact::is_secret;

/// How long a request is kept open for answers, all of them together.
const MOST_LIVE: Duration = Duration::from_secs(10 * 60);

/// How often the API of one call may ask.
const MOST_ROUNDS: u32 = 10;

/// How much of what an API says is kept.
const MOST_MESSAGE_CHARACTERS: usize = 4_000;
const MOST_PROGRESS_CHARACTERS: usize = 300;

/// How often progress is noted, and how often for one call.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
const MOST_PROGRESS: u32 = 600;

/// What an API asks about one call, and what has been answered.
#[derive(Debug, Clone)]
pub(crate) struct Dialogue {
    pub(crate) asked: CallAsked,
    /// The question that waits.
    pub(crate) held: Option<CallHeld>,
    /// In the order of the questions.
    pub(crate) decided: Vec<CallDecided>,
}

impl Dialogue {
    pub(crate) fn new(asked: CallAsked) -> Self {
        Self { asked, held: None, decided: Vec::new() }
    }

    /// The question that nobody has been asked yet.
    fn next(&self) -> Option<&AskedQuestion> {
        self.asked.questions.get(self.decided.len()).filter(|_| self.held.is_none())
    }

    /// What goes back to the API, once all is answered.
    pub(crate) fn answers(&self) -> Answers {
        let answered = self.asked.questions.iter().zip(&self.decided);
        let replies = answered.map(|(asked, decided)| (asked.key.clone(), reply(decided))).collect();
        Answers { replies, state: self.asked.state.clone() }
    }

    /// The answers that people gave.
    pub(crate) fn approved(&self) -> impl Iterator<Item = &CallDecided> {
        self.decided.iter().filter(|decided| decided.status == ApprovalStatus::Approved)
    }
}

fn reply(decided: &CallDecided) -> Reply {
    match decided.status {
        ApprovalStatus::Approved => Reply::Accepted(decided.answer.clone().unwrap_or_else(Json::null)),
        ApprovalStatus::Denied => Reply::Declined,
        _ => Reply::Cancelled,
    }
}

impl Hold {
    /// Holds a call whose API wants answers before it goes on. The call has failed where nobody can be asked that.
    pub(crate) async fn ask_for_api(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        input: Input,
        before: Option<&Dialogue>,
    ) -> Result<Outcome, Interruption> {
        let path = judged.tool.path.as_str();
        let refuse = |code, message: String| Ok(Outcome::Failed(ToolError::new(code, path, message)));
        let round = before.map_or(0, |before| before.asked.round) + 1;
        if round > MOST_ROUNDS {
            let message = format!("The API of `{path}` asks a person for the {round}th time.");
            return refuse(ErrorCode::UpstreamError, message);
        }
        let questions = input.questions.into_iter().map(|asked| written(judged, asked));
        let questions = match questions.collect::<Result<Vec<_>, _>>() {
            Ok(questions) => questions,
            Err(message) => return refuse(ErrorCode::UpstreamError, message),
        };
        let (arguments, state) = (judged.arguments.clone(), input.state);
        let asked = CallAsked { call: call.event.call, round, arguments, questions, state, live: false };
        self.recorder.record(Event::CallAsked(asked.clone()));
        self.ask_next(call, judged, &Dialogue::new(asked)).await?;
        Err(Interruption::Held)
    }

    /// Asks a person what the API asks next; false if nothing is left.
    pub(crate) async fn ask_next(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        dialogue: &Dialogue,
    ) -> Result<bool, Error> {
        let Some(next) = dialogue.next() else { return Ok(false) };
        let (change, held) = self.api_question(call, judged, &next.question)?;
        self.wait(held, &judged.tool.path, change).await?;
        Ok(true)
    }

    fn api_question(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        asked: &Question,
    ) -> Result<(ApprovalChange, CallHeld), Error> {
        let reason = format!("The API of `{}` asks this in the middle of the call.", judged.tool.path);
        let envelope = Envelope {
            path: judged.tool.path.clone(),
            operation: Digest::of(b"elicitation"),
            origin: judged.plan.origin(),
            connection: judged.credential.as_ref().map(|credential| credential.connection.id),
            arguments: Json::from_serialize(asked).map_err(|error| Error::Other(error.to_string()))?,
        };
        let decision = question::decision(self.authority.account, reason);
        let (approval, held) = self.asked(call, envelope, None, decision)?;
        Ok((ApprovalChange::Open(Box::new(approval)), CallHeld { for_answer: true, ..held }))
    }

    /// Asks while the request stays open, for as long as that may be.
    async fn ask_live(
        &self,
        call: &IssuedCall,
        judged: &Judged,
        asked: Asked,
        closed: &CancellationToken,
        patience: Duration,
    ) -> Result<Reply, Error> {
        let number = call.event.call;
        let round = self.recorder.standing(number).dialogue.map_or(0, |before| before.asked.round) + 1;
        if round > MOST_ROUNDS || patience.is_zero() {
            return Ok(Reply::Cancelled);
        }
        let Ok(asked) = written(judged, asked) else { return Ok(Reply::Cancelled) };
        let (mut change, mut held) = self.api_question(call, judged, &asked.question)?;
        if let ApprovalChange::Open(approval) = &mut change {
            let until =
                approval.created_at.plus_millis(i64::try_from(patience.as_millis()).unwrap_or(i64::MAX));
            approval.expires_at = approval.expires_at.min(until);
            held.until = approval.expires_at;
        }
        let arguments = judged.arguments.clone();
        let asked =
            CallAsked { call: number, round, arguments, questions: vec![asked], state: None, live: true };
        self.recorder.record(Event::CallAsked(asked));
        let mut grown = self.recorder.watch();
        let limit = Instant::now() + patience;
        let messages = self.messages(&held, &judged.tool.path).await?;
        self.recorder.ask(change, messages);
        self.recorder.record(Event::CallHeld(held.clone()));
        let open = LiveQuestion { hold: self, held };
        metrics::counter!("executor_approvals_total").increment(1);
        self.recorder.flush(executor_store::Durability::Synced).await?;
        self.poke();
        loop {
            if let Some(decided) = open.decided() {
                if decided.status == ApprovalStatus::Approved {
                    self.recorder.change_approval(ApprovalChange::Use(decided.approval));
                }
                return Ok(reply(&decided));
            }
            tokio::select! {
                grown = grown.changed() => if grown.is_err() { return Ok(Reply::Cancelled) },
                () = closed.cancelled() => return Ok(Reply::Cancelled),
                () = tokio::time::sleep_until(limit) => return Ok(Reply::Cancelled),
            }
        }
    }
}

/// A question that people can answer as long as its request is open.
struct LiveQuestion<'a> {
    hold: &'a Hold,
    held: CallHeld,
}

impl LiveQuestion<'_> {
    fn decided(&self) -> Option<CallDecided> {
        let dialogue = self.hold.recorder.standing(self.held.call).dialogue?;
        dialogue.decided.into_iter().find(|decided| decided.approval == self.held.approval)
    }
}

impl Drop for LiveQuestion<'_> {
    fn drop(&mut self) {
        self.hold.recorder.close_live_question(self.held.call);
        self.hold.poke();
    }
}

/// Hears what an API says while a call's request is open.
pub(crate) struct Attending<'a> {
    hold: &'a Hold,
    call: &'a IssuedCall,
    judged: &'a Judged,
    /// The program has ended: nobody is asked any more.
    closed: &'a CancellationToken,
    /// When progress was noted last, and how often it was.
    noted: Mutex<(Option<Instant>, u32)>,
    /// How long the request was open for answers.
    asked_for: Mutex<Duration>,
}

impl<'a> Attending<'a> {
    pub(crate) fn new(
        hold: &'a Hold,
        call: &'a IssuedCall,
        judged: &'a Judged,
        closed: &'a CancellationToken,
    ) -> Self {
        Self { hold, call, judged, closed, noted: Mutex::default(), asked_for: Mutex::default() }
    }

    fn may_note(&self) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (last, times) = *noted;
        let may = times < MOST_PROGRESS && last.is_none_or(|last| now - last >= PROGRESS_EVERY);
        if may {
            *noted = (Some(now), times + 1);
        }
        may
    }
}

impl Attendant for Attending<'_> {
    fn progress(&self, progress: Progress) {
        if !self.may_note() {
            return;
        }
        let Progress { progress, total, message } = progress;
        let message = message.map(|message| plain(&message, MOST_PROGRESS_CHARACTERS));
        let message = message.filter(|message| !message.is_empty());
        let call = self.call.event.call;
        self.hold.recorder.record(Event::CallProgress(CallProgress { call, progress, total, message }));
        self.hold.poke();
    }

    fn ask<'a>(&'a self, asked: Asked) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            if self.closed.is_cancelled() {
                return Reply::Cancelled;
            }
            let spent = *self.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
            let (since, patience) = (Instant::now(), MOST_LIVE.saturating_sub(spent));
            let asking = self.hold.ask_live(self.call, self.judged, asked, self.closed, patience);
            let reply = asking.await.unwrap_or_else(|error| {
                tracing::warn!(%error, "what an API asks cannot be recorded, so nobody is asked");
                Reply::Cancelled
            });
            *self.asked_for.lock().unwrap_or_else(PoisonError::into_inner) += since.elapsed();
            reply
        })
    }
}

/// What a person is asked in the name of an API. The error is a sentence.
fn written(judged: &Judged, asked: Asked) -> Result<AskedQuestion, String> {
    let source = judged.tool.path.source();
    let origin = judged.plan.origin();
    let quoted = quoted(&plain(&asked.message, MOST_MESSAGE_CHARACTERS));
    let says = format!("The API at {origin} says this, not Executor:\n{quoted}");
    let (title, details, schema, visit) = match asked.wanted {
        Wanted::Form(schema) => {
            if let Some(secret) = secret_of(&schema) {
                return Err(format!(
                    "The API of `{}` asks a person for a secret in a form (`{secret}`); secrets belong into connections.",
                    judged.tool.path
                ));
            }
            let details =
                format!("{says}\n\nThe answer goes to it. Never give it a password or another secret.");
            (format!("`{source}` asks for an answer"), details, schema, None)
        }
        Wanted::Visit(url) => {
            let host = url.host_str().unwrap_or_default();
            let details = format!(
                "{says}\n\nThe page is on {host}:\n{url}\n\nAnswer with {{}} when you are done there, or deny."
            );
            let nothing = json!({ "type": "object", "properties": {}, "additionalProperties": false });
            let title = format!("`{source}` asks you to visit a page on {host}");
            (title, details, Json::from(&nothing), Some(url.to_string()))
        }
    };
    let question = Question { title, details: Some(details), schema: Some(schema) };
    Ok(AskedQuestion { key: asked.key, question, visit })
}

/// The member of a form that is named like a secret.
fn secret_of(schema: &Json) -> Option<String> {
    let schema: Value = schema.read().ok()?;
    let properties = schema["properties"].as_object()?;
    let is_meant = |(name, property): &(&String, &Value)| {
        is_secret(name)
            || property["title"].as_str().is_some_and(is_secret)
            || property["format"] == "password"
    };
    properties.iter().find(is_meant).map(|(name, _)| name.clone())
}

/// Text without what a terminal would do something at.
fn plain(text: &str, most: usize) -> String {
    let kept = |character: &char| !character.is_control() || *character == '\n';
    text.trim().chars().filter(kept).take(most).collect()
}

/// Text as somebody else's, whatever it looks like.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}
