//! `executor policies`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, member};

#[derive(Debug, Args)]
pub(crate) struct Policies {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a rule
    #[command(after_help = "Examples:\n  executor policies add 'github.issues.*' allow\n  \
        executor policies add 'github.*.delete*' deny --layer organization")]
    Add {
        /// Which tools: `github.issues.*`
        tools: String,
        /// What happens to their calls: allow, require_approval or deny
        #[arg(value_parser = ["allow", "require_approval", "deny"])]
        effect: String,
        /// Whose rule it is
        #[arg(long, default_value = "workspace", value_parser = ["organization", "workspace", "account"])]
        layer: String,
        /// Its place in the layer; the lowest is asked first, and a new rule comes last
        #[arg(long)]
        position: Option<i64>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List the rules, in the order in which they are asked
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what policy decides about a tool, and why
    Explain {
        /// The tool's path
        path: String,
        /// Over this connection
        #[arg(long)]
        connection: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a rule
    Remove {
        /// The rule's id
        rule: String,
    },
}

impl Policies {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Add { tools, effect, layer, position, json } => {
            let body = json!({ "tools": tools, "effect": effect, "layer": layer, "position": position });
            let rule: Value = client.post(&client.path("policies"), &body).await?;
            if json {
                output::json(&rule)?;
            } else {
                output::text(format!("Added {}: {} of `{}`.", member(&rule, "id"), effect, tools));
                if let Some(warning) = rule["warning"].as_str() {
                    output::text(format!("warning: {warning}"));
                }
            }
        }
        Action::List { json } => {
            let rules = client.list(&client.path("policies")).await?;
            let row = |rule: &Value| {
                ["layer", "position", "effect", "tools", "id"].map(|name| member(rule, name)).to_vec()
            };
            let empty = "There are no rules. By default tools that read are allowed, and tools that write need approval.";
            output::list(&rules, json, &["LAYER", "POSITION", "EFFECT", "TOOLS", "ID"], row, empty)?;
        }
        Action::Explain { path, connection, json } => {
            let connection =
                connection.map(|name| format!("&connection={}", encode(&name))).unwrap_or_default();
            let path = client.path(&format!("policies/explain?path={}{connection}", encode(&path)));
            let explanation: Value = client.get(&path).await?;
            if json {
                output::json(&explanation)?;
            } else {
                output::text(format!("{}: {}", member(&explanation, "path"), member(&explanation, "effect")));
                for voice in explanation["voices"].as_array().into_iter().flatten() {
                    let decided = if *voice == explanation["decidedBy"] { "  <- decides" } else { "" };
                    output::text(format!("  {}{decided}", member(voice, "reason")));
                }
            }
        }
        Action::Remove { rule } => {
            client.delete(&client.path(&format!("policies/{}", encode(&rule)))).await?;
            output::text(format!("Removed {rule}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}
