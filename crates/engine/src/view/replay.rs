//! A task run again for looking at, as it is shown.

use executor_core::call::CallNumber;
use executor_core::journal::{ConsoleLine, Emitted};
use executor_core::{ErrorCode, Json, TaskId, Timestamp, ToolError};
use serde::Serialize;
use utoipa::ToSchema;

/// A task run again, turn by turn, with no effects.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskReplay {
    /// The task.
    pub task: TaskId,
    /// What it learned and what it did then, in order.
    pub steps: Vec<ReplayStep>,
    /// Where it did something else than it had done, if it did. There is no step after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverged: Option<ReplayDivergence>,
}

/// Where a program did something else than it had done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplayDivergence {
    /// `replay_diverged`.
    pub code: ErrorCode,
    /// Both sides.
    #[serde(flatten)]
    pub difference: ReplayDifference,
}

/// Both sides of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplayDifference {
    /// What the journal says.
    pub recorded: String,
    /// What the program did now.
    pub now: String,
}

/// One turn of a program: what it learned, and all that it did before it waited again or ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayStep {
    /// 1, 2, 3, …
    pub step: u32,
    /// The program's time.
    pub at: Timestamp,
    /// What it learned.
    pub learned: Learned,
    /// The calls that it made.
    pub calls: Vec<ReplayedCall>,
    /// The timers that it set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<ReplayedTimer>,
    /// The lines that it wrote to its console.
    #[schema(value_type = Vec<Object>)]
    pub console: Vec<ConsoleLine>,
    /// The values that it showed to its user.
    #[schema(value_type = Vec<Object>)]
    pub emitted: Vec<Emitted>,
    /// How it ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<ReplayEnd>,
}

impl ReplayStep {
    pub(crate) fn new(step: u32, at: Timestamp, learned: Learned) -> Self {
        let (calls, timers, console, emitted) = Default::default();
        Self { step, at, learned, calls, timers, console, emitted, end: None }
    }
}

/// What a program learned.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Learned {
    /// Nothing yet: it began.
    Start,
    /// How a call ended.
    Call {
        /// The call's number.
        call: CallNumber,
        /// What it gave, without what is named like a secret.
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<Json>,
        /// What the code was thrown.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<ToolError>,
    },
    /// A timer fired.
    Timer {
        /// Its number.
        timer: u32,
    },
}

/// A call that a program made.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedCall {
    /// Its number.
    pub call: CallNumber,
    /// The path as the code wrote it.
    pub path: String,
    /// The arguments, without what is named like a secret.
    pub arguments: Json,
    /// The line of the code, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// A timer that a program set.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedTimer {
    /// Its number.
    pub timer: u32,
    /// When it is due.
    pub due_at: Timestamp,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ReplayEnd {
    /// It returned; without a result that was `undefined`.
    Returned {
        /// The value.
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<Json>,
    },
    /// It threw, and nothing caught it.
    Threw {
        /// What.
        message: String,
        /// The line of the code, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// It waited for something that can never happen.
    Deadlock,
    /// It was stopped from outside.
    Stopped {
        /// Why.
        code: ErrorCode,
        /// Why, as a sentence.
        message: String,
    },
}
