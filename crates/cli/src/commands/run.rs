//! `executor run` and `executor call`.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::Client;
use crate::output;

/// How long one answer is waited for; a longer task is asked for again.
const ONE_WAIT_MS: u64 = 60_000;

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A file of TypeScript, or `-` for standard input
    file: String,
    /// Wait for the end; `--wait=false` answers at once with the task's id
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    wait: bool,
    /// The task's time limit in milliseconds
    #[arg(long)]
    timeout: Option<u64>,
    /// The same key means the same task
    #[arg(long)]
    idempotency_key: Option<String>,
    /// Write the whole task as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct Call {
    /// The tool's path
    path: String,
    /// The arguments as JSON, or `-` for standard input
    #[arg(default_value = "{}")]
    arguments: String,
    /// The connection to use
    #[arg(long)]
    connection: Option<String>,
    /// Write the whole task as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl Run {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let code = match self.file.as_str() {
            "-" => standard_input()?,
            file => fs_err::read_to_string(file)?,
        };
        let submission = json!({
            "code": code,
            "timeoutMs": self.timeout,
            "idempotencyKey": self.idempotency_key,
            "waitMs": if self.wait { ONE_WAIT_MS } else { 0 },
        });
        let (wait, as_json) = (self.wait, self.json);
        with(&self.target, async |client| submit(&client, &submission, wait, as_json).await).await
    }
}

impl Call {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let text = if self.arguments == "-" { standard_input()? } else { self.arguments };
        let arguments: Value = serde_json::from_str(&text).context("the arguments are not JSON")?;
        let path: executor_core::ToolPath = self.path.parse()?;
        let options = match &self.connection {
            Some(connection) => json!({ "connection": connection }),
            None => json!({}),
        };
        let submission = json!({
            "code": format!("return await tools.{path}({arguments}, {options})"),
            "waitMs": ONE_WAIT_MS,
        });
        let as_json = self.json;
        with(&self.target, async |client| submit(&client, &submission, true, as_json).await).await
    }
}

async fn submit(client: &Client, submission: &Value, wait: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut task: Value = client.post(&client.path("tasks"), submission).await?;
    let path = client.path(&format!("tasks/{}", output::member(&task, "id")));
    while wait && !is_final(&task) && task["status"] != "waiting" {
        tokio::time::sleep(Duration::from_millis(200)).await;
        task = client.get(&path).await?;
    }
    show(&task, as_json)
}

fn is_final(task: &Value) -> bool {
    !matches!(task["status"].as_str(), Some("queued" | "running" | "waiting"))
}

/// Prints what came of a task. Its result goes to standard output, all else to standard error.
#[expect(clippy::print_stderr, reason = "standard output is for the result")]
pub(crate) fn show(task: &Value, as_json: bool) -> anyhow::Result<ExitCode> {
    let code = match task["status"].as_str() {
        Some("completed") => ExitCode::SUCCESS,
        Some("waiting") => ExitCode::from(3),
        Some("queued" | "running") => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    };
    if as_json {
        output::json(task)?;
        return Ok(code);
    }
    for line in task["console"].as_array().into_iter().flatten() {
        eprintln!("{}", output::member(line, "text"));
    }
    for item in task["emitted"].as_array().into_iter().flatten() {
        eprintln!("{}", output::member(item, "value"));
    }
    for warning in task["warnings"].as_array().into_iter().flatten() {
        eprintln!("warning: {}", output::member(warning, "message"));
    }
    let error = &task["error"];
    if error.is_object() {
        let place = match (error["location"]["line"].as_u64(), error["location"]["column"].as_u64()) {
            (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
            _ => String::new(),
        };
        eprintln!("error[{}]: {}{place}", output::member(error, "code"), output::member(error, "message"));
        eprintln!("  next: {}", output::member(error, "hint"));
        for write in error["writesDone"].as_array().into_iter().flatten() {
            eprintln!(
                "  done: call {} {} ({})",
                write["call"],
                output::member(write, "path"),
                write["outcome"]
            );
        }
    } else if task["status"] == "completed" {
        match &task["result"] {
            Value::String(text) => output::text(text),
            other => output::json(other)?,
        }
    } else {
        eprintln!("Task {} is {}.", output::member(task, "id"), output::member(task, "status"));
        eprintln!("  next: executor tasks show {}", output::member(task, "id"));
    }
    Ok(code)
}

fn standard_input() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
