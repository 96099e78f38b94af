//! `executor connections`. Secrets come from a prompt or standard input, never from the argument list.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{confirm, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, ago, member};

#[derive(Debug, Args)]
pub(crate) struct Connections {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a connection to a source; you are asked for its secret
    #[command(after_help = "Examples:\n  executor connections add github\n  \
        printf %s \"$TOKEN\" | executor connections add github --name work")]
    Add {
        /// The source's name
        source: String,
        /// The connection's name
        #[arg(long, default_value = "default")]
        name: String,
        /// Which of the source's methods
        #[arg(long)]
        method: Option<String>,
        /// Who keeps it: account, workspace or organization
        #[arg(long, default_value = "workspace")]
        owner: String,
        /// What keeps the secret, if not Executor itself
        #[arg(long, requires = "reference")]
        provider: Option<String>,
        /// Where that provider finds it
        #[arg(long)]
        reference: Option<String>,
    },
    /// List the connections
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace a connection's secret
    Rotate {
        /// Its name or id
        connection: String,
    },
    /// Remove a connection with its secret
    Remove {
        /// Its name or id
        connection: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl Connections {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Add { source, name, method, owner, provider, reference } => {
            let found: Value = client.get(&client.path(&format!("sources/{}", encode(&source)))).await?;
            let values = match provider {
                Some(_) => BTreeMap::new(),
                None => ask(&fields(&found, method.as_deref()))?,
            };
            let body = json!({
                "source": found["id"], "name": name, "method": method, "owner": owner,
                "provider": provider, "reference": reference, "values": values,
            });
            let added: Value = client.post(&client.path("connections"), &body).await?;
            output::text(format!(
                "Added the connection {} to {}.",
                member(&added, "name"),
                member(&added, "sourceName")
            ));
        }
        Action::List { json } => {
            let connections = client.list(&client.path("connections")).await?;
            let row = |connection: &Value| {
                let column = |name| member(connection, name);
                vec![
                    column("sourceName"),
                    column("name"),
                    column("owner"),
                    column("provider"),
                    ago(connection, "createdAt"),
                ]
            };
            let empty = "There are no connections yet. Add one: executor connections add <source>";
            output::list(&connections, json, &["SOURCE", "NAME", "OWNER", "KEPT BY", "ADDED"], row, empty)?;
        }
        Action::Rotate { connection } => {
            let found = find(client, &connection).await?;
            let source: Value =
                client.get(&client.path(&format!("sources/{}", member(&found, "source")))).await?;
            let values = ask(&fields(&source, found["method"].as_str()))?;
            let path = client.path(&format!("connections/{}/rotate", member(&found, "id")));
            client.post::<Value>(&path, &json!({ "values": values })).await?;
            output::text(format!("Replaced the secret of {}.", member(&found, "name")));
        }
        Action::Remove { connection, yes } => {
            let found = find(client, &connection).await?;
            let name = member(&found, "name");
            confirm(&format!("Remove the connection {name} to {}?", member(&found, "sourceName")), yes)?;
            client.delete(&client.path(&format!("connections/{}", member(&found, "id")))).await?;
            output::text(format!("Removed {name}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(client: &Client, connection: &str) -> anyhow::Result<Value> {
    let all = client.list(&client.path("connections")).await?;
    let mut named = all.into_iter().filter(|found| found["id"] == connection || found["name"] == connection);
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => anyhow::bail!("several connections are named {connection}; use the id"),
        (None, _) => anyhow::bail!("there is no connection {connection}; see executor connections list"),
    }
}

/// The names of the values that a source's method wants.
fn fields(source: &Value, method: Option<&str>) -> Vec<String> {
    let mut methods = source["methods"].as_array().into_iter().flatten();
    let chosen = methods.find(|found| method.is_none_or(|name| found["name"] == name));
    let slots = chosen.and_then(|found| found["slots"].as_array()).map(Vec::as_slice).unwrap_or_default();
    match slots {
        [only] if only["in"] == "basic" => vec!["username".to_owned(), "password".to_owned()],
        [] | [_] => vec!["token".to_owned()],
        several => several.iter().map(|slot| member(slot, "name")).collect(),
    }
}

/// Asks for secrets: hidden at a terminal, else a line each from standard input.
pub(super) fn ask(fields: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for field in fields {
        let value = if std::io::stdin().is_terminal() {
            rpassword::prompt_password(format!("{field}: "))?
        } else {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        };
        if value.is_empty() {
            anyhow::bail!("no {field} was given; type it at the prompt, or pass it on standard input");
        }
        values.insert(field.clone(), value);
    }
    Ok(values)
}
