//! Streamable HTTP: each message is a request, and its answer is a message or a stream of events.

use std::collections::HashMap;
use std::sync::Arc;

use executor_egress::{Error, HeaderMap, HeaderName, HeaderValue, Kind, Reply, StatusCode};
use futures::stream::{BoxStream, StreamExt as _};
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, ErrorData, GetExtensions as _, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::streamable_http_client::{
    HttpStatusError, SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use serde_json::json;
use sse_stream::Sse;

use super::{EVENT_STREAM, Line, Planned, TOO_LARGE, events, is};
use crate::mcp::inbox::Inboxes;

type Failure = StreamableHttpError<Error>;
type Headers = HashMap<HeaderName, HeaderValue>;

impl StreamableHttpClient for Line {
    type Error = Error;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _: Option<String>,
        headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let mut headers = all_headers(headers, session.as_deref(), None);
        if let ClientJsonRpcMessage::Request(request) = &message
            && let Some(Planned(planned)) = request.request.extensions().get()
        {
            headers.extend(planned.clone());
        }
        let reply = self.post(headers, serde_json::to_vec(&message)?).await.map_err(Failure::Client)?;
        match reply.status() {
            StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(StreamableHttpPostResponse::Accepted),
            status if status.is_success() => read(reply, &message, &self.inboxes).await,
            _ => refused(reply, &message, session.is_some()).await,
        }
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        session: Arc<str>,
        _: Option<String>,
        headers: Headers,
    ) -> Result<(), Failure> {
        let reply = self.delete(all_headers(headers, Some(&session), None)).await.map_err(Failure::Client)?;
        match reply.status() {
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_FOUND => {
                Err(Failure::ServerDoesNotSupportDeleteSession)
            }
            status if status.is_success() => Ok(()),
            status => Err(HttpStatusError::new(status.as_u16(), None).into()),
        }
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        _: Option<String>,
        headers: Headers,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        let headers = all_headers(headers, session.as_deref(), last_event.as_deref());
        let reply = self.get(headers).await.map_err(Failure::Client)?;
        match reply.status() {
            status if status.is_success() && is(content_type(&reply), EVENT_STREAM) => Ok(events(reply)),
            status if status.is_server_error() => Err(HttpStatusError::new(status.as_u16(), None).into()),
            // Whatever it says, it has no such stream.
            _ => Err(Failure::ServerDoesNotSupportSse),
        }
    }
}

fn all_headers(own: Headers, session: Option<&str>, last_event: Option<&str>) -> HeaderMap {
    let mut headers: HeaderMap = own.into_iter().collect();
    for (name, value) in [("mcp-session-id", session), ("last-event-id", last_event)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn content_type(reply: &Reply) -> &str {
    reply.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The id of a message that wants an answer.
fn wanted(message: &ClientJsonRpcMessage) -> Option<&RequestId> {
    match message {
        ClientJsonRpcMessage::Request(request) => Some(&request.id),
        _ => None,
    }
}

/// The answer to a message that was taken.
async fn read(
    reply: Reply,
    message: &ClientJsonRpcMessage,
    inboxes: &Arc<Inboxes>,
) -> Result<StreamableHttpPostResponse, Failure> {
    let session = reply.headers().get("mcp-session-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let Some(id) = wanted(message) else { return Ok(StreamableHttpPostResponse::Accepted) };
    let content_type = content_type(&reply);
    if is(content_type, EVENT_STREAM) {
        return Ok(StreamableHttpPostResponse::Sse(
            answer_events(reply, id.clone(), Arc::clone(inboxes)),
            session,
        ));
    }
    if !is(content_type, "application/json") {
        return Err(Failure::UnexpectedContentType(Some(content_type.chars().take(100).collect())));
    }
    let body = reply.collect(|_, _| ()).await.map_err(Failure::Client)?.body;
    let unexpected = |what: String| Failure::UnexpectedServerResponse(what.into());
    let answer: ServerJsonRpcMessage = serde_json::from_slice(&body)
        .map_err(|error| unexpected(format!("the answer is no message of MCP: {error}")))?;
    match answered(&answer) {
        // Nobody would take it, and the request would wait for ever.
        Some(other) if !same(other, id) => {
            Err(unexpected(format!("the answer is to `{other}`, not to `{id}`")))
        }
        Some(_) => Ok(StreamableHttpPostResponse::Json(answer, session)),
        None => Err(unexpected("the answer is another message than an answer".to_owned())),
    }
}

fn answered(answer: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match answer {
        ServerJsonRpcMessage::Response(response) => Some(&response.id),
        ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
        _ => None,
    }
}

/// Some servers write a number as text.
fn same(one: &RequestId, other: &RequestId) -> bool {
    one == other || one.to_string() == other.to_string()
}

/// The events of an answer, of which one that is too large ends with an error that says so. What the server asks among
/// them it asks about this request.
fn answer_events(
    reply: Reply,
    id: RequestId,
    inboxes: Arc<Inboxes>,
) -> BoxStream<'static, Result<Sse, SseError>> {
    let end = move |event: Result<Sse, SseError>| match event {
        Err(SseError::Body(error)) if is_too_large(error.as_ref()) => {
            let message = json!({
                "jsonrpc": "2.0", "id": id,
                "error": { "code": TOO_LARGE, "message": error.to_string() },
            });
            Ok(Sse::default().data(message.to_string()))
        }
        Ok(event) => {
            if let Some(asked) = event.data.as_deref().and_then(question) {
                inboxes.note_origin(asked, id.clone());
            }
            Ok(event)
        }
        other => other,
    };
    events(reply).map(end).boxed()
}

/// The id of a message that asks a person something.
fn question(data: &str) -> Option<RequestId> {
    if !data.contains("elicitation/create") {
        return None;
    }
    match serde_json::from_str(data) {
        Ok(ServerJsonRpcMessage::Request(request)) => Some(request.id),
        _ => None,
    }
}

fn is_too_large(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| matches!(error.kind(), Kind::TooLarge { .. }))
}

/// The answer to a message that was not taken.
async fn refused(
    reply: Reply,
    message: &ClientJsonRpcMessage,
    in_session: bool,
) -> Result<StreamableHttpPostResponse, Failure> {
    let status = reply.status();
    let retry_after = reply.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let failure = Failure::from(HttpStatusError::new(status.as_u16(), retry_after.map(str::to_owned)));
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
        return Err(failure);
    }
    if status == StatusCode::NOT_FOUND && in_session {
        return Err(Failure::SessionExpired);
    }
    let Ok(response) = reply.collect(|_, _| ()).await else { return Err(failure) };
    let own = match serde_json::from_slice(&response.body) {
        Ok(ServerJsonRpcMessage::Error(own)) => Some(own.error),
        _ => None,
    };
    // The reference server says so with 400.
    if in_session
        && status == StatusCode::BAD_REQUEST
        && own.as_ref().is_some_and(|own| own.message.to_ascii_lowercase().contains("session"))
    {
        return Err(Failure::SessionExpired);
    }
    let Some(id) = wanted(message) else { return Err(failure) };
    // A server that does not know the question is one of an earlier generation, however it says so.
    let is_probe = matches!(message, ClientJsonRpcMessage::Request(request) if matches!(request.request, ClientRequest::DiscoverRequest(_)));
    let own = own.or_else(|| {
        let refusal = || ErrorData::invalid_request(format!("status {status}"), None);
        (is_probe && status.is_client_error()).then(refusal)
    });
    match own {
        Some(own) => {
            let answer = ServerJsonRpcMessage::error(own, Some(id.clone()));
            Ok(StreamableHttpPostResponse::Json(answer, None))
        }
        None => Err(failure),
    }
}
