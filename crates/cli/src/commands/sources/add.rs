//! Adding a source, and finding out what one would be.

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
        show(&import(client, &client.path("sources"), &body).await?, self.json)
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
        for method in found["methods"].as_array().into_iter().flatten() {
            output::text(format!("  sign in     {}", member(method, "name")));
        }
        let name = member(&found, "name");
        output::text(format!("Next: executor sources add --name {name} {}", self.address));
        Ok(())
    }
}
