//! A server with sessions that does what it is told, however badly.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The server, and what it has seen.
#[derive(Clone, Default)]
pub(super) struct Mock {
    pub(super) base: String,
    pub(super) sessions: Arc<AtomicU64>,
    pub(super) calls: Arc<AtomicU64>,
    /// Sessions that were ended by whoever had opened them.
    pub(super) ended: Arc<AtomicU64>,
    /// Answers that nobody waits for any more.
    pub(super) abandoned: Arc<AtomicU64>,
    pub(super) tokens: Arc<Mutex<Vec<String>>>,
    /// Sessions up to this one are forgotten.
    pub(super) forgotten: Arc<AtomicU64>,
}

impl Mock {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mock = Self { base, ..Self::default() };
        let router = Router::new().route("/{what}", post(serve).delete(end)).with_state(mock.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        mock
    }

    pub(super) fn address(&self, what: &str) -> String {
        format!("{}/{what}", self.base)
    }

    pub(super) fn sessions(&self) -> u64 {
        self.sessions.load(Ordering::SeqCst)
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn json_of(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

fn events(chunks: impl futures::Stream<Item = String> + Send + 'static) -> Response {
    let body = Body::from_stream(chunks.map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk))));
    ([("content-type", "text/event-stream")], body).into_response()
}

fn event(message: &Value) -> String {
    format!("event: message\ndata: {message}\n\n")
}

async fn end(State(mock): State<Mock>) -> StatusCode {
    mock.ended.fetch_add(1, Ordering::SeqCst);
    StatusCode::OK
}

/// Counts when it is dropped.
struct Counts(Arc<AtomicU64>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn serve(
    Path(what): Path<String>,
    State(mock): State<Mock>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap();
    let id = &message["id"];
    let result = |result: Value| json_of(200, &json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    let error = |status: u16, code: i32, text: &str| {
        json_of(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": text } }))
    };
    let token = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    mock.tokens.lock().unwrap().push(token.unwrap_or_default());
    match what.as_str() {
        "locked" => return StatusCode::UNAUTHORIZED.into_response(),
        "forbidden" => return StatusCode::FORBIDDEN.into_response(),
        "page" => return ([("content-type", "text/html")], "<html>").into_response(),
        "broken" => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => {}
    }
    let method = message["method"].as_str().unwrap_or_default();
    let session = headers.get("mcp-session-id").map(|id| id.to_str().unwrap().parse::<u64>().unwrap());
    if session.is_some_and(|session| session <= mock.forgotten.load(Ordering::SeqCst)) {
        return match what.as_str() {
            "forgetful" => error(400, -32_000, "Bad Request: No valid session ID provided"),
            _ => StatusCode::NOT_FOUND.into_response(),
        };
    }
    match method {
        "initialize" if what == "unwilling" => error(200, -32_000, "not today"),
        "initialize" => {
            let number = mock.sessions.fetch_add(1, Ordering::SeqCst) + 1;
            let mut response = result(json!({
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": { "tools": { "listChanged": true }, "prompts": {}, "resources": {} },
                "serverInfo": { "name": "mock-mcp-server", "title": "Mock", "version": "1.2" },
                "instructions": "Be kind.",
            }));
            response.headers_mut().insert("mcp-session-id", number.to_string().parse().unwrap());
            response
        }
        method if method.starts_with("notifications/") => StatusCode::ACCEPTED.into_response(),
        "tools/list" => {
            let cursor = message["params"]["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
            tools(&what, cursor).map_or_else(|| error(200, -32_603, "no list"), result)
        }
        "prompts/list" => result(json!({ "prompts": [] })),
        "resources/list" => result(json!({ "resources": [{ "uri": "a://b", "name": "b" }] })),
        "tools/call" => {
            mock.calls.fetch_add(1, Ordering::SeqCst);
            call(&mock, id, &message["params"]).await
        }
        _ => error(if session.is_some() { 200 } else { 400 }, -32_601, "Method not found"),
    }
}

fn tools(what: &str, page: u64) -> Option<Value> {
    let tool = |name: String| json!({ "name": name, "inputSchema": { "type": "object" } });
    Some(match what {
        "paged" if page < 3 => {
            json!({ "tools": [tool(format!("z{}", 3 - page))], "nextCursor": (page + 1).to_string() })
        }
        "endless" => json!({ "tools": [tool(format!("t{page}"))], "nextCursor": (page + 1).to_string() }),
        "circle" => json!({ "tools": [], "nextCursor": "1" }),
        "crowd" => json!({ "tools": (0..10_001).map(|number| tool(number.to_string())).collect::<Vec<_>>() }),
        "odd" => json!({ "tools": [tool("good".to_owned()), { "name": 7 }, "what"] }),
        "listless" => return None,
        "no-list" => json!({ "tools": {} }),
        _ => json!({ "tools": [tool("echo".to_owned())] }),
    })
}

async fn call(mock: &Mock, id: &Value, params: &Value) -> Response {
    let answer = |result: &Value| json!({ "jsonrpc": "2.0", "id": id, "result": result });
    let result = |result: Value| json_of(200, &answer(&result));
    let text = |text: &str| json!({ "type": "text", "text": text });
    let error = |code: i32, text: &str| {
        let error = json!({ "code": code, "message": text, "data": { "more": 1 } });
        json_of(200, &json!({ "jsonrpc": "2.0", "id": id, "error": error }))
    };
    let notification = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": "x".repeat(1000) } });
    match params["name"].as_str().unwrap() {
        "echo" => {
            result(json!({ "content": [text("see the other")], "structuredContent": params["arguments"] }))
        }
        "text" => result(json!({ "content": [text("{\"a\": 1}")] })),
        "none" => result(json!({ "content": [] })),
        "several" => result(json!({ "content": [
            text("one"),
            { "type": "image", "mimeType": "image/png", "data": "AAEC", "annotations": { "priority": 1 } },
            { "type": "resource", "resource": { "uri": "a://b/c.bin", "mimeType": "x/y", "blob": "AAEC" } },
            { "type": "resource_link", "uri": "a://b", "name": "b" },
        ] })),
        "image" => {
            result(json!({ "content": [{ "type": "image", "mimeType": "image/png", "data": "AAEC" }] }))
        }
        "blob" => result(
            json!({ "content": [{ "type": "resource", "resource": { "uri": "a://b/c.bin", "blob": "AAEC" } }] }),
        ),
        "not-base64" => {
            result(json!({ "content": [{ "type": "image", "mimeType": "image/png", "data": "%" }] }))
        }
        "future" => result(json!({ "content": [{ "type": "hologram", "data": 1 }] })),
        "fails" => result(json!({ "isError": true, "content": [text("it broke"), text("badly")] })),
        "fails-mute" => result(json!({ "isError": true, "content": [] })),
        "no-object" => result(json!([1])),
        "odd-type" => result(json!({ "resultType": "parcel", "content": [] })),
        "asks" => result(json!({ "resultType": "input_required", "inputRequests": {}, "requestState": "s" })),
        "events" => events(futures::stream::iter([
            ": a comment\n\n".to_owned(),
            event(&notification),
            event(&answer(&json!({ "content": [text("at last")] }))),
        ])),
        "missing" => error(-32_602, "Unknown tool: missing"),
        "rpc-error" => error(-32_603, "internal trouble"),
        "hangs" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            result(json!({}))
        }
        "hangs-in-events" => {
            let counts = Counts(mock.abandoned.clone());
            events(futures::stream::pending().map(move |chunk| {
                let _ = &counts;
                chunk
            }))
        }
        "breaks-off" => events(futures::stream::iter([event(&notification)])),
        "crashes" => {
            Body::from_stream(futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("crash"))]))
                .into_response()
        }
        "other-id" => json_of(200, &json!({ "jsonrpc": "2.0", "id": "other", "result": { "content": [] } })),
        "other-id-in-events" => events(futures::stream::iter([event(
            &json!({ "jsonrpc": "2.0", "id": 4711, "result": { "content": [] } }),
        )])),
        "no-message" => json_of(200, &json!([1, 2])),
        "page" => ([("content-type", "text/html")], "<html>").into_response(),
        "huge" => result(json!({ "content": [text(&"x".repeat(17 * 1024 * 1024))] })),
        "huge-in-events" => events(futures::stream::iter([event(&answer(
            &json!({ "content": [text(&"x".repeat(17 * 1024 * 1024))] }),
        ))])),
        "flood" => events(futures::stream::repeat(event(&notification))),
        "status" => StatusCode::from_u16(params["arguments"]["status"].as_u64().unwrap() as u16)
            .unwrap()
            .into_response(),
        other => error(-32_602, &format!("Unknown tool: {other}")),
    }
}
