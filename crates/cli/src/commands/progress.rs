//! How far the calls of a task are, by what their APIs say: told on standard error while one waits.

use executor_core::journal::CallProgress;
use reqwest::Method;
use serde_json::Value;

use crate::client::Client;
use crate::sse::Events;

/// Tells it until the task has ended.
#[expect(clippy::print_stderr, reason = "standard output is for the result")]
pub(super) async fn tell(client: &Client, events: &str) -> anyhow::Result<()> {
    let mut live = Events::of(client.events(Method::GET, events, None).await?);
    while let Some(event) = live.next().await? {
        let event: Value = serde_json::from_str(&event.data)?;
        if event["type"] == "call.progress" {
            eprintln!("{}", serde_json::from_value::<CallProgress>(event["data"].clone())?);
        }
    }
    Ok(())
}
