//! `executor policies`.

mod rule;
mod show;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::rule::RuleOptions;
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
        executor policies add 'github.*.delete*' deny --layer organization\n  \
        executor policies add 'shop.orders.create' deny --condition 'args.amount > 1000'\n  \
        executor policies add 'shop.*' require_approval --approver role:admin --approver-count 2 \
        --exclude-submitter")]
    Add {
        /// Which tools: `github.issues.*`
        tools: String,
        /// What happens to their calls: allow, require_approval or deny
        #[arg(value_parser = EFFECTS)]
        effect: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rule: Box<RuleOptions>,
    },
    /// List the rules, in the order in which they are asked
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what policy decides about a tool or a call, and why
    #[command(after_help = "Examples:\n  executor policies explain github.issues.create\n  \
        executor policies explain shop.orders.create '{\"amount\": 5000}' --connection work")]
    Explain {
        /// The tool's path
        path: String,
        /// The call's arguments, as JSON
        arguments: Option<String>,
        /// Over this connection
        #[arg(long)]
        connection: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what a rule would have done to the latest calls; nothing is saved
    #[command(after_help = "Examples:\n  \
        executor policies test --tools 'github.*' --effect deny --condition 'tool.sideEffect == \"write\"'\n  \
        executor policies test --without rul_0197f0d2a3b17c55a1b2c3d4e5f60718")]
    Test {
        /// Which tools the rule is about
        #[arg(long, requires = "effect", required_unless_present = "without")]
        tools: Option<String>,
        /// What would happen to their calls
        #[arg(long, requires = "tools", value_parser = EFFECTS)]
        effect: Option<String>,
        /// As if this rule were removed; its id
        #[arg(long, value_name = "RULE")]
        without: Vec<String>,
        /// On how many calls
        #[arg(long, default_value_t = 1_000)]
        limit: u32,
        /// Write JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rule: Box<RuleOptions>,
    },
    /// Put a rule at another place in its layer
    #[command(after_help = "Examples:\n  executor policies move rul_… --first\n  \
        executor policies move rul_… --before rul_…")]
    Move {
        /// The rule's id
        rule: String,
        #[command(flatten)]
        place: Place,
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

const EFFECTS: [&str; 3] = ["allow", "require_approval", "deny"];

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// Just before this rule
    #[arg(long, value_name = "RULE")]
    before: Option<String>,
    /// Just after this rule
    #[arg(long, value_name = "RULE")]
    after: Option<String>,
    /// Before all others
    #[arg(long)]
    first: bool,
    /// After all others
    #[arg(long)]
    last: bool,
    /// At this position
    #[arg(long, allow_negative_numbers = true)]
    position: Option<i64>,
}

impl Policies {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Add { tools, effect, rule, json } => {
            let rule: Value = client.post(&client.path("policies"), &rule.body(&tools, &effect)).await?;
            if json {
                output::json(&rule)?;
            } else {
                output::text(format!("Added {}: {effect} of `{tools}`.", member(&rule, "id")));
                if let Some(warning) = rule["warning"].as_str() {
                    output::text(format!("warning: {warning}"));
                }
            }
        }
        Action::List { json } => {
            let rules = client.list(&client.path("policies")).await?;
            let row = |rule: &Value| {
                let mut row =
                    ["layer", "position", "effect", "tools"].map(|name| member(rule, name)).to_vec();
                row.extend([show::about(rule), member(rule, "id")]);
                row
            };
            let empty = "There are no rules. By default tools that read are allowed, and tools that write need approval.";
            let header = ["LAYER", "POSITION", "EFFECT", "TOOLS", "ONLY", "ID"];
            output::list(&rules, json, &header, row, empty)?;
        }
        Action::Explain { path, arguments, connection, json } => {
            let arguments: Option<Value> = arguments
                .map(|text| serde_json::from_str(&text).context("The arguments are not JSON"))
                .transpose()?;
            let call = json!({ "path": path, "connection": connection, "arguments": arguments });
            let explanation: Value = client.post(&client.path("policies/explain"), &call).await?;
            if json { output::json(&explanation)? } else { show::explanation(&explanation) }
        }
        Action::Test { tools, effect, rule, without, limit, json } => {
            let added = tools.zip(effect).map(|(tools, effect)| rule.body(&tools, &effect));
            let rules = json!({ "add": Vec::from_iter(added), "remove": without, "limit": limit });
            let report: Value = client.post(&client.path("policies/dry-run"), &rules).await?;
            if json { output::json(&report)? } else { show::dry_run(&report)? }
        }
        Action::Move { rule, place, json } => {
            let moved: Value =
                client.patch(&client.path(&format!("policies/{}", encode(&rule))), &place.body()).await?;
            if json {
                output::json(&moved)?;
            } else {
                output::text(format!("Moved {rule} to position {}.", member(&moved, "position")));
            }
        }
        Action::Remove { rule } => {
            client.delete(&client.path(&format!("policies/{}", encode(&rule)))).await?;
            output::text(format!("Removed {rule}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Place {
    fn body(&self) -> Value {
        match self {
            Place { before: Some(rule), .. } => json!({ "before": rule }),
            Place { after: Some(rule), .. } => json!({ "after": rule }),
            Place { position: Some(position), .. } => json!({ "position": position }),
            Place { first: true, .. } => json!({ "to": "first" }),
            Place { .. } => json!({ "to": "last" }),
        }
    }
}
