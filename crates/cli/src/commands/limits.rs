//! `executor limits`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::with;
use crate::arguments::Target;
use crate::client::Client;
use crate::output::{self, member};

/// The limits, each with what it says of itself.
const LIMITS: [(&str, &str); 6] = [
    ("concurrentTasks", "tasks at once"),
    ("tasksPerMinute", "tasks a minute"),
    ("unfinishedTasks", "unfinished tasks"),
    ("callsPerTask", "calls a task"),
    ("journalBytes", "bytes of a task's journal"),
    ("resultBytes", "bytes of a result"),
];

#[derive(Debug, Args)]
pub(crate) struct Limits {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what the workspace may use
    Show {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Change limits; those that are not named stay as they are
    #[command(
        after_help = "Examples:\n  executor limits set --concurrent-tasks 8 --tasks-per-minute 120\n  \
                      executor limits set --reset callsPerTask"
    )]
    Set(Box<Set>),
}

#[derive(Debug, Args)]
struct Set {
    /// Tasks that run at once; more wait for their turn
    #[arg(long)]
    concurrent_tasks: Option<u64>,
    /// Tasks that are accepted within a minute; more are refused
    #[arg(long)]
    tasks_per_minute: Option<u64>,
    /// Tasks that have not ended, waiting ones among them; more are refused
    #[arg(long)]
    unfinished_tasks: Option<u64>,
    /// Calls that a task may make
    #[arg(long)]
    calls_per_task: Option<u64>,
    /// The journal of a task, in bytes
    #[arg(long)]
    journal_bytes: Option<u64>,
    /// A result, one emitted value, or the arguments of a call, in bytes of JSON
    #[arg(long)]
    result_bytes: Option<u64>,
    /// Have the deployment's own limit again, by its name in JSON
    #[arg(long, value_name = "LIMIT", value_parser = LIMITS.map(|(name, _)| name))]
    reset: Vec<String>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Limits {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    let path = client.path("limits");
    let mut limits: Map<String, Value> = client.get(&path).await?;
    let json = match action {
        Action::Show { json } => json,
        Action::Set(set) => {
            let given = [
                set.concurrent_tasks,
                set.tasks_per_minute,
                set.unfinished_tasks,
                set.calls_per_task,
                set.journal_bytes,
                set.result_bytes,
            ];
            for ((name, _), value) in LIMITS.into_iter().zip(given) {
                limits.extend(value.map(|value| (name.to_owned(), Value::from(value))));
            }
            set.reset.iter().for_each(|name| drop(limits.remove(name)));
            limits = client.put(&path, &Value::Object(limits)).await?;
            set.json
        }
    };
    let limits = Value::Object(limits);
    match json {
        true => output::json(&limits)?,
        false => output::text(described(&limits)),
    }
    Ok(ExitCode::SUCCESS)
}

fn described(limits: &Value) -> String {
    let lines = LIMITS.map(|(name, what)| {
        let value = match limits[name].is_null() {
            true => "as the deployment has it".to_owned(),
            false => member(limits, name),
        };
        format!("{name:<17}{value:<26}{what}")
    });
    lines.join("\n")
}
