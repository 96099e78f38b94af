//! One run of code: its status, its limits and its result.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Failure;
use crate::json::Json;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Accepted, and waiting for its turn.
    Queued,
    /// A worker has it.
    Running,
    /// Rows only: it waits for a person or a distant timer.
    Waiting,
    /// The program returned.
    Completed,
    /// The program threw, or a limit ended it.
    Failed,
    /// Its time was up.
    TimedOut,
    /// A denial ended it.
    Denied,
    /// Somebody ended it.
    Cancelled,
}

impl TaskStatus {
    /// Every status.
    pub const ALL: [TaskStatus; 8] = [
        TaskStatus::Queued,
        TaskStatus::Running,
        TaskStatus::Waiting,
        TaskStatus::Completed,
        TaskStatus::Failed,
        TaskStatus::TimedOut,
        TaskStatus::Denied,
        TaskStatus::Cancelled,
    ];

    /// The status's name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Queued => "queued",
            TaskStatus::Running => "running",
            TaskStatus::Waiting => "waiting",
            TaskStatus::Completed => "completed",
            TaskStatus::Failed => "failed",
            TaskStatus::TimedOut => "timed_out",
            TaskStatus::Denied => "denied",
            TaskStatus::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether nothing more can happen to the task.
    pub fn is_final(self) -> bool {
        !matches!(self, TaskStatus::Queued | TaskStatus::Running | TaskStatus::Waiting)
    }

    /// Whether a task may go from this status to that one.
    pub fn may_become(self, next: TaskStatus) -> bool {
        match self {
            TaskStatus::Queued => matches!(next, TaskStatus::Running) || next.is_final(),
            // A task whose worker or node is lost is queued again.
            TaskStatus::Running => {
                matches!(next, TaskStatus::Queued | TaskStatus::Waiting) || next.is_final()
            }
            TaskStatus::Waiting => matches!(next, TaskStatus::Queued) || next.is_final(),
            _ => false,
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskEnd {
    /// A final status.
    pub status: TaskStatus,
    /// What the program returned, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// Why there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError>,
    /// What its author should know although it ended well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Why a task has no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskError {
    /// The failure.
    #[serde(flatten)]
    pub failure: Failure,
    /// The name of the thrown error, as `TypeError`, if the program threw one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where in the program's own text, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The program's frames, innermost first, in lines of its own text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The calls with effects that had been done by then, so that they are not done again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes_done: Vec<WriteDone>,
}

impl From<Failure> for TaskError {
    fn from(failure: Failure) -> Self {
        Self { failure, name: None, location: None, stack: None, writes_done: Vec::new() }
    }
}

/// A place in the program's own text; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// The line.
    pub line: u32,
    /// The column, in UTF-16 units as JavaScript counts.
    pub column: u32,
}

/// A call with an effect that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WriteDone {
    /// Its number.
    pub call: u32,
    /// The tool's path.
    pub path: String,
    /// `completed`, or `unknown` if it may have happened.
    pub outcome: String,
}

/// What the author of a program should know although it ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// A stable name, as `call_not_awaited`.
    pub code: String,
    /// The call that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u32>,
    /// A sentence.
    pub message: String,
}

/// What a task may use. Each is checked before the use, not after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskLimits {
    /// Engine time plus wall time with a call in flight, over all attempts, in milliseconds.
    pub timeout_ms: u64,
    /// The heap of the program, in bytes.
    pub memory_bytes: u64,
    /// Calls in all.
    pub calls: u32,
    /// Calls in flight at once.
    pub calls_in_flight: u32,
    /// The journal, in bytes.
    pub journal_bytes: u64,
    /// The JSON of the result, of one emitted value, and of one call's arguments, in bytes.
    #[serde(default = "most_value_bytes")]
    pub value_bytes: u32,
}

/// What tasks have that were accepted before this could be said.
const fn most_value_bytes() -> u32 {
    16 << 20
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self {
            timeout_ms: 300_000,
            memory_bytes: 64 << 20,
            calls: 1_000,
            calls_in_flight: 128,
            journal_bytes: 64 << 20,
            value_bytes: most_value_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_final_status_is_without_a_next_one() {
        for status in TaskStatus::ALL {
            let has_next = TaskStatus::ALL.iter().any(|next| status.may_become(*next));
            assert_eq!(has_next, !status.is_final(), "{status:?}");
            assert_eq!(TaskStatus::from_name(status.as_str()), Some(status));
        }
    }
}
