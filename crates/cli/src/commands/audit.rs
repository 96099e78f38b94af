//! `executor audit`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use executor_core::{Clock, clock::SystemClock};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::duration;
use crate::output::{self, ago, member};

const PATH: &str = "/api/v1/organization/audit";

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List entries, newest first
    #[command(
        after_help = "Examples:\n  executor audit list --since 2h\n  executor audit list --action call.started --json"
    )]
    List {
        /// Only those of this action, as `source.added`
        #[arg(long)]
        action: Option<String>,
        /// Only those of this account, by id; `system` for what Executor does by itself
        #[arg(long)]
        actor: Option<String>,
        /// Only those of this workspace, by id or slug
        #[arg(long = "in")]
        within: Option<String>,
        /// Only those of the last time, as 90s, 5m or 2h
        #[arg(long, value_parser = duration::parse)]
        since: Option<std::time::Duration>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that nothing was altered or removed; exits with 1 if something was
    #[command(after_help = "Example:\n  executor audit verify --json")]
    Verify {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Write all sealed entries as JSON lines, and the chain's head as the last
    #[command(
        after_help = "Examples:\n  executor audit export --output audit.jsonl\n  executor audit export --after 1200 >> audit.jsonl"
    )]
    Export {
        /// Only entries with a greater number
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// The file to write; standard output if not said
        #[arg(long)]
        output: Option<PathBuf>,
    },
    /// Set a legal hold, so that nothing is removed, or release it
    #[command(
        after_help = "Examples:\n  executor audit hold \"case 2026-17\"\n  executor audit hold --release"
    )]
    Hold {
        /// Why
        #[arg(required_unless_present = "release")]
        reason: Option<String>,
        /// Release it
        #[arg(long, conflicts_with = "reason")]
        release: bool,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show or say how long details and journals are kept
    #[command(
        after_help = "Examples:\n  executor audit retention\n  executor audit retention --audit-days 365 --journal-days 90\n  executor audit retention --journal-days forever"
    )]
    Retention {
        /// After so many days the details of entries are removed, or `forever`
        #[arg(long, value_parser = days)]
        audit_days: Option<Days>,
        /// So many days after their end the journals of tasks are removed, or `forever`
        #[arg(long, value_parser = days)]
        journal_days: Option<Days>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

/// A number of days; none is for ever.
#[derive(Debug, Clone, Copy)]
struct Days(Option<u32>);

fn days(text: &str) -> Result<Days, String> {
    match text.parse() {
        Ok(days) if days > 0 => Ok(Days(Some(days))),
        _ if text == "forever" => Ok(Days(None)),
        _ => Err(format!("`{text}` is not a number of days; write 90, or forever")),
    }
}

impl Audit {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::List { action, actor, within, since, limit, json } => {
            let since = since.map(|since| {
                SystemClock.now().plus_millis(-i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            });
            let since = since.map(|since| since.as_millis().to_string());
            let mut path = format!("{PATH}?limit={}", limit.clamp(1, 200));
            let filters = [("action", action), ("actor", actor), ("workspace", within), ("since", since)];
            for (name, value) in filters {
                path.extend(value.map(|value| format!("&{name}={}", encode(&value))));
            }
            let entries = client.list_some(&path, limit).await?;
            let row = |entry: &Value| {
                let actor = entry["account"].as_str().unwrap_or("system").to_owned();
                let number = entry["number"].as_u64().map_or("-".to_owned(), |number| number.to_string());
                vec![number, ago(entry, "at"), actor, member(entry, "action"), member(entry, "target")]
            };
            let header = ["NUMBER", "WHEN", "WHO", "ACTION", "TARGET"];
            output::list(&entries, json, &header, row, "The log has no such entries.")?;
        }
        Action::Verify { json } => return verify(client, json).await,
        Action::Export { after, output } => {
            let answer = client.download(&format!("{PATH}/export?after={after}")).await?;
            let mut to: Box<dyn Write> = match &output {
                Some(path) => Box::new(fs_err::File::create(path)?),
                None => Box::new(std::io::stdout()),
            };
            copy(answer, to.as_mut()).await?;
        }
        Action::Hold { reason, json, .. } => {
            let mut settings: Value = client.get(&format!("{PATH}/settings")).await?;
            settings["hold"] = reason.map_or(Value::Null, |reason| json!({ "reason": reason }));
            show(&client.put(&format!("{PATH}/settings"), &settings).await?, json)?;
        }
        Action::Retention { audit_days, journal_days, json } => {
            let mut settings: Value = client.get(&format!("{PATH}/settings")).await?;
            for (name, days) in [("auditDays", audit_days), ("journalDays", journal_days)] {
                if let Some(Days(days)) = days {
                    settings[name] = json!(days);
                }
            }
            if audit_days.is_some() || journal_days.is_some() {
                settings = client.put(&format!("{PATH}/settings"), &settings).await?;
            }
            show(&settings, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(client: &Client, as_json: bool) -> anyhow::Result<ExitCode> {
    let found: Value = client.get(&format!("{PATH}/verify")).await?;
    let is_intact = found["intact"] == true;
    let code = if is_intact { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if as_json {
        output::json(&found)?;
        return Ok(code);
    }
    let (entries, unsealed) = (member(&found, "entries"), member(&found, "unsealed"));
    match is_intact {
        true => output::text(format!("Intact: {entries} entries; {unsealed} not sealed yet.")),
        false => {
            output::text(format!(
                "NOT INTACT: {} problems in {entries} entries.",
                member(&found, "problems")
            ));
            for finding in found["findings"].as_array().into_iter().flatten() {
                output::text(format!(
                    "  entry {}: {}",
                    member(finding, "number"),
                    member(finding, "problem")
                ));
            }
            output::text("  next: compare with an earlier export, and see docs/audit.md.");
        }
    }
    if let Some(head) = found["head"].as_str() {
        output::text(format!("Head: {head}"));
    }
    Ok(code)
}

async fn copy(mut answer: reqwest::Response, to: &mut dyn Write) -> anyhow::Result<()> {
    while let Some(chunk) = answer.chunk().await.context("the export was cut off")? {
        to.write_all(&chunk)?;
    }
    Ok(to.flush()?)
}

fn show(settings: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(settings);
    }
    let kept = |name: &str| match settings[name].as_u64() {
        Some(days) => format!("{days} days"),
        None => "for ever".to_owned(),
    };
    output::text(format!("Details of audit entries are kept {}.", kept("auditDays")));
    output::text(format!("Journals of tasks that have ended are kept {}.", kept("journalDays")));
    if let Some(reason) = settings["hold"]["reason"].as_str() {
        output::text(format!("A legal hold stops all removal: {reason}"));
    }
    Ok(())
}
