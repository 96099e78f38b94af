//! The append-only events of a task: the truth about it, the stream that a client follows, and what replay reads.
//!
//! What drives a program is its *deliveries* only: [`Event::CallSettled`] and [`Event::TimerFired`]. A program is a
//! deterministic function from its seed, its start time and its deliveries to everything it does.
//!
//! The types are versioned by kind: a change that an older reader would misread is a new kind. The store keeps an
//! event as its kind and the JSON of its body and does not look inside.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::approval::{ApprovalStatus, ApproverCondition, Decider, Question};
use crate::call::{CallNumber, Outcome, RequestSummary, Resolution};
use crate::clock::Timestamp;
use crate::id::{AccountId, ApprovalId, ConnectionId};
use crate::json::{Digest, Json};
use crate::policy::Decision;
use crate::task::TaskEnd;

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal: 1, 2, 3, …
    pub seq: u64,
    /// When it was recorded; never earlier than the entry before.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($body:ty), $kind:literal;)*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $variant($body),)*
        }

        impl Event {
            /// The kind's name on the wire and in the store.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Event::$variant(_) => $kind,)*
                }
            }

            /// The event without its kind, as JSON.
            pub fn body(&self) -> Result<Json, serde_json::Error> {
                match self {
                    $(Event::$variant(body) => Json::from_serialize(body),)*
                }
            }

            /// Reads an event back from its kind and its body.
            pub fn from_parts(kind: &str, body: &str) -> Result<Self, UnreadableEvent> {
                let unreadable = |error: serde_json::Error| UnreadableEvent::Body(kind.to_owned(), error.to_string());
                match kind {
                    $($kind => serde_json::from_str(body).map(Event::$variant).map_err(unreadable),)*
                    _ => Err(UnreadableEvent::Kind(kind.to_owned())),
                }
            }
        }
    };
}

events! {
    /// The task was accepted. Always the first.
    TaskCreated(TaskCreated), "task.created";
    /// A node took the task up.
    AttemptStarted(AttemptStarted), "task.attempt";
    /// The code made a call.
    CallIssued(CallIssued), "call.issued";
    /// The gate judged a call.
    CallJudged(CallJudged), "call.judged";
    /// A call waits for a person.
    CallHeld(CallHeld), "call.held";
    /// The waiting for a person is over.
    CallDecided(CallDecided), "call.decided";
    /// The request of a call may leave from here on.
    CallStarted(CallStarted), "call.started";
    /// The API asks a person something before it goes on with a call.
    CallAsked(CallAsked), "call.asked";
    /// The API says how far it is with a call.
    CallProgress(CallProgress), "call.progress";
    /// A call that must not be repeated may have left before a crash: it waits for a person who knows.
    CallUnknown(CallUnknown), "call.unknown";
    /// A person has said what became of such a call.
    CallResolved(CallResolved), "call.resolved";
    /// The task ended before the call could leave.
    CallWithdrawn(CallWithdrawn), "call.withdrawn";
    /// A delivery: the code learns how a call ended.
    CallSettled(CallSettled), "call.settled";
    /// A delivery: a timer of the code fired.
    TimerFired(TimerFired), "timer.fired";
    /// The code ended by itself. Calls in flight may still settle after it, but that reaches no code.
    ProgramEnded(ProgramEnded), "program.ended";
    /// A line that the code wrote to its console.
    Console(ConsoleLine), "console";
    /// A value that the code showed to its user.
    Emitted(Emitted), "emit";
    /// Nothing can go on but a person or a distant timer: from here on the task is rows only.
    TaskWaiting(TaskWaiting), "task.waiting";
    /// Somebody asked for the task's end.
    CancelRequested(CancelRequested), "task.cancel_requested";
    /// The task ended. Always the last.
    TaskEnded(TaskEnd), "task.ended";
}

impl Event {
    /// Whether the code learns something by this event, so that replay has to feed it.
    pub fn is_delivery(&self) -> bool {
        matches!(self, Event::CallSettled(_) | Event::TimerFired(_))
    }
}

/// An event that this build cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableEvent {
    /// Written by a newer build, or no event at all.
    #[error("this build knows no journal event `{0}`")]
    Kind(String),
    /// The body is not that of its kind.
    #[error("a journal event `{0}` cannot be read: {1}")]
    Body(String, String),
}

/// What replay needs to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskCreated {
    /// What the program's randomness grows from.
    pub seed: u64,
    /// The program's first moment.
    pub started_at: Timestamp,
    /// The digest of the code as submitted.
    pub code: Digest,
}

/// A node took the task up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptStarted {
    /// 1, 2, 3, …
    pub attempt: u32,
    /// The build that runs it.
    pub build: String,
}

/// The code made a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallIssued {
    /// Its number.
    pub call: CallNumber,
    /// The path as the code wrote it.
    pub path: String,
    /// The arguments as the code gave them.
    pub arguments: Json,
    /// The options as the code gave them.
    pub options: Json,
    /// The digest of these three.
    pub digest: Digest,
    /// The line of the user's own code that makes the call, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// The gate judged a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallJudged {
    /// Its number.
    pub call: CallNumber,
    /// The tool's canonical path.
    pub path: String,
    /// The connection that the call is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// What was decided and why.
    pub decision: Decision,
}

/// The request of a call may leave from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallStarted {
    /// Its number.
    pub call: CallNumber,
    /// The digest of what is sent.
    pub sent: Digest,
    /// What a person may see of it.
    pub request: RequestSummary,
    /// Whether it may be sent again if no answer comes.
    pub repeatable: bool,
}

/// A call waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallHeld {
    /// Its number.
    pub call: CallNumber,
    /// The approval that it waits for.
    pub approval: ApprovalId,
    /// The digest of the envelope that is to be approved.
    pub envelope: Digest,
    /// The digest of the envelope without its arguments: what an approval for the rest of the task is about.
    pub operation: Digest,
    /// Who may approve: each of these has to be met.
    pub approvers: Vec<ApproverCondition>,
    /// When nobody may decide any more.
    pub until: Timestamp,
    /// Whether it waits for an answer to what the API asks, and not for leave to be sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_answer: bool,
}

/// The API asks a person something before it goes on with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallAsked {
    /// Its number.
    pub call: CallNumber,
    /// How often the API has asked by now.
    pub round: u32,
    /// The arguments that were sent, and will be again with the answers.
    pub arguments: Json,
    /// What it asks.
    pub questions: Vec<AskedQuestion>,
    /// What the API wants back with the answers, as it gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the request stays open until there is an answer. Such a question is over if the process ends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
}

/// One thing that an API asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedQuestion {
    /// By what the API knows it.
    pub key: String,
    /// What a person is asked.
    pub question: Question,
    /// The page that a person is to go to, where no form is to be filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
}

/// The API says how far it is with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallProgress {
    /// Its number.
    pub call: CallNumber,
    /// How much is done, in a measure of the API's own.
    pub progress: Number,
    /// How much there is to do, in the same measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Number>,
    /// What it says about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The waiting for a person is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallDecided {
    /// Its number.
    pub call: CallNumber,
    /// The approval.
    pub approval: ApprovalId,
    /// `approved`, or what it is instead.
    pub status: ApprovalStatus,
    /// The digest of the envelope that was approved; another than was asked for if the arguments were edited.
    pub envelope: Digest,
    /// The arguments to send in place of those that the code gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Json>,
    /// What a person answers, where the call was a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Json>,
    /// Who decided; nobody if the time was up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deciders: Vec<Decider>,
    /// Why, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it counts for all further calls of the same operation in this task.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_task: bool,
}

impl fmt::Display for CallProgress {
    /// `call 2: 3 of 30, reading`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "call {}: {}", self.call, self.progress)?;
        if let Some(total) = &self.total {
            write!(formatter, " of {total}")?;
        }
        match &self.message {
            Some(message) => write!(formatter, ", {message}"),
            None => Ok(()),
        }
    }
}

/// A call that must not be repeated may have left before a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallUnknown {
    /// Its number.
    pub call: CallNumber,
}

/// A person has said what became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallResolved {
    /// Its number.
    pub call: CallNumber,
    /// Who.
    pub by: AccountId,
    /// What became of it.
    pub resolution: Resolution,
    /// How they know, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The task ended before the call could leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallWithdrawn {
    /// Its number.
    pub call: CallNumber,
    /// The approval that nobody has to decide any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
}

/// From here on the task is rows only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskWaiting {
    /// The calls that wait for a person.
    pub held: Vec<CallNumber>,
    /// When a timer of the code is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
}

/// The code learns how a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallSettled {
    /// Its number.
    pub call: CallNumber,
    /// How it ended.
    pub outcome: Outcome,
}

/// A timer of the code fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimerFired {
    /// The timer's number.
    pub timer: u32,
}

/// The code ended by itself. What is delivered from here on is kept for the record and not fed to a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramEnded {
    /// Whether it returned; else it threw.
    pub returned: bool,
}

/// How loud a console line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleLevel {
    /// `console.debug` and `console.trace`.
    Debug,
    /// `console.log` and `console.info`.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`.
    Error,
}

/// A line that the code wrote to its console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleLine {
    /// 1, 2, 3, …; the number decides what is a repeat.
    pub line: u32,
    /// How loud.
    pub level: ConsoleLevel,
    /// The text.
    pub text: String,
}

/// A value that the code showed to its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emitted {
    /// 1, 2, 3, …; the number decides what is a repeat.
    pub item: u32,
    /// The value.
    pub value: Json,
}

/// Somebody asked for the task's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelRequested {
    /// Who, as an account's id.
    pub by: String,
    /// Why, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_survives_its_parts() {
        let event = Event::CallSettled(CallSettled {
            call: 3,
            outcome: Outcome::Completed(Json::parse(r#"{"a": 1.0}"#.to_owned()).unwrap()),
        });
        let body = event.body().unwrap();
        assert_eq!(Event::from_parts(event.kind(), body.as_str()), Ok(event));
    }

    #[test]
    fn an_unknown_kind_and_a_foreign_body_are_told_apart() {
        assert!(matches!(Event::from_parts("call.dreamt", "{}"), Err(UnreadableEvent::Kind(_))));
        assert!(matches!(Event::from_parts("timer.fired", "{}"), Err(UnreadableEvent::Body(..))));
    }
}
