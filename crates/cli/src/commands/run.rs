//! `executor run` and `executor call`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{outcome, progress};
use crate::arguments::Target;
use crate::client::Client;
use crate::connect::Connection;
use crate::failure::{self, Usage};
use crate::{duration, input, output};

/// How long one answer is waited for; a longer task is asked for again.
const ONE_WAIT_MS: u64 = 60_000;

/// The same for the first one: what takes longer tells meanwhile how far it is.
const FIRST_WAIT_MS: u64 = 1_000;

/// How often a task that waits for a person is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How many servers may go away before a command gives up.
const MOST_SERVERS: u32 = 5;

/// How long a server that goes away is given to be gone.
const PAUSE: Duration = Duration::from_millis(200);

/// How long `--wait` waits if it does not say: as long as an approval can be open.
const LONG: &str = "7d";

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A file of TypeScript, or `-` for standard input
    file: String,
    /// Wait for people's approvals too, for as long as this: 90s, 5m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration::parse, num_args = 0..=1, require_equals = true,
        default_missing_value = LONG)]
    wait: Option<Duration>,
    /// Print the task's id at once and let it run; a server has to be running
    #[arg(long, conflicts_with = "wait")]
    detach: bool,
    /// The task's time limit: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    timeout: Option<Duration>,
    /// The same key means the same task
    #[arg(long, value_name = "KEY")]
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
    /// Wait for people's approvals too, for as long as this: 90s, 5m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration::parse, num_args = 0..=1, require_equals = true,
        default_missing_value = LONG)]
    wait: Option<Duration>,
    /// Write the whole task as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl Run {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let code = input::read(&self.file)?;
        let submission = json!({
            "code": code,
            "timeoutMs": self.timeout.map(duration::milliseconds),
            "idempotencyKey": self.idempotency_key,
            "waitMs": if self.detach { 0 } else { FIRST_WAIT_MS },
        });
        let task = carry_through(&self.target, submission, self.detach, self.wait).await?;
        outcome::show(&task, self.json)
    }
}

impl Call {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let text = if self.arguments == "-" { input::read("-")? } else { self.arguments };
        let submission = json!({
            "code": program(&self.path, &text, self.connection.as_deref())?,
            "waitMs": FIRST_WAIT_MS,
        });
        let task = carry_through(&self.target, submission, false, self.wait).await?;
        outcome::show(&task, self.json)
    }
}

/// Submits a task and waits for its end, also where the server goes away meanwhile: another is found or hosted, and the
/// key makes sure that what was accepted is not begun a second time.
async fn carry_through(
    target: &Target,
    mut submission: Value,
    detach: bool,
    patience: Option<Duration>,
) -> anyhow::Result<Value> {
    if submission["idempotencyKey"].is_null() {
        submission["idempotencyKey"] = executor_vault::random_token("run_")?.into();
    }
    let mut servers = 0;
    loop {
        servers += 1;
        let connection = Connection::open(target).await?;
        let client = &connection.client;
        let done = async {
            let task: Value = client.post(&client.path("tasks"), &submission).await?;
            if detach { Ok(task) } else { wait(client, task, patience).await }
        };
        let done = done.await;
        connection.close().await?;
        match done {
            Err(error) if failure::is_server_lost(&error) && servers < MOST_SERVERS => {
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

/// The program that makes one call. What comes from the command line gets into it as data only.
fn program(path: &str, arguments: &str, connection: Option<&str>) -> anyhow::Result<String> {
    let path: executor_core::ToolPath = path.parse()?;
    let arguments: Value = serde_json::from_str(arguments).map_err(|error| {
        Usage(format!("The arguments are not JSON: {error}.\n  next: quote them whole: '{{\"id\": 7}}'"))
    })?;
    let options = connection.map(|name| format!(", {}", json!({ "connection": name }))).unwrap_or_default();
    Ok(format!("return await tools.{path}({arguments}{options});"))
}

/// Waits until a task has ended, or needs a person for longer than there is patience. Tells meanwhile how far its calls are.
async fn wait(client: &Client, task: Value, patience: Option<Duration>) -> anyhow::Result<Value> {
    if outcome::is_final(&task) {
        return Ok(task);
    }
    let id = output::member(&task, "id");
    let events = client.path(&format!("tasks/{id}/events"));
    let telling = async {
        // Who cannot hear of it waits all the same.
        let _ = progress::tell(client, &events).await;
        std::future::pending().await
    };
    tokio::select! {
        done = until_done(client, &id, task, patience) => done,
        never = telling => never,
    }
}

async fn until_done(
    client: &Client,
    id: &str,
    mut task: Value,
    patience: Option<Duration>,
) -> anyhow::Result<Value> {
    let path = client.path(&format!("tasks/{id}?waitMs={ONE_WAIT_MS}"));
    let end = patience.map(|patience| Instant::now() + patience);
    while !outcome::is_final(&task) {
        if task["status"] == "waiting" {
            if end.is_none_or(|end| Instant::now() >= end) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        task = client.get(&path).await?;
    }
    Ok(task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_program_of_data() {
        let code = program("items.list", r#"{"a": "`${1}`"}"#, Some("x\"y")).unwrap();
        assert_eq!(code, r#"return await tools.items.list({"a":"`${1}`"}, {"connection":"x\"y"});"#);
    }

    #[test]
    fn arguments_that_are_no_json_are_a_mistake_of_the_command_line() {
        assert!(program("a.b", "{id: 7}", None).unwrap_err().is::<Usage>());
        assert!(program("a.b);x(", "{}", None).is_err());
    }
}
