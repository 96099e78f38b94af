//! `executor toolkits`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, member};

#[derive(Debug, Args)]
pub(crate) struct Toolkits {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a toolkit
    #[command(after_help = "Example:\n  executor toolkits add triage 'github.issues.*' 'github.search.*'")]
    Add {
        /// What it is called in its address: lower-case letters, digits and `-`
        slug: String,
        /// Which tools are in it: `github.issues.*`
        #[arg(required = true)]
        tools: Vec<String>,
        /// What it is called by people; the slug if not said
        #[arg(long)]
        name: Option<String>,
        /// Call them over this connection only, by id or as `workspace/work`; may be given more than once
        #[arg(long = "connection")]
        connections: Vec<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List the toolkits
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a toolkit
    Show {
        /// Its slug
        slug: String,
    },
    /// Change what a toolkit is called or has
    Update {
        /// Its slug
        slug: String,
        /// Which tools are in it, in place of those that were
        tools: Vec<String>,
        /// What it is called by people
        #[arg(long)]
        name: Option<String>,
        /// Call them over this connection only, in place of those that were; may be given more than once
        #[arg(long = "connection")]
        connections: Vec<String>,
        /// Call them over every connection again
        #[arg(long, conflicts_with = "connections")]
        all_connections: bool,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a toolkit; tasks that came through it see no tools any more
    Remove {
        /// Its slug
        slug: String,
    },
}

impl Toolkits {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    let place = |slug: &str| client.path(&format!("toolkits/{}", encode(slug)));
    match action {
        Action::Add { slug, tools, name, connections, json } => {
            let name = name.as_ref().unwrap_or(&slug);
            let toolkit = json!({ "slug": slug, "name": name, "tools": tools, "connections": connections });
            let toolkit: Value = client.post(&client.path("toolkits"), &toolkit).await?;
            if json {
                output::json(&toolkit)?;
            } else {
                output::text(format!("Added {slug}. Its MCP endpoint is /mcp/toolkits/{slug}"));
            }
        }
        Action::List { json } => {
            let toolkits = client.list(&client.path("toolkits")).await?;
            let row = |toolkit: &Value| {
                let connections = match texts(toolkit, "connections") {
                    none if none.is_empty() => "all".to_owned(),
                    some => some,
                };
                vec![member(toolkit, "slug"), member(toolkit, "name"), texts(toolkit, "tools"), connections]
            };
            let empty = "There are no toolkits. Add one: executor toolkits add triage 'github.issues.*'";
            output::list(&toolkits, json, &["TOOLKIT", "NAME", "TOOLS", "CONNECTIONS"], row, empty)?;
        }
        Action::Show { slug } => {
            let toolkit: Value = client.get(&place(&slug)).await?;
            output::json(&toolkit)?;
        }
        Action::Update { slug, tools, name, connections, all_connections, json } => {
            let tools = (!tools.is_empty()).then_some(tools);
            let connections = (all_connections || !connections.is_empty()).then_some(connections);
            let change = json!({ "name": name, "tools": tools, "connections": connections });
            let toolkit: Value = client.patch(&place(&slug), &change).await?;
            if json {
                output::json(&toolkit)?;
            } else {
                output::text(format!("{slug} has {}.", texts(&toolkit, "tools")));
            }
        }
        Action::Remove { slug } => {
            client.delete(&place(&slug)).await?;
            output::text(format!("Removed {slug}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn texts(toolkit: &Value, member: &str) -> String {
    let texts = toolkit[member].as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join(" ")
}
