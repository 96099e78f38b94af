//! `executor keys`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::with;
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, ago, member};

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key; its secret is shown only now
    #[command(after_help = "Example:\n  executor keys create ci --scope read --scope run")]
    Create {
        /// What it is for
        name: String,
        /// What it may be used for: read, run, manage, approve, administer
        #[arg(long = "scope")]
        scopes: Vec<String>,
        /// Whose it is, by account id; yours if not said
        #[arg(long)]
        account: Option<String>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List the keys
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// End a key, at once
    Revoke {
        /// The key's id
        key: String,
    },
}

impl Keys {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    let path = "/api/v1/organization/keys";
    match action {
        Action::Create { name, scopes, account, json } => {
            let scopes = (!scopes.is_empty()).then_some(scopes);
            let body = json!({ "name": name, "scopes": scopes, "account": account });
            let key: Value = client.post(path, &body).await?;
            if json { output::json(&key)? } else { output::text(member(&key, "secret")) }
        }
        Action::List { json } => {
            let keys = client.list(path).await?;
            let row = |key: &Value| {
                let state = if key["revokedAt"].is_null() { "live" } else { "revoked" };
                vec![
                    member(key, "id"),
                    member(key, "name"),
                    member(key, "prefix"),
                    state.to_owned(),
                    ago(key, "createdAt"),
                ]
            };
            let empty = "There are no keys yet. Make one: executor keys create <name>";
            output::list(&keys, json, &["KEY", "NAME", "BEGINS", "STATE", "MADE"], row, empty)?;
        }
        Action::Revoke { key } => {
            client.delete(&format!("{path}/{}", encode(&key))).await?;
            output::text(format!("Revoked {key}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}
