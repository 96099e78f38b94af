//! `executor tasks`.

mod replay;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::{outcome, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::failure::Refused;
use crate::output::{self, ago, member};
use crate::sse::Events;

/// How much of an event is shown on its line.
const EVENT_WIDTH: usize = 160;

#[derive(Debug, Args)]
pub(crate) struct Tasks {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the newest tasks
    List {
        /// Only those with this status
        #[arg(long)]
        status: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a task and its result
    Show {
        /// The task's id
        task: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a task's journal
    Events {
        /// The task's id
        task: String,
        /// Go on until the task has ended
        #[arg(long)]
        follow: bool,
        /// Write a JSON object on each line
        #[arg(long)]
        json: bool,
    },
    /// List a task's calls
    Calls {
        /// The task's id
        task: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// End a task
    Cancel {
        /// The task's id
        task: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Step through what a task did: its code is run again with what it had learned, and no call leaves
    #[command(after_help = "On a terminal Enter goes on to the next step and q ends.")]
    Replay {
        /// The task's id
        task: String,
        /// Show all steps at once
        #[arg(long)]
        all: bool,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a task's code again, as a new task
    Rerun {
        /// The task's id
        task: String,
    },
}

impl Tasks {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::List { status, limit, json } => {
            let status = status.map(|status| format!("&status={}", encode(&status))).unwrap_or_default();
            let page: Value = client.get(&client.path(&format!("tasks?limit={limit}{status}"))).await?;
            let row = |task: &Value| {
                vec![
                    member(task, "id"),
                    member(task, "status"),
                    ago(task, "createdAt"),
                    member(task, "title"),
                ]
            };
            let tasks = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            let empty = "There are no tasks yet. Run one: echo 'return 1 + 1' | executor run -";
            output::list(tasks, json, &["TASK", "STATUS", "CREATED", "CODE"], row, empty)?;
        }
        Action::Show { task, json } => {
            let task: Value = client.get(&client.path(&format!("tasks/{}", encode(&task)))).await?;
            return outcome::show(&task, json);
        }
        Action::Events { task, follow, json } => events(client, &task, follow, json).await?,
        Action::Calls { task, json } => {
            let calls = client.list(&client.path(&format!("tasks/{}/calls", encode(&task)))).await?;
            let row =
                |call: &Value| vec![member(call, "number"), member(call, "state"), member(call, "path")];
            output::list(&calls, json, &["CALL", "STATE", "TOOL"], row, "The task made no calls.")?;
        }
        Action::Cancel { task, reason } => {
            let path = client.path(&format!("tasks/{}/cancel", encode(&task)));
            let task: Value = client.post(&path, &json!({ "reason": reason })).await?;
            output::text(format!("Task {} is {}.", member(&task, "id"), member(&task, "status")));
        }
        Action::Replay { task, all, json } => {
            let path = client.path(&format!("tasks/{}/replay", encode(&task)));
            let replay: Value = client.get(&path).await?;
            return replay::show(&replay, all, json);
        }
        Action::Rerun { task } => {
            let path = client.path(&format!("tasks/{}/rerun", encode(&task)));
            let task: Value = client.post(&path, &json!({ "waitMs": 60_000 })).await?;
            return outcome::show(&task, false);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a task's journal, and goes on with what is added until the task has ended.
async fn events(client: &Client, task: &str, follow: bool, as_json: bool) -> anyhow::Result<()> {
    let base = client.path(&format!("tasks/{}/events", encode(task)));
    let mut after = 0;
    loop {
        let page: Value = client.get(&format!("{base}?after={after}&limit=1000")).await?;
        for event in page["items"].as_array().into_iter().flatten() {
            after = event["seq"].as_u64().unwrap_or(after);
            print(event, as_json);
        }
        if page["nextCursor"].is_null() {
            break;
        }
    }
    if !follow {
        return Ok(());
    }
    let live = client.events(Method::GET, &format!("{base}?after={after}"), None).await?;
    let mut live = Events::of(live);
    while let Some(event) = live.next().await? {
        let data: Value = serde_json::from_str(&event.data)?;
        if event.kind == "error" {
            return Err(Refused::from_problem(&data, "an error without a reason").into());
        }
        print(&data, as_json);
    }
    Ok(())
}

fn print(event: &Value, as_json: bool) {
    if as_json {
        return output::text(event);
    }
    let data: String = event["data"].to_string().chars().take(EVENT_WIDTH).collect();
    output::text(format!("{:>5}  {:<18} {data}", member(event, "seq"), member(event, "type")));
}
