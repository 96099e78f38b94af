//! What a workspace may use. Each limit narrows what the deployment gives; one that is not said narrows nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ErrorCode, Failure};
use crate::task::TaskLimits;

/// What a workspace may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceLimits {
    /// Tasks that run at once; more wait for their turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub concurrent_tasks: Option<u32>,
    /// Tasks that are accepted within a minute; more are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub tasks_per_minute: Option<u32>,
    /// Tasks that have not ended, waiting ones among them; more are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub unfinished_tasks: Option<u64>,
    /// Calls that a task may make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub calls_per_task: Option<u32>,
    /// The journal of a task, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1024)]
    pub journal_bytes: Option<u64>,
    /// The JSON of a task's result, of one emitted value, and of one call's arguments, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub result_bytes: Option<u32>,
}

impl WorkspaceLimits {
    /// Fails with [`ErrorCode::InvalidRequest`] where a limit would let nothing through.
    pub fn check(&self) -> Result<(), Failure> {
        let named = [
            ("concurrentTasks", self.concurrent_tasks.map(u64::from), 1),
            ("tasksPerMinute", self.tasks_per_minute.map(u64::from), 1),
            ("unfinishedTasks", self.unfinished_tasks, 1),
            ("callsPerTask", self.calls_per_task.map(u64::from), 1),
            ("journalBytes", self.journal_bytes, 1_024),
            ("resultBytes", self.result_bytes.map(u64::from), 1),
        ];
        match named.into_iter().find(|(_, value, least)| value.is_some_and(|value| value < *least)) {
            None => Ok(()),
            Some((name, _, least)) => {
                Err(Failure::new(ErrorCode::InvalidRequest, format!("`{name}` has to be at least {least}."))
                    .with_hint("Leave a limit out to have the deployment's own."))
            }
        }
    }

    /// What a task may use here, of what the deployment gives.
    pub fn narrow(&self, given: TaskLimits) -> TaskLimits {
        TaskLimits {
            calls: self.calls_per_task.map_or(given.calls, |most| most.min(given.calls)),
            journal_bytes: self
                .journal_bytes
                .map_or(given.journal_bytes, |most| most.min(given.journal_bytes)),
            value_bytes: self.result_bytes.map_or(given.value_bytes, |most| most.min(given.value_bytes)),
            ..given
        }
    }
}
