//! `executor webhooks`.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use executor_core::WebhookEvent;
use serde_json::{Value, json};

use super::{confirm, with};
use crate::arguments::Target;
use crate::client::{Client, encode};
use crate::output::{self, ago, member};

/// How long `test` waits for the first attempt: a little longer than a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub(crate) struct Webhooks {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a webhook; the secret that signs its messages is shown only now
    #[command(after_help = "Example:\n  \
        executor webhooks add https://example.com/hooks --events approval.requested,approval.decided")]
    Add {
        /// Where messages are sent
        #[arg(value_name = "URL")]
        address: String,
        /// What it is told of: approval.requested, approval.decided, task.ended; of all if not said
        #[arg(long, value_delimiter = ',')]
        events: Vec<WebhookEvent>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// List the webhooks
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Send a message of the type webhook.test, and say whether it arrived
    Test {
        /// The webhook's id
        webhook: String,
    },
    /// List what a webhook was told, and whether it arrived
    Deliveries {
        /// The webhook's id
        webhook: String,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a webhook with its secret and what it was not told yet
    Remove {
        /// The webhook's id
        webhook: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl Webhooks {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let action = self.action;
        with(&self.target, async |client| act(&client, action).await).await
    }
}

async fn act(client: &Client, action: Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Add { address, events, json } => {
            let events = (!events.is_empty()).then_some(events);
            let body = json!({ "url": address, "events": events });
            let added: Value = client.post(&client.path("webhooks"), &body).await?;
            if json {
                output::json(&added)?;
            } else {
                output::text(format!("Added {}.", member(&added, "id")));
                output::text(format!("Its secret, shown only now: {}", member(&added, "secret")));
            }
        }
        Action::List { json } => {
            let webhooks = client.list(&client.path("webhooks")).await?;
            let row = |webhook: &Value| {
                let events = webhook["events"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let events: Vec<_> = events.collect();
                vec![
                    member(webhook, "id"),
                    member(webhook, "url"),
                    events.join(", "),
                    ago(webhook, "createdAt"),
                ]
            };
            let empty = "There are no webhooks yet. Add one: executor webhooks add <url>";
            output::list(&webhooks, json, &["WEBHOOK", "URL", "EVENTS", "ADDED"], row, empty)?;
        }
        Action::Test { webhook } => return test(client, &webhook).await,
        Action::Deliveries { webhook, limit, json } => {
            let path = client.path(&format!("webhooks/{}/deliveries", encode(&webhook)));
            let deliveries = client.list_some(&path, limit).await?;
            let row = |delivery: &Value| {
                vec![
                    member(delivery, "id"),
                    member(delivery, "event"),
                    member(delivery, "status"),
                    member(delivery, "attempts"),
                    ago(delivery, "createdAt"),
                    member(delivery, "error"),
                ]
            };
            let header = ["MESSAGE", "EVENT", "STATUS", "ATTEMPTS", "SINCE", "WHY NOT"];
            let empty = "Nothing was sent to it. Try it out: executor webhooks test <webhook id>";
            output::list(&deliveries, json, &header, row, empty)?;
        }
        Action::Remove { webhook, yes } => {
            let path = client.path(&format!("webhooks/{}", encode(&webhook)));
            let found: Value = client.get(&path).await?;
            confirm(&format!("Remove the webhook to {}?", member(&found, "url")), yes)?;
            client.delete(&path).await?;
            output::text(format!("Removed {webhook}."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends a message and waits for its first attempt.
async fn test(client: &Client, webhook: &str) -> anyhow::Result<ExitCode> {
    let path = client.path(&format!("webhooks/{}", encode(webhook)));
    let sent: Value = client.post(&format!("{path}/test"), &json!({})).await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < deadline {
        let deliveries = client.list_some(&format!("{path}/deliveries"), 50).await?;
        let now = deliveries.into_iter().find(|delivery| delivery["id"] == sent["id"]).unwrap_or_default();
        if now["status"] == "delivered" {
            output::text(format!("It arrived; the receiver answered {}.", member(&now, "responseStatus")));
            return Ok(ExitCode::SUCCESS);
        }
        if !now["error"].is_null() {
            anyhow::bail!("it did not arrive and will be sent again: {}", member(&now, "error"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("it was not sent yet; see executor webhooks deliveries {webhook}")
}
