//! The connection to a server and the session on it, both of which can be lost and made again.

use anyhow::Context;
use serde_json::Value;
use tokio::sync::RwLock;

use super::message::Message;
use crate::arguments::Target;
use crate::client::Client;
use crate::connect::Connection;
use crate::sse::Events;

/// What a client says once it knows the answer to its `initialize`.
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// The server that messages go to.
pub(super) struct Upstream {
    target: Target,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// Counts the connections, so that a loss that several requests see is repaired once.
    generation: u64,
    /// What the client opened its session with.
    initialize: Option<String>,
    session: Option<String>,
    version: Option<String>,
}

/// The way to the server at some moment.
pub(super) struct Route {
    pub(super) client: Client,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) generation: u64,
}

impl Upstream {
    /// Connects with the first message.
    pub(super) fn new(target: Target) -> Self {
        Self { target, state: RwLock::default() }
    }

    /// The way for this message.
    pub(super) async fn route(&self, message: &Message) -> anyhow::Result<Route> {
        if let Some(route) = self.state.read().await.route(message) {
            return Ok(route);
        }
        let mut state = self.state.write().await;
        if state.connection.is_none() {
            state.open(&self.target).await?;
        }
        state.route(message).context("there is no connection")
    }

    /// Keeps what the client's `initialize` and its answer agreed on.
    pub(super) async fn agree(&self, message: &Message, session: Option<String>, answer: &str) {
        let mut state = self.state.write().await;
        state.initialize = Some(message.text().to_owned());
        state.session = session;
        state.version = version(answer);
    }

    /// Finds a server again, or becomes one, and opens the client's session on it once more. Does nothing if another
    /// request has done it since `generation`.
    pub(super) async fn renew(&self, generation: u64) -> anyhow::Result<()> {
        let mut state = self.state.write().await;
        if state.generation != generation {
            return Ok(());
        }
        if let Some(lost) = state.connection.take() {
            lost.close().await?;
        }
        state.open(&self.target).await
    }

    /// Ends what this process hosts.
    pub(super) async fn close(&self) -> anyhow::Result<()> {
        match self.state.write().await.connection.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}

impl State {
    /// Finds a server or becomes one, and opens the client's session on it if there was one before.
    async fn open(&mut self, target: &Target) -> anyhow::Result<()> {
        self.session = None;
        let connection = Connection::open(target).await?;
        if let Some(initialize) = self.initialize.clone() {
            let response = connection.client.mcp(initialize, &[]).await?;
            self.session = session(&response);
            self.version = version(&whole(response).await?);
            connection.client.mcp(INITIALIZED.to_owned(), &self.headers()).await?;
        }
        self.connection = Some(connection);
        self.generation += 1;
        Ok(())
    }

    fn route(&self, message: &Message) -> Option<Route> {
        let own = message.headers();
        let headers = match own.is_empty() && !message.is_initialize() {
            true => self.headers(),
            false => own,
        };
        let client = self.connection.as_ref()?.client.clone();
        Some(Route { client, headers, generation: self.generation })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let session = self.session.clone().map(|session| ("mcp-session-id", session));
        let version = self.version.clone().map(|version| ("mcp-protocol-version", version));
        session.into_iter().chain(version).collect()
    }
}

/// The session that an answer opens.
pub(super) fn session(response: &reqwest::Response) -> Option<String> {
    Some(response.headers().get("mcp-session-id")?.to_str().ok()?.to_owned())
}

/// Whether an answer is a stream of events.
pub(super) fn is_stream(response: &reqwest::Response) -> bool {
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

fn version(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    Some(answer["result"]["protocolVersion"].as_str()?.to_owned())
}

/// The one message of an answer.
async fn whole(response: reqwest::Response) -> anyhow::Result<String> {
    if !is_stream(&response) {
        return Ok(response.text().await?);
    }
    let mut events = Events::of(response);
    while let Some(event) = events.next().await? {
        if !event.data.is_empty() {
            return Ok(event.data);
        }
    }
    anyhow::bail!("the server did not answer")
}
