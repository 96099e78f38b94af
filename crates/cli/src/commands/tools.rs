//! `executor tools`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::with;
use crate::arguments::{Kind, Target};
use crate::client::{Client, encode};
use crate::output::{self, member};

#[derive(Debug, Args)]
pub(crate) struct Tools {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Find tools by what they should do
    Search {
        /// In your own words
        query: Vec<String>,
        /// At most this many
        #[arg(long, default_value_t = 10)]
        limit: u32,
        /// Only tools of this source
        #[arg(long)]
        source: Option<String>,
        /// Only tools of sources of this kind
        #[arg(long)]
        kind: Option<Kind>,
        /// Only tools that read
        #[arg(long)]
        reads: bool,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a tool takes and gives, as TypeScript
    Describe {
        /// The tool's path
        path: String,
        /// Write JSON, schemas included
        #[arg(long)]
        json: bool,
    },
    /// Write all tools as TypeScript declarations, for an editor
    #[command(after_help = "Example:\n  executor tools types > tools.d.ts")]
    Types {
        /// Only tools of this source
        #[arg(long)]
        source: Option<String>,
    },
    /// List all tools
    List {
        /// Only tools of this source
        #[arg(long)]
        source: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

impl Tools {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Search { query, limit, source, kind, reads, json } => {
            let source = source.map(|source| format!("&source={}", encode(&source))).unwrap_or_default();
            let kind = kind.map(|kind| format!("&kind={}", kind.name())).unwrap_or_default();
            let effect = if reads { "&sideEffect=none" } else { "" };
            let query = encode(&query.join(" "));
            let found: Value = client
                .get(&client.path(&format!("tools?query={query}&limit={limit}{source}{kind}{effect}")))
                .await?;
            let hint = found["hint"].as_str().unwrap_or("Nothing was found.").to_owned();
            list(found["items"].as_array().map(Vec::as_slice).unwrap_or_default(), json, &hint)?;
        }
        Action::Describe { path, json } => {
            let tool: Value = client.get(&client.path(&format!("tools/{}", encode(&path)))).await?;
            if json { output::json(&tool)? } else { output::text(member(&tool, "typescript")) }
        }
        Action::Types { source } => {
            let source = source.map(|source| format!("?source={}", encode(&source))).unwrap_or_default();
            let answer = client.download(&client.path(&format!("tools.d.ts{source}"))).await?;
            let declarations = answer.text().await?;
            output::text(declarations.trim_end());
        }
        Action::List { source, json } => {
            let source = source.map(|source| format!("&source={}", encode(&source))).unwrap_or_default();
            let tools = client.list(&client.path(&format!("tools?limit=200{source}"))).await?;
            list(&tools, json, "There are no tools yet. Add a source: executor sources add <address>")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(tools: &[Value], json: bool, empty: &str) -> anyhow::Result<()> {
    let row = |tool: &Value| vec![member(tool, "path"), member(tool, "policy"), member(tool, "summary")];
    output::list(tools, json, &["TOOL", "POLICY", "SUMMARY"], row, empty)
}
