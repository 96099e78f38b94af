//! HTTP with server-sent events, as of 2024-11-05: messages come on one stream, and go to an address that it names.

use executor_egress::{Error, HeaderMap, StatusCode};
use futures::stream::{BoxStream, StreamExt as _};
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::streamable_http_client::{HttpStatusError, SseError, StreamableHttpError};
use sse_stream::Sse;

use super::{EVENT_STREAM, Line, events, is};
use crate::mcp::trouble::Trouble;

/// The most events before the one that names the address.
const MAX_EVENTS_BEFORE: usize = 16;

/// An open stream, and where messages go.
pub(in crate::mcp) struct EventStream {
    events: BoxStream<'static, Result<Sse, SseError>>,
    messages: Line,
}

impl EventStream {
    /// Opens the stream and waits until it says where messages go.
    pub(in crate::mcp) async fn open(line: &Line) -> Result<Self, Trouble> {
        let reply = line.get(HeaderMap::new()).await.map_err(|error| Trouble::of_egress(&error))?;
        let broken = |what: &str| Trouble::Broken { detail: what.to_owned(), may_have_left: true };
        if !reply.status().is_success() {
            return Err(Trouble::Status(reply.status().as_u16()));
        }
        let content_type = reply.headers().get("content-type").and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|content_type| is(content_type, EVENT_STREAM)) {
            return Err(broken("it does not speak MCP"));
        }
        let mut events = events(reply);
        for _ in 0..MAX_EVENTS_BEFORE {
            let Some(Ok(event)) = events.next().await else { break };
            if event.event.as_deref() != Some("endpoint") {
                continue;
            }
            let named = event.data.unwrap_or_default();
            let url =
                line.url().join(named.trim()).map_err(|_| broken("it names no address for messages"))?;
            // What it is told is for it alone.
            if url.origin() != line.url().origin() {
                return Err(broken("it sends messages to another origin"));
            }
            return Ok(Self { events, messages: line.to(url) });
        }
        Err(broken("it names no address for messages"))
    }
}

impl Transport<RoleClient> for EventStream {
    type Error = StreamableHttpError<Error>;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let line = self.messages.clone();
        async move {
            let body = serde_json::to_vec(&message)?;
            let reply = line.post(HeaderMap::new(), body).await.map_err(StreamableHttpError::Client)?;
            match reply.status() {
                status if status.is_success() => Ok(()),
                StatusCode::NOT_FOUND => Err(StreamableHttpError::SessionExpired),
                status => Err(HttpStatusError::new(status.as_u16(), None).into()),
            }
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let event = self.events.next().await?.ok()?;
            if event.event.as_deref().is_none_or(|name| name == "message")
                && let Some(message) = event.data.and_then(|data| serde_json::from_str(&data).ok())
            {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.events = futures::stream::empty().boxed();
        Ok(())
    }
}
