//! MCP on standard input and output, handed on to a server's HTTP endpoint.
//!
//! The server may go away: it is found again, or hosted by this process, and the client's session is opened on it once
//! more. The client notices nothing, except where a call may have started work that must not be started twice: it is
//! told so.

mod message;
mod session;

use std::sync::Arc;

use anyhow::bail;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Stdout};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use self::message::{Message, is_message};
use self::session::{Upstream, is_stream, session};
use crate::arguments::Target;
use crate::sse::Events;

/// How often one message is sent before its client is told that it cannot be.
const MOST_ATTEMPTS: u32 = 3;

struct Proxy {
    upstream: Upstream,
    output: Mutex<Stdout>,
}

/// What became of sending a message once.
enum Sent {
    /// All of its answer has been handed on.
    Answered,
    /// The server is gone, or has forgotten the session. Whether the message had its effect is not known if `arrived`.
    Lost { arrived: bool },
}

/// Hands messages on until the client closes its end, and answers what is under way.
pub(crate) async fn run(target: Target) -> anyhow::Result<()> {
    let proxy = Arc::new(Proxy { upstream: Upstream::new(target), output: Mutex::new(tokio::io::stdout()) });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut requests = JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        while requests.try_join_next().is_some() {}
        if line.trim().is_empty() {
            continue;
        }
        let message = match Message::parse(line) {
            Ok(message) => message,
            Err(error) => {
                proxy.write(&unreadable(&error)).await;
                continue;
            }
        };
        // What opens a session and what is only told goes in order; requests go side by side.
        if message.is_initialize() || !message.is_request() {
            proxy.hand_on(&message).await;
        } else {
            let proxy = proxy.clone();
            requests.spawn(async move { proxy.hand_on(&message).await });
        }
    }
    requests.join_all().await;
    proxy.upstream.close().await
}

impl Proxy {
    /// Hands a message on. What cannot be handed on is answered here.
    async fn hand_on(&self, message: &Message) {
        let Err(error) = self.deliver(message).await else { return };
        tracing::warn!(%error, "a message could not be handed on");
        if message.is_request() {
            self.write(&message.failure(&format!("{error:#}"))).await;
        }
    }

    async fn deliver(&self, message: &Message) -> anyhow::Result<()> {
        for _ in 0..MOST_ATTEMPTS {
            let route = self.upstream.route(message).await?;
            let generation = route.generation;
            match self.send(message, route).await? {
                Sent::Answered => return Ok(()),
                Sent::Lost { arrived } => {
                    self.upstream.renew(generation).await?;
                    if arrived && !message.is_repeatable() {
                        bail!(
                            "The server went away before it answered. If it had accepted the task, the task goes on: \
                             see `executor tasks list` before running it again."
                        );
                    }
                }
            }
        }
        bail!("The server goes away again and again; see its log.")
    }

    async fn send(&self, message: &Message, route: session::Route) -> anyhow::Result<Sent> {
        let response = match route.client.mcp(message.text().to_owned(), &route.headers).await {
            Ok(response) => response,
            Err(error) => return Ok(Sent::Lost { arrived: !never_left(&error) }),
        };
        let status = response.status().as_u16();
        let opened = session(&response);
        if is_stream(&response) {
            return self.stream(message, response, opened).await;
        }
        let Ok(answer) = response.text().await else { return Ok(Sent::Lost { arrived: true }) };
        let answer = answer.trim();
        match status {
            _ if is_message(answer) => self.answer(message, opened, answer).await,
            202 | 204 => {}
            // Not our session, not our token, or going down: a message that was refused has had no effect.
            401 | 404 | 503 => return Ok(Sent::Lost { arrived: false }),
            _ => bail!("The server answered with the status {status}: {answer}"),
        }
        Ok(Sent::Answered)
    }

    async fn stream(
        &self,
        message: &Message,
        response: reqwest::Response,
        opened: Option<String>,
    ) -> anyhow::Result<Sent> {
        let mut events = Events::of(response);
        let mut answered = !message.is_request();
        loop {
            match events.next().await {
                Ok(Some(event)) if is_message(&event.data) => {
                    answered |= message.is_answered_by(&event.data);
                    self.answer(message, opened.clone(), &event.data).await;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) if answered => return Ok(Sent::Answered),
                Ok(None) | Err(_) => return Ok(Sent::Lost { arrived: true }),
            }
        }
    }

    async fn answer(&self, message: &Message, opened: Option<String>, answer: &str) {
        if message.is_initialize() && message.is_answered_by(answer) {
            self.upstream.agree(message, opened, answer).await;
        }
        self.write(answer).await;
    }

    /// Writes one message on a line of its own.
    async fn write(&self, text: &str) {
        let line = format!("{}\n", text.replace(['\r', '\n'], " "));
        let mut output = self.output.lock().await;
        // A client that has closed its end has gone; the loop over its messages ends by itself.
        if output.write_all(line.as_bytes()).await.is_ok() {
            let _ = output.flush().await;
        }
    }
}

/// Whether a message certainly did not leave this process.
fn never_left(error: &anyhow::Error) -> bool {
    error.downcast_ref::<reqwest::Error>().is_some_and(|error| error.is_connect() || error.is_builder())
}

/// The protocol's answer to what is no message.
fn unreadable(error: &serde_json::Error) -> String {
    let error = serde_json::json!({ "code": -32700, "message": format!("This is not JSON: {error}") });
    serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string()
}
