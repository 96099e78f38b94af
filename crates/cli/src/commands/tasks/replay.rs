//! A task's steps, for people.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use serde_json::Value;

use crate::output::{self, member};

/// How much of a value is shown on its line.
const VALUE_WIDTH: usize = 160;

/// Shows the steps, on a terminal one at a time. Fails if the program did something else than it had done.
pub(super) fn show(replay: &Value, all: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let diverged = &replay["diverged"];
    let code = if diverged.is_null() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if as_json {
        output::json(replay)?;
        return Ok(code);
    }
    let waits = !all && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let steps = replay["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, step) in steps.iter().enumerate() {
        show_step(step);
        if waits && index + 1 < steps.len() && !goes_on()? {
            return Ok(code);
        }
    }
    if !diverged.is_null() {
        output::text(format!("{}: run again, the program did something else.", member(diverged, "code")));
        output::text(format!("  recorded: {}", member(diverged, "recorded")));
        output::text(format!("  now:      {}", member(diverged, "now")));
    }
    Ok(code)
}

/// Whether the person at the terminal wants to see more.
fn goes_on() -> anyhow::Result<bool> {
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer)?;
    Ok(read > 0 && !answer.trim().eq_ignore_ascii_case("q"))
}

fn show_step(step: &Value) {
    output::text(format!("step {}: {}", member(step, "step"), learned(&step["learned"])));
    for line in step["console"].as_array().into_iter().flatten() {
        output::text(format!("  {}: {}", member(line, "level"), member(line, "text")));
    }
    for item in step["emitted"].as_array().into_iter().flatten() {
        output::text(format!("  shows {}", short(&item["value"])));
    }
    for call in step["calls"].as_array().into_iter().flatten() {
        let line = member(call, "line");
        let line = if line.is_empty() { line } else { format!("  line {line}") };
        let (number, path) = (member(call, "call"), member(call, "path"));
        output::text(format!("  call {number}: tools.{path}({}){line}", short(&call["arguments"])));
    }
    for timer in step["timers"].as_array().into_iter().flatten() {
        output::text(format!("  sets timer {}", member(timer, "timer")));
    }
    let end = &step["end"];
    match end["kind"].as_str() {
        Some("returned") => output::text(format!("  returns {}", short(&end["result"]))),
        Some("threw") => output::text(format!("  throws {}", member(end, "message"))),
        Some("deadlock") => output::text("  waits for something that can never happen"),
        Some(_) => output::text(format!("  is stopped: {}", member(end, "message"))),
        None => {}
    }
}

fn learned(learned: &Value) -> String {
    match learned["kind"].as_str() {
        Some("call") if learned["error"].is_null() => {
            format!("call {} gives {}", member(learned, "call"), short(&learned["result"]))
        }
        Some("call") => {
            let error = &learned["error"];
            format!(
                "call {} fails: {}: {}",
                member(learned, "call"),
                member(error, "code"),
                member(error, "message")
            )
        }
        Some("timer") => format!("timer {} fires", member(learned, "timer")),
        _ => "it starts".to_owned(),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
