//! `executor sources`.

mod add;
mod changes;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Method;
use serde_json::{Value, json};

use super::{confirm, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::failure::Refused;
use crate::output::{self, ago, member};
use crate::sse::Events;

#[derive(Debug, Args)]
pub(crate) struct Sources {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an API: by its address, or by a document that describes it
    #[command(
        after_help = "What can be added: OpenAPI 3 and Swagger 2 documents, GraphQL endpoints and schemas, MCP servers over HTTP or as \
        a local program, and Google Discovery documents. Which one it is is found out.\n\nExamples:\n  \
        executor sources add https://example.com/openapi.json --name example\n  \
        executor sources add ./api.yaml\n  cat api.json | executor sources add - --name api\n  \
        executor sources add https://api.example.com/graphql --token\n  \
        executor sources add --preset github\n  executor sources add https://mcp.example.com/mcp --trusted\n  \
        executor sources add 'stdio:npx -y @modelcontextprotocol/server-everything' --name everything"
    )]
    Add(add::Add),
    /// Find out what is at an address, without adding it
    #[command(after_help = "Example:\n  executor sources detect https://example.com/openapi.json")]
    Detect(add::Detect),
    /// List well-known APIs that can be added by name
    #[command(after_help = "Example:\n  executor sources add --preset github")]
    Presets {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List the sources
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a source and the operations that became no tool
    Show {
        /// Its name or id
        source: String,
    },
    /// Read a source's document again
    Refresh {
        /// Its name or id
        source: String,
    },
    /// Show what a refresh changed of a source's tools, and which of them ask until that is accepted
    Changes {
        /// Its name or id
        source: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Accept changed tools as they are, so that they no longer ask because of it
    #[command(
        after_help = "Examples:\n  executor sources changes github\n  executor sources accept github\n  \
        executor sources accept github github.issues.create --yes"
    )]
    Accept {
        /// Its name or id
        source: String,
        /// The tools' paths; all that changed if none is given
        tools: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Only if nothing has changed since this revision, which `changes --json` says
        #[arg(long)]
        revision: Option<u64>,
        /// Write what is left as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a source with its tools and connections
    Remove {
        /// Its name or id
        source: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl Sources {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Add(add) => add.run(client).await?,
        Action::Detect(detect) => detect.run(client).await?,
        Action::Presets { json } => {
            let presets = client.list(&client.path("source-presets")).await?;
            let row =
                |preset: &Value| ["id", "kind", "title", "summary"].map(|name| member(preset, name)).to_vec();
            output::list(&presets, json, &["PRESET", "KIND", "API", "FOR"], row, "There are no presets.")?;
        }
        Action::List { json } => {
            let sources = client.list(&client.path("sources")).await?;
            let row = |source: &Value| {
                vec![
                    member(source, "name"),
                    member(source, "kind"),
                    member(source, "tools"),
                    read(source),
                    member(source, "title"),
                ]
            };
            let empty = "There are no sources yet. Add one: executor sources add <address>";
            output::list(&sources, json, &["NAME", "KIND", "TOOLS", "READ", "TITLE"], row, empty)?;
        }
        Action::Show { source } => output::json(&find(client, &source).await?)?,
        Action::Refresh { source } => {
            let id = member(&find(client, &source).await?, "id");
            show(
                &import(client, &client.path(&format!("sources/{id}/refresh")), &json!({})).await?,
                true,
                false,
            )?;
            changes::summary(&changes(client, &id).await?);
        }
        Action::Changes { source, json } => {
            let changes = changes(client, &source).await?;
            if json { output::json(&changes)? } else { changes::show(&changes) }
        }
        Action::Accept { source, tools, yes, revision, json } => {
            let seen = changes(client, &source).await?;
            if !json {
                changes::show(&seen);
            }
            if changes::are_none(&seen) && tools.is_empty() {
                return if json {
                    output::json(&seen).map(|()| ExitCode::SUCCESS)
                } else {
                    Ok(ExitCode::SUCCESS)
                };
            }
            let which = if tools.is_empty() { "all of this".to_owned() } else { tools.join(", ") };
            confirm(&format!("Accept {which}?"), yes)?;
            let tools = (!tools.is_empty()).then_some(tools);
            let accepted = json!({ "revision": revision.or(seen["revision"].as_u64()), "tools": tools });
            let path = client.path(&format!("sources/{}/review", member(&seen, "source")));
            let left: Value = client.post(&path, &accepted).await?;
            if json { output::json(&left)? } else { changes::left(&left) }
        }
        Action::Remove { source, yes } => {
            let found = find(client, &source).await?;
            let tools = member(&found, "tools");
            confirm(
                &format!("Remove {} with its {tools} tools and its connections?", member(&found, "name")),
                yes,
            )?;
            client.delete(&client.path(&format!("sources/{}", member(&found, "id")))).await?;
            output::text(format!("Removed {}.", member(&found, "name")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// When the document was last read, and whether that fails at present.
fn read(source: &Value) -> String {
    let ago = ago(source, "refreshedAt");
    if source["refreshFailure"].is_null() { ago } else { format!("{ago}, failing") }
}

async fn find(client: &Client, source: &str) -> anyhow::Result<Value> {
    client.get(&client.path(&format!("sources/{}", encode(source)))).await
}

async fn changes(client: &Client, source: &str) -> anyhow::Result<Value> {
    client.get(&client.path(&format!("sources/{}/changes", encode(source)))).await
}

/// `connected`: whether it has a connection, as far as it is known here.
fn show(source: &Value, connected: bool, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(source);
    }
    output::text(format!("{} has {} tools.", member(source, "name"), member(source, "tools")));
    let skipped = source["skipped"].as_array().map_or(0, Vec::len);
    if skipped > 0 {
        output::text(format!(
            "{skipped} operations became none: executor sources show {}",
            member(source, "name")
        ));
    }
    output::text(format!("Next: executor tools list --source {}", member(source, "name")));
    let asks = source["methods"].as_array().is_some_and(|methods| !methods.is_empty());
    if asks && !connected {
        output::text(format!("Connect it: executor connections add {}", member(source, "name")));
    }
    Ok(())
}

/// Follows an import to its end, with its progress on a terminal.
async fn import(client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
    let response = client.events(Method::POST, path, Some(body)).await?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{msg:12} {wide_bar} {pos}/{len}")?);
    let mut events = Events::of(response);
    while let Some(event) = events.next().await? {
        let data: Value = serde_json::from_str(&event.data)?;
        match event.kind.as_str() {
            "source" => {
                bar.finish_and_clear();
                return Ok(data);
            }
            "error" => {
                bar.finish_and_clear();
                return Err(Refused::from_problem(&data, "an error without a reason").into());
            }
            "progress" => advance(&bar, &data),
            _ => {}
        }
    }
    bail!("the server ended the import without an answer; see its log")
}

fn advance(bar: &ProgressBar, data: &Value) {
    bar.set_message(member(data, "stage"));
    if let Some(total) = data["total"].as_u64() {
        bar.set_length(total);
    }
    if let Some(position) = data["done"].as_u64().or(data["received"].as_u64()) {
        bar.set_position(position);
    }
}
