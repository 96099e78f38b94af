//! `executor tasks`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{run, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, ago, member};

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
            return run::show(&task, json);
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
        Action::Rerun { task } => {
            let path = client.path(&format!("tasks/{}/rerun", encode(&task)));
            let task: Value = client.post(&path, &json!({ "waitMs": 60_000 })).await?;
            return run::show(&task, false);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn events(client: &Client, task: &str, follow: bool, as_json: bool) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let path = client.path(&format!("tasks/{}/events?after={after}&limit=500", encode(task)));
        let page: Value = client.get(&path).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        for event in &items {
            after = event["seq"].as_u64().unwrap_or(after);
            if as_json {
                output::text(event);
            } else {
                let data: String = event["data"].to_string().chars().take(160).collect();
                output::text(format!("{:>5}  {:<18} {data}", after, member(event, "type")));
            }
        }
        let ended = items.last().is_some_and(|event| event["type"] == "task.ended");
        if ended || (items.is_empty() && !follow) {
            return Ok(());
        }
        if items.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}
