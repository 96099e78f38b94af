//! `executor approvals`.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::connect::Connection;
use crate::failure::Usage;
use crate::output::{self, ago, member};

#[derive(Debug, Args)]
pub(crate) struct Approvals {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what waits for a decision
    #[command(after_help = "Examples:\n  executor approvals list\n  executor approvals list --all --json")]
    List {
        /// Those that are decided as well
        #[arg(long)]
        all: bool,
        /// Only those of this task
        #[arg(long)]
        task: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what will be sent, the code that asks, and what the task has done so far
    Show {
        /// The approval's id
        approval: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Let calls go ahead
    #[command(after_help = "Examples:\n  executor approvals approve apr_… --reason 'checked with Ada'\n  \
                      executor approvals approve apr_… --arguments '{\"title\": \"a better one\"}'\n  \
                      executor approvals approve apr_… --remember task")]
    Approve {
        /// The ids of the approvals
        #[arg(required = true)]
        approvals: Vec<String>,
        /// Why, for the record
        #[arg(long)]
        reason: Option<String>,
        /// Send these arguments, as JSON, in place of those that the code gave; with one approval only
        #[arg(long, value_name = "JSON")]
        arguments: Option<String>,
        /// Approve what follows too: `task` for the same operation in this task, `rule` for all such calls
        #[arg(long)]
        remember: Option<Remember>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Refuse calls; their code is thrown an error
    Deny {
        /// The ids of the approvals
        #[arg(required = true)]
        approvals: Vec<String>,
        /// Why; the code learns it
        #[arg(long)]
        reason: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Answer a question that code asks with `tools.executor.ask`, or an API in the middle of a call
    #[command(after_help = "Examples:\n  executor approvals answer apr_… 'the staging one'\n  \
                      executor approvals answer apr_… '{\"count\": 3}' --as-json")]
    Answer {
        /// The approval's id
        approval: String,
        /// The answer: a text, unless the question wants something else
        answer: String,
        /// Read the answer as JSON
        #[arg(long)]
        as_json: bool,
        /// Why, for the record
        #[arg(long)]
        reason: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Take an approval back that your own task asked for, which denies the call
    Cancel {
        /// The approval's id
        approval: String,
        /// Why; the code learns it
        #[arg(long)]
        reason: Option<String>,
    },
    /// Make a link that lets a browser decide; it works once, for as long as the server runs
    Link,
    /// Say what became of a call of which no answer came and that must not be repeated
    #[command(
        after_help = "Examples:\n  executor approvals resolve-call tsk_….3 completed --result '{\"id\": 7}'\n  \
                      executor approvals resolve-call tsk_….3 retry --reason 'it is not in the list'"
    )]
    ResolveCall {
        /// The task's id, a dot, and the call's number
        call: String,
        /// What became of it
        outcome: Outcome,
        /// With `completed`: what the code gets, as JSON
        #[arg(long, value_name = "JSON")]
        result: Option<String>,
        /// How you know, for the record
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Remember {
    Task,
    Rule,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Outcome {
    /// It took effect
    Completed,
    /// It did not, and is to be made again
    Retry,
    /// It did not, and is not to be made again
    Failed,
}

impl Approvals {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        if matches!(action, Action::Link) {
            return link(&self.target).await;
        }
        with(&self.target, async |client| act(&client, action).await).await
    }
}

/// A link of a server that goes on running.
async fn link(target: &Target) -> anyhow::Result<ExitCode> {
    let connection = Connection::open(target).await?;
    let made = match connection.is_hosted() {
        true => Err(anyhow::anyhow!("no server is running; start one with `executor serve`")),
        false => connection.client.post::<Value>("/api/v1/pairing", &json!({})).await,
    };
    connection.close().await?;
    output::text(member(&made?, "url"));
    Ok(ExitCode::SUCCESS)
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::List { all, task, limit, json } => {
            let mut query = format!("approvals?limit={limit}");
            if !all {
                query.push_str("&status=open");
            }
            if let Some(task) = task {
                query.push_str(&format!("&task={}", encode(&task)));
            }
            let page: Value = client.get(&client.path(&query)).await?;
            let row = |approval: &Value| {
                let (request, question) = (&approval["request"], &approval["question"]);
                let about = match question.is_object() {
                    true => member(question, "title"),
                    false => format!("{} {}", member(request, "method"), member(request, "url")),
                };
                vec![
                    member(approval, "id"),
                    member(approval, "status"),
                    ago(approval, "createdAt"),
                    member(approval, "path"),
                    about,
                ]
            };
            let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            let empty = "Nothing waits for a decision.";
            output::list(items, json, &["APPROVAL", "STATUS", "ASKED", "TOOL", "ABOUT"], row, empty)?;
        }
        Action::Show { approval, json } => {
            let path = client.path(&format!("approvals/{}", encode(&approval)));
            let approval: Value = client.get(&path).await?;
            if json { output::json(&approval)? } else { output::text(described(&approval)) }
        }
        Action::Approve { approvals, reason, arguments, remember, json } => {
            if arguments.is_some() && approvals.len() > 1 {
                return Err(Usage("--arguments goes with one approval only.".to_owned()).into());
            }
            let arguments = arguments.as_deref().map(|text| read_json("--arguments", text)).transpose()?;
            let remember = remember.map(|remember| match remember {
                Remember::Task => "task",
                Remember::Rule => "rule",
            });
            let decision = json!({
                "decision": "approve", "reason": reason, "arguments": arguments, "remember": remember,
            });
            decide(client, &approvals, &decision, json).await?;
        }
        Action::Deny { approvals, reason, json } => {
            decide(client, &approvals, &json!({ "decision": "deny", "reason": reason }), json).await?;
        }
        Action::Answer { approval, answer, as_json, reason, json } => {
            let answer = match as_json {
                true => read_json("The answer", &answer)?,
                false => Value::from(answer),
            };
            let decision = json!({ "decision": "approve", "answer": answer, "reason": reason });
            decide(client, &[approval], &decision, json).await?;
        }
        // It is made where the connection is known.
        Action::Link => {}
        Action::Cancel { approval, reason } => {
            let path = client.path(&format!("approvals/{}/cancel", encode(&approval)));
            let approval: Value = client.post(&path, &json!({ "reason": reason })).await?;
            output::text(line(&approval));
        }
        Action::ResolveCall { call, outcome, result, reason } => {
            let outcome = match outcome {
                Outcome::Completed => "completed",
                Outcome::Retry => "retry",
                Outcome::Failed => "failed",
            };
            let result = result.as_deref().map(|text| read_json("--result", text)).transpose()?;
            let path = client.path(&format!("calls/{}/resolve", encode(&call)));
            let resolution = json!({ "outcome": outcome, "result": result, "reason": reason });
            let _: Value = client.post(&path, &resolution).await?;
            output::text(format!("Call {call} is told as {outcome}; its task goes on."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Decides about each; the first that is refused stops it, and those before stay decided.
async fn decide(client: &Client, approvals: &[String], decision: &Value, json: bool) -> anyhow::Result<()> {
    for approval in approvals {
        let path = client.path(&format!("approvals/{}/resolve", encode(approval)));
        let approval: Value = client.post(&path, decision).await?;
        if json { output::json(&approval)? } else { output::text(line(&approval)) }
    }
    Ok(())
}

fn read_json(flag: &str, text: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(text).map_err(|error| {
        Usage(format!("{flag} is not JSON: {error}.\n  next: quote it whole: '{{\"id\": 7}}'"))
    })?)
}

fn line(approval: &Value) -> String {
    let status = match approval["status"].as_str() {
        Some("open") => "open still: it takes more people".to_owned(),
        _ => member(approval, "status"),
    };
    format!("{} {} is {status}.", member(approval, "id"), member(approval, "path"))
}

/// What a person needs to decide.
fn described(approval: &Value) -> String {
    let request = &approval["request"];
    let mut lines = vec![
        format!("Approval    {} ({})", member(approval, "id"), member(approval, "status")),
        format!("Task        {}, call {}", member(approval, "task"), member(approval, "call")),
        format!("Tool        {}", member(approval, "path")),
    ];
    match approval["question"].is_object() {
        true => {
            let question = &approval["question"];
            lines.push(format!("Question    {}", member(question, "title")));
            lines.extend(question["details"].as_str().map(indented));
        }
        false => {
            lines.push(format!("Request     {} {}", member(request, "method"), member(request, "url")));
        }
    }
    if approval["connection"].is_string() {
        lines.push(format!("Connection  {}", member(approval, "connection")));
    }
    lines.push(format!("Why         {}", member(approval, "reason")));
    lines.push(format!("Asked       {}", ago(approval, "createdAt")));
    let arguments = serde_json::to_string_pretty(&approval["arguments"]).unwrap_or_default();
    lines.push(format!("\nArguments\n{}", indented(&arguments)));
    let asks = approval["line"].as_u64();
    let code = member(approval, "code");
    let code = (1..).zip(code.lines()).map(|(number, text)| {
        let mark = if Some(number) == asks { '>' } else { ' ' };
        format!("{mark} {number:>4}  {text}")
    });
    lines.push(format!("\nCode\n{}", code.collect::<Vec<_>>().join("\n")));
    let done: Vec<String> = approval["doneSoFar"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| {
            format!("  {} {} ({})", member(call, "number"), member(call, "path"), member(call, "state"))
        })
        .collect();
    let done = if done.is_empty() { "  nothing".to_owned() } else { done.join("\n") };
    lines.push(format!("\nDone so far\n{done}"));
    if approval["mayDecide"] == true {
        let id = member(approval, "id");
        let yes = match approval["question"].is_object() {
            true => format!("executor approvals answer {id} '…'"),
            false => format!("executor approvals approve {id}"),
        };
        lines.push(format!("\n  next: {yes}, or executor approvals deny {id}"));
    }
    lines.join("\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
