//! What came of a task, for people, for programs and as the process's code.

use std::process::ExitCode;

use serde_json::Value;

use crate::output::{self, member};

/// The process's code for a task that waits for a person.
const WAITING: u8 = 3;

/// Prints what came of a task. Its result goes to standard output, all else to standard error.
#[expect(clippy::print_stderr, reason = "standard output is for the result")]
pub(crate) fn show(task: &Value, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        output::json(task)?;
        return Ok(code(task));
    }
    for line in items(task, "console") {
        eprintln!("{}", member(line, "text"));
    }
    for item in items(task, "emitted") {
        eprintln!("{}", member(item, "value"));
    }
    for warning in items(task, "warnings") {
        eprintln!("warning: {}", member(warning, "message"));
    }
    if task["error"].is_object() {
        eprintln!("{}", failure(&task["error"]));
    } else if task["status"] == "completed" {
        match &task["result"] {
            Value::String(text) => output::text(text),
            other => output::json(other)?,
        }
    } else {
        let id = member(task, "id");
        eprintln!("Task {id} is {}.", member(task, "status"));
        for approval in items(task, "approvals") {
            let (request, question) = (&approval["request"], &approval["question"]);
            let about = match question.is_object() {
                true => member(question, "title"),
                false => format!("{} {}", member(request, "method"), member(request, "url")),
            };
            eprintln!("  asks: {} ({about})", member(approval, "path"));
            eprintln!("        executor approvals show {}", member(approval, "id"));
            eprintln!("        {}", member(approval, "url"));
        }
        for call in items(task, "unknownCalls") {
            let (number, path) = (member(call, "number"), member(call, "path"));
            eprintln!("  unknown: call {number} of {path} may have taken effect");
            eprintln!("        executor approvals resolve-call {id}.{number} completed|retry|failed");
        }
        eprintln!("  next: executor tasks show {id}");
    }
    Ok(code(task))
}

/// Whether nothing more can happen to a task.
pub(crate) fn is_final(task: &Value) -> bool {
    !matches!(task["status"].as_str(), Some("queued" | "running" | "waiting"))
}

fn code(task: &Value) -> ExitCode {
    match task["status"].as_str() {
        Some("completed" | "queued" | "running") => ExitCode::SUCCESS,
        Some("waiting") => ExitCode::from(WAITING),
        _ => ExitCode::FAILURE,
    }
}

fn failure(error: &Value) -> String {
    let place = match (error["location"]["line"].as_u64(), error["location"]["column"].as_u64()) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    };
    let mut text = format!("error[{}]: {}{place}", member(error, "code"), member(error, "message"));
    text.push_str(&format!("\n  next: {}", member(error, "hint")));
    for write in items(error, "writesDone") {
        let (call, path, outcome) = (member(write, "call"), member(write, "path"), member(write, "outcome"));
        text.push_str(&format!("\n  done: call {call} {path} ({outcome})"));
    }
    text
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_says_where_what_next_and_what_is_done() {
        let error = json!({
            "code": "uncaught_error", "message": "no", "hint": "See the line.",
            "location": { "line": 2, "column": 7 },
            "writesDone": [{ "call": 1, "path": "a.b", "outcome": "completed" }],
        });
        let text = "error[uncaught_error]: no (line 2, column 7)\n  next: See the line.\n  done: call 1 a.b (completed)";
        assert_eq!(failure(&error), text);
    }
}
