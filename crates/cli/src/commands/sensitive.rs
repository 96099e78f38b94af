//! `executor sensitive`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, member};

#[derive(Debug, Args)]
pub(crate) struct Sensitive {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Mark tools as sensitive: tasks that call one are encrypted from there on
    #[command(after_help = "Example:\n  executor sensitive add 'payroll.*'")]
    Add {
        /// Which tools: `payroll.*`
        tools: String,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List what is marked
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a mark back; what is encrypted stays so
    Remove {
        /// The pattern, as it was given
        tools: String,
    },
}

impl Sensitive {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    let place = client.path("sensitive-tools");
    match action {
        Action::Add { tools, json } => {
            let marked: Value = client.post(&place, &json!({ "tools": tools })).await?;
            if json {
                output::json(&marked)?;
            } else {
                output::text(format!(
                    "Tasks that call {tools} are encrypted from there on, and shown only to whose they are and to owners and admins."
                ));
            }
        }
        Action::List { json } => {
            let marks = client.list(&place).await?;
            let empty = "No tools are marked as sensitive. Mark some: executor sensitive add 'payroll.*'";
            output::list(&marks, json, &["TOOLS"], |mark: &Value| vec![member(mark, "tools")], empty)?;
        }
        Action::Remove { tools } => {
            client.delete(&format!("{place}/{}", encode(&tools))).await?;
            output::text(format!("Took back the mark {tools}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}
