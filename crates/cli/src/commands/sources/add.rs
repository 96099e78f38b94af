//! Adding a source, and finding out what one would be.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::{import, show};
use crate::arguments::Kind;
use crate::client::Client;
use crate::commands::connections::ask;
use crate::input;
use crate::output::{self, member};

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The address of the API or of its document, a file, or `-` for standard input
    #[arg(required_unless_present = "preset")]
    address: Option<String>,
    /// A well-known API; see `executor sources presets`
    #[arg(long, value_name = "ID")]
    preset: Option<String>,
    /// The first part of its tools' paths
    #[arg(long)]
    name: Option<String>,
    /// What it is, where that is not to be found out
    #[arg(long)]
    kind: Option<Kind>,
    /// Where the API is, if the document does not say
    #[arg(long)]
    base_url: Option<String>,
    /// Which of the document's servers: its number or its URL, as `executor sources detect` lists them
    #[arg(long, value_name = "NUMBER|URL", conflicts_with = "base_url")]
    server: Option<String>,
    /// The value of a variable in that server's URL; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable, conflicts_with = "base_url")]
    server_variable: Vec<(String, String)>,
    /// How many seconds a call of its tools may take: 60 if not said, 600 at most
    #[arg(long, value_name = "SECONDS")]
    call_timeout: Option<u64>,
    /// Take only operations whose path begins so, or whose tag does; may be given again
    #[arg(long, value_name = "BEGINNING")]
    include: Vec<String>,
    /// Sign in with a token, which is asked for; it becomes the first connection and reads the document, too
    #[arg(long)]
    token: bool,
    /// The header that the token goes into, if it is no bearer token
    #[arg(long, requires = "token", value_name = "NAME")]
    header: Option<String>,
    /// Believe what the source says of its tools' effects
    #[arg(long)]
    trusted: bool,
    /// In how many hours the document is read again, each time; 0 is never
    #[arg(long, value_name = "HOURS")]
    refresh: Option<u32>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Add {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let mut body = json!({
            "name": self.name,
            "baseUrl": self.base_url,
            "preset": self.preset,
            "include": self.include,
            "trusted": self.trusted,
            "refreshEveryHours": self.refresh,
            "server": self.server,
            "serverVariables": self.server_variable.into_iter().collect::<BTreeMap<_, _>>(),
            "callTimeoutMs": self.call_timeout.map(|seconds| seconds.saturating_mul(1_000)),
        });
        if let Some(kind) = self.kind {
            body["kind"] = kind.name().into();
        }
        match self.address {
            Some(address) if is_address(&address) => body["url"] = address.into(),
            Some(file) => body["document"] = input::read(&file)?.into(),
            None => {}
        }
        if self.token {
            body["connection"] = json!({ "values": ask(&["token".to_owned()])? });
            if let Some(header) = self.header {
                body["connection"]["placement"] = json!({ "in": "header", "parameter": header });
            }
        }
        let source = import(client, &client.path("sources"), &body).await?;
        show(&source, self.token, self.json)
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has to be a name and a value, as region=eu")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A server for people, with what its variables can be.
fn show_server(number: usize, server: &Value) {
    let description = member(server, "description");
    let about = if description.is_empty() { String::new() } else { format!("  {description}") };
    output::text(format!("  server {number}    {}{about}", member(server, "url")));
    for variable in server["variables"].as_array().into_iter().flatten() {
        let values = variable["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let values = values.collect::<Vec<_>>().join(" | ");
        let default = member(variable, "default");
        let default = if default.is_empty() { default } else { format!(" (default {default})") };
        output::text(format!("    {}  {values}{default}", member(variable, "name")));
    }
}

/// Whether it is where something is, rather than a file.
fn is_address(text: &str) -> bool {
    ["http://", "https://", "stdio:"].iter().any(|scheme| text.starts_with(scheme))
}

#[derive(Debug, Args)]
pub(super) struct Detect {
    /// The address of an API or of its document
    address: String,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Detect {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let found: Value =
            client.post(&client.path("sources/detect"), &json!({ "url": self.address })).await?;
        if self.json {
            return output::json(&found);
        }
        let sure = (found["confidence"].as_f64().unwrap_or_default() * 100.0).round();
        output::text(format!("{} ({}, {sure} % sure)", member(&found, "title"), member(&found, "kind")));
        output::text(format!("  operations  {}", member(&found, "operations")));
        match found["baseUrl"].as_str() {
            Some(base_url) => output::text(format!("  API         {base_url}")),
            None => output::text("  API         not said; give it with --base-url"),
        }
        let servers = found["servers"].as_array().map(Vec::as_slice).unwrap_or_default();
        if servers.len() > 1 || servers.iter().any(|server| !server["variables"].is_null()) {
            servers.iter().enumerate().for_each(|(number, server)| show_server(number, server));
        }
        for method in found["methods"].as_array().into_iter().flatten() {
            output::text(format!("  sign in     {}", member(method, "name")));
        }
        let name = member(&found, "name");
        output::text(format!("Next: executor sources add --name {name} {}", self.address));
        Ok(())
    }
}
