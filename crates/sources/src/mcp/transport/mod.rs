//! The ways to a server: what the MCP SDK sends and receives its messages by.
//!
//! Every byte goes through `executor_egress`. The SDK never sees a credential: it joins the request at the socket.

pub(super) mod event_stream;
pub(super) mod program;
pub(super) mod streamable;

use std::sync::Arc;
use std::time::Duration;

use executor_egress::{
    Client, HeaderMap, HeaderName, HeaderValue, Injection, Limits, Method, Reply, Request, Url,
};
use futures::stream::{self, BoxStream, StreamExt as _};
use rmcp::transport::streamable_http_client::SseError;
use sse_stream::{Sse, SseStream};
use tokio::sync::watch;

use super::inbox::Inboxes;

/// The code of the error with which a transport ends a request whose answer is too large. It is one of those that
/// JSON-RPC leaves to whoever implements it, and none that MCP uses.
pub(super) const TOO_LARGE: i32 = -32_077;

/// The limits of an answer. How long a call may take is its own matter: its end closes the exchange.
const ANSWER: Limits = Limits { timeout: Duration::from_secs(60 * 60), max_body_bytes: 16 * 1024 * 1024 };
/// The limits of the stream on which a server speaks unasked. After that it is opened anew.
const UNASKED: Limits = Limits { timeout: Duration::from_secs(60 * 60), max_body_bytes: 64 * 1024 * 1024 };

const EVENT_STREAM: &str = "text/event-stream";

/// The headers of a call as it was planned. The SDK carries them beside the message and does not look at them.
#[derive(Debug, Clone, Default)]
pub(super) struct Planned(HeaderMap);

impl Planned {
    /// Without those that are none.
    pub(super) fn of(headers: &[(String, String)]) -> Self {
        let read = |(name, value): &(String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?))
        };
        Self(headers.iter().filter_map(read).collect())
    }
}

/// Sends a session's requests to one address, each with the credential that is the newest then.
#[derive(Clone)]
pub(super) struct Line {
    client: Client,
    url: Arc<Url>,
    credential: watch::Receiver<Option<Injection>>,
    inboxes: Arc<Inboxes>,
}

impl Line {
    pub(super) fn new(
        client: Client,
        url: Url,
        credential: watch::Receiver<Option<Injection>>,
        inboxes: Arc<Inboxes>,
    ) -> Self {
        Self { client, url: Arc::new(url), credential, inboxes }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The same to another address of the same origin.
    fn to(&self, url: Url) -> Self {
        Self { url: Arc::new(url), ..self.clone() }
    }

    async fn post(&self, mut headers: HeaderMap, body: Vec<u8>) -> Result<Reply, executor_egress::Error> {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("accept", HeaderValue::from_static("application/json, text/event-stream"));
        self.send(Method::POST, headers, body, ANSWER).await
    }

    async fn get(&self, mut headers: HeaderMap) -> Result<Reply, executor_egress::Error> {
        headers.insert("accept", HeaderValue::from_static(EVENT_STREAM));
        self.send(Method::GET, headers, Vec::new(), UNASKED).await
    }

    async fn delete(&self, headers: HeaderMap) -> Result<Reply, executor_egress::Error> {
        self.send(Method::DELETE, headers, Vec::new(), ANSWER).await
    }

    async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
        limits: Limits,
    ) -> Result<Reply, executor_egress::Error> {
        let injection = self.credential.borrow().clone();
        let request = Request { method, url: Url::clone(&self.url), headers, body: body.into(), injection };
        self.client.open(request, limits).await
    }
}

/// The events of an answer.
fn events(reply: Reply) -> BoxStream<'static, Result<Sse, SseError>> {
    let chunks = stream::unfold(Some(reply), |reply| async {
        let mut reply = reply?;
        match reply.chunk().await {
            Ok(Some(chunk)) => Some((Ok(chunk), Some(reply))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    SseStream::from_bytes_stream(chunks).boxed()
}

/// Whether a content type is this one, whatever its parameters.
fn is(content_type: &str, wanted: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}
