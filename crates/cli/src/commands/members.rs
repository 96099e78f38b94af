//! `executor members`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{confirm, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, ago, member};

#[derive(Debug, Args)]
pub(crate) struct Members {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a member
    Add {
        /// The name
        name: String,
        /// The address
        #[arg(long)]
        email: Option<String>,
        /// The role: owner, admin, member or billing_admin
        #[arg(long, default_value = "member")]
        role: String,
    },
    /// List the members
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a member another role
    SetRole {
        /// The account's id
        account: String,
        /// The role: owner, admin, member or billing_admin
        role: String,
    },
    /// Remove a member and revoke their keys
    Remove {
        /// The account's id
        account: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl Members {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    let path = "/api/v1/organization/members";
    match action {
        Action::Add { name, email, role } => {
            let added: Value =
                client.post(path, &json!({ "name": name, "email": email, "role": role })).await?;
            output::text(format!("Added {} as {}: {}.", name, role, member(&added, "account")));
            output::text(format!(
                "Next: executor keys create <name> --account {}",
                member(&added, "account")
            ));
        }
        Action::List { json } => {
            let members = client.list(path).await?;
            let row = |found: &Value| {
                vec![
                    member(found, "account"),
                    member(found, "name"),
                    member(found, "role"),
                    ago(found, "createdAt"),
                ]
            };
            output::list(
                &members,
                json,
                &["ACCOUNT", "NAME", "ROLE", "SINCE"],
                row,
                "There are no members.",
            )?;
        }
        Action::SetRole { account, role } => {
            let path = format!("{path}/{}", encode(&account));
            let changed: Value = client.patch(&path, &json!({ "role": role })).await?;
            output::text(format!("{} is now {}.", member(&changed, "name"), member(&changed, "role")));
        }
        Action::Remove { account, yes } => {
            confirm(&format!("Remove {account} and revoke their keys?"), yes)?;
            client.delete(&format!("{path}/{}", encode(&account))).await?;
            output::text(format!("Removed {account}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}
