//! The Tasks extension (SEP-2663): a client that has it gets our task and polls it, with the questions in it.

use executor_core::task::TaskStatus;
use executor_engine::TaskView;
use rmcp::model::{DetailedTask, JsonObject, Task, TaskPayload};
use serde_json::Value;

use super::question::Question;
use super::rounds;
use crate::answer;

/// How often a client should ask, in milliseconds.
const POLL_INTERVAL_MS: u64 = 1_000;

/// A task that has not ended, as `execute` hands it out.
pub(crate) fn handle(task: &TaskView, questions: &[Question]) -> Task {
    let status = if questions.is_empty() {
        rmcp::model::TaskStatus::Working
    } else {
        rmcp::model::TaskStatus::InputRequired
    };
    let summary = &task.summary;
    let updated = summary.ended_at.or(summary.started_at).unwrap_or(summary.created_at);
    let (created, updated) = (summary.created_at.to_rfc3339(), updated.to_rfc3339());
    let handle =
        Task::new(summary.id.to_string(), status, created, updated).with_poll_interval_ms(POLL_INTERVAL_MS);
    match &task.next {
        Some(next) => handle.with_status_message(next.clone()),
        None => handle,
    }
}

/// A task as it stands, with its result if it has ended; `link` is where our API shows all of it.
pub(crate) fn detailed(task: &TaskView, questions: Vec<Question>, link: &str) -> DetailedTask {
    let handle = handle(task, &questions);
    let payload = match task.summary.status {
        TaskStatus::Cancelled => TaskPayload::Cancelled,
        status if status.is_final() => TaskPayload::Completed { result: result(task, link) },
        _ if questions.is_empty() => TaskPayload::Working,
        _ => TaskPayload::InputRequired { input_requests: rounds::requests(questions) },
    };
    DetailedTask::new(handle, payload)
}

fn result(task: &TaskView, link: &str) -> JsonObject {
    match serde_json::to_value(answer::of_task(task, link)) {
        Ok(Value::Object(result)) => result,
        _ => JsonObject::new(),
    }
}
