//! What a client is told of a task and of a search: a text for the model, and the same as data for programs.

use executor_core::journal::ConsoleLevel;
use executor_core::task::{TaskError, TaskStatus};
use executor_core::{ErrorCode, Failure};
use executor_engine::{ApprovalView, SearchAnswer, TaskView};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

use crate::shorten;

/// A longer result is shortened, and its reader is told where all of it is.
const MOST_RESULT_CHARACTERS: usize = 25_000;

/// What of the console and of the emitted values is shown, the last lines first to stay.
const MOST_OUTPUT_CHARACTERS: usize = 5_000;

/// What is told of a task; `link` is where our API shows all of it.
pub(crate) fn of_task(task: &TaskView, link: &str) -> CallToolResult {
    let mut text = Vec::new();
    let mut data = Map::new();
    let status = task.summary.status;
    data.insert("status".to_owned(), client_status(status).into());
    data.insert("taskId".to_owned(), task.summary.id.to_string().into());
    if let Some(next) = &task.next {
        text.push(format!("The task is {}. {next}", client_status(status)));
        data.insert("next".to_owned(), next.clone().into());
    }
    add_what_it_waits_for(task, link, &mut text, &mut data);
    if status == TaskStatus::Completed {
        add_result(task, link, &mut text, &mut data);
    }
    if let Some(error) = &task.error {
        text.push(error_text(error));
        data.insert("error".to_owned(), serde_json::to_value(error).unwrap_or_default());
    }
    let emitted: Vec<String> = task.emitted.iter().map(|item| plain(item.value.as_str())).collect();
    let console: Vec<String> =
        task.console.iter().map(|line| format!("{}{}", level_mark(line.level), line.text)).collect();
    text.extend(output("Emitted", &emitted, link));
    text.extend(output("Console", &console, link));
    if !task.warnings.is_empty() {
        let lines = task.warnings.iter().map(|warning| format!("- {}", warning.message));
        text.push(format!("Warnings:\n{}", lines.collect::<Vec<_>>().join("\n")));
        data.insert("warnings".to_owned(), serde_json::to_value(&task.warnings).unwrap_or_default());
    }
    let failed = status.is_final() && status != TaskStatus::Completed;
    result(text.join("\n\n"), Value::Object(data), failed)
}

/// What is told of a search.
pub(crate) fn of_search(answer: &SearchAnswer) -> CallToolResult {
    let mut lines: Vec<String> = answer
        .items
        .iter()
        .map(|tool| format!("{}\n  {}\n  [{}]", tool.signature, tool.summary, tool.policy.as_str()))
        .collect();
    if lines.is_empty() {
        lines.push("No tool found.".to_owned());
    }
    lines.extend(answer.hint.clone());
    result(lines.join("\n"), serde_json::to_value(answer).unwrap_or_default(), false)
}

/// What is told of a request that came to nothing.
pub(crate) fn of_failure(failure: &Failure) -> CallToolResult {
    let text = format!("{} ({})\nHint: {}", failure.message, failure.code, failure.hint);
    let error = serde_json::to_value(failure).unwrap_or_default();
    result(text, json!({"status": "failed", "error": error}), true)
}

/// What is told of arguments that do not fit the tool.
pub(crate) fn of_bad_arguments(tool: &str, problem: &str) -> CallToolResult {
    of_failure(&Failure::new(ErrorCode::InvalidRequest, format!("Wrong arguments for `{tool}`: {problem}.")))
}

fn result(text: String, data: Value, is_error: bool) -> CallToolResult {
    let content = vec![ContentBlock::text(text)];
    let mut result = if is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    result.structured_content = Some(data);
    result
}

/// A client need not tell a task that is not yet taken up from one that runs.
fn client_status(status: TaskStatus) -> &'static str {
    if status == TaskStatus::Queued { TaskStatus::Running.as_str() } else { status.as_str() }
}

/// Says what a person has to decide, so that the model can tell them.
fn add_what_it_waits_for(task: &TaskView, link: &str, text: &mut Vec<String>, data: &mut Map<String, Value>) {
    if !task.approvals.is_empty() {
        let mut lines = vec!["A person has to decide before it can go on:".to_owned()];
        for approval in &task.approvals {
            match (&approval.question, &approval.request) {
                (Some(question), _) => {
                    lines.push(format!("- a question: {}", question.title));
                    lines.push(format!("  {}", approval_link(link, approval)));
                    lines.push(format!("  or: executor approvals answer {} '…'", approval.id));
                }
                (None, Some(request)) => {
                    lines.push(format!("- {}: {} {}", approval.path, request.method, request.url));
                    lines.push(format!("  {}", approval_link(link, approval)));
                    lines.push(format!("  or: executor approvals approve {}", approval.id));
                }
                (None, None) => {}
            }
        }
        text.push(lines.join("\n"));
        let approvals = task.approvals.iter().map(|approval| {
            json!({
                "id": approval.id,
                "url": approval_link(link, approval),
                "call": approval.call,
                "path": approval.path,
                "arguments": approval.arguments,
                "request": approval.request,
                "question": approval.question,
                "reason": approval.reason,
                "expiresAt": approval.expires_at,
                "modelMayDecide": approval.model_may_decide,
            })
        });
        data.insert("approvals".to_owned(), approvals.collect());
    }
    if !task.unknown_calls.is_empty() {
        let calls: Vec<_> =
            task.unknown_calls.iter().map(|call| format!("{} ({})", call.number, call.path)).collect();
        text.push(format!(
            "Nobody can tell whether these calls took effect, and a person has to say: {}. Do not do them again.",
            calls.join(", ")
        ));
        data.insert("unknownCalls".to_owned(), serde_json::to_value(&task.unknown_calls).unwrap_or_default());
    }
}

/// Where a person decides: a page of the server whose API has the task at `link`.
fn approval_link(link: &str, approval: &ApprovalView) -> String {
    let server = link.split("/api/v1/").next().unwrap_or_default();
    format!("{server}/approvals/{}", approval.id)
}

fn add_result(task: &TaskView, link: &str, text: &mut Vec<String>, data: &mut Map<String, Value>) {
    let value: Value = task.result.as_ref().and_then(|result| result.read().ok()).unwrap_or_default();
    let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
    match shorten::head(&pretty, MOST_RESULT_CHARACTERS) {
        None => {
            data.insert("result".to_owned(), value);
            text.push(pretty);
        }
        Some(head) => {
            let note = format!(
                "… shortened: the result has {} characters. Return less, or get all of it from {link}",
                pretty.chars().count()
            );
            text.push(format!("{head}\n{note}"));
            data.insert("resultShortened".to_owned(), true.into());
            data.insert("resultUrl".to_owned(), link.into());
        }
    }
}

fn error_text(error: &TaskError) -> String {
    let failure = &error.failure;
    let name = error.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
    let place = error.location.map(|at| format!(", line {}", at.line)).unwrap_or_default();
    let mut text =
        format!("Failed: {name}{} ({}{place})\nHint: {}", failure.message, failure.code, failure.hint);
    if !error.writes_done.is_empty() {
        text.push_str("\nAlready done, do not do again:");
        for write in &error.writes_done {
            text.push_str(&format!("\n- call {}, {}: {}", write.call, write.path, write.outcome));
        }
    }
    text
}

fn output(title: &str, lines: &[String], link: &str) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let (omitted, shown) = shorten::last_lines(lines, MOST_OUTPUT_CHARACTERS);
    let note = match omitted {
        0 => String::new(),
        some => format!(" ({some} left out here; all at {link})"),
    };
    Some(format!("{title}{note}:\n{}", shown.join("\n")))
}

fn level_mark(level: ConsoleLevel) -> &'static str {
    match level {
        ConsoleLevel::Debug | ConsoleLevel::Info => "",
        ConsoleLevel::Warn => "warning: ",
        ConsoleLevel::Error => "error: ",
    }
}

/// A text as it is; any other value as JSON.
fn plain(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
