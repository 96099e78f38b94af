//! Sources that are read again by the clock, and documents behind a credential.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use executor_core::ErrorCode;
use executor_engine::{AuditQuery, PageRequest, SourceView};
use executor_harness::mcp_server::{Generation, McpServer};
use serde_json::{Value, json};

use crate::support::TestEngine;

const HOUR: i64 = 60 * 60 * 1_000;

/// A server whose document changes, and which shows it only to whoever has the token.
#[derive(Clone, Default)]
struct Published(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    operations: Vec<&'static str>,
    token: Option<&'static str>,
    is_down: bool,
    /// For each request for the document, whether it was sent.
    sent: Vec<bool>,
}

impl Published {
    async fn start(operations: &[&'static str], token: Option<&'static str>) -> (Self, SocketAddr) {
        let published = Self::default();
        published.0.lock().unwrap().operations = operations.to_vec();
        published.0.lock().unwrap().token = token;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(published.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (published, address)
    }

    fn sent(&self) -> Vec<bool> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }
}

async fn answer(State(published): State<Published>, headers: HeaderMap) -> Response {
    let mut state = published.0.lock().unwrap();
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap());
    if state.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Some(token) = state.token
        && authorization != Some(&format!("Bearer {token}"))
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let etag = format!("\"{}\"", state.operations.len());
    let is_known = headers.get("if-none-match").is_some_and(|tag| tag == etag.as_str());
    state.sent.push(!is_known);
    if is_known {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let paths: serde_json::Map<String, Value> = state
        .operations
        .iter()
        .map(|name| (format!("/{name}"), json!({ "get": { "operationId": name, "responses": {} } })))
        .collect();
    let document = json!({ "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" }, "servers": [{ "url": "/" }], "paths": paths });
    ([("etag", etag)], axum::Json(document)).into_response()
}

async fn shop(engine: &TestEngine) -> SourceView {
    engine.workspace.source("shop").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_read_again_when_its_time_has_come() {
    let engine = TestEngine::new().await;
    let (published, address) = Published::start(&["one"], None).await;
    let url = format!("http://{address}/openapi.json");
    engine
        .add_source(json!({ "name": "shop", "url": url, "kind": "openapi", "refreshEveryHours": 6 }))
        .await
        .unwrap();
    engine
        .add_source(json!({ "name": "never", "url": url, "kind": "openapi", "refreshEveryHours": 0 }))
        .await
        .unwrap();
    assert_eq!(published.sent(), [true, true]);

    engine.clock.put_forward(5 * HOUR);
    engine.executor.refresh_due_sources().await.unwrap();
    assert_eq!(published.sent().len(), 0, "it is not time yet");
    engine.clock.put_forward(HOUR + 1);
    engine.executor.refresh_due_sources().await.unwrap();
    assert_eq!(published.sent(), [false], "the tag says that it is the same, and `never` is not asked for");

    published.0.lock().unwrap().operations.push("two");
    engine.clock.put_forward(6 * HOUR + 1);
    engine.executor.refresh_due_sources().await.unwrap();
    assert_eq!((published.sent(), shop(&engine).await.tools), (vec![true], 2));
    let changes = engine.workspace.source_changes("shop").await.unwrap();
    assert!(changes.tools.iter().all(|tool| tool.path == "shop.two" && tool.needs_review), "{changes:?}");

    let owner = engine.executor.local_owner(true).await.unwrap();
    let organization = engine.executor.organization(&owner).await.unwrap();
    let query = AuditQuery { action: Some("source.refreshed".to_owned()), ..AuditQuery::default() };
    let page = PageRequest { cursor: None, limit: None };
    let refreshed = organization.audit_entries(&query, &page).await.unwrap().items;
    assert_eq!(refreshed.len(), 1, "what changed nothing is not told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_cannot_be_read_keeps_its_tools_and_says_why() {
    let engine = TestEngine::new().await;
    let (published, address) = Published::start(&["one"], None).await;
    let url = format!("http://{address}/openapi.json");
    engine.add_source(json!({ "name": "shop", "url": url })).await.unwrap();
    published.0.lock().unwrap().is_down = true;
    engine.clock.put_forward(24 * HOUR + 1);
    engine.executor.refresh_due_sources().await.unwrap();
    let source = shop(&engine).await;
    assert_eq!(source.refresh_failure.unwrap().code, ErrorCode::SourceUnreachable);
    assert_eq!(source.tools, 1);

    published.0.lock().unwrap().is_down = false;
    engine.clock.put_forward(HOUR + 1);
    engine.executor.refresh_due_sources().await.unwrap();
    assert_eq!(shop(&engine).await.refresh_failure, None, "it is tried again within the hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_behind_a_credential_is_read_with_the_connection_that_comes_with_it() {
    let engine = TestEngine::new().await;
    let (published, address) = Published::start(&["one"], Some("secret")).await;
    let url = format!("http://{address}/openapi.json");
    let source = |values: Value| json!({ "name": "shop", "url": url, "connection": { "values": values } });
    let without = engine.add_source(json!({ "name": "shop", "url": url })).await.unwrap_err();
    assert_eq!(without.code, ErrorCode::SourceSignInRequired);
    let wrong = engine.add_source(source(json!({ "token": "wrong" }))).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::SourceSignInRequired);
    let lacking = engine.add_source(source(json!({}))).await.unwrap_err();
    assert_eq!(lacking.code, ErrorCode::InvalidRequest);

    engine.add_source(source(json!({ "token": "secret" }))).await.unwrap();
    let connections = engine.workspace.connections().await.unwrap();
    assert_eq!(connections.len(), 1, "{connections:?}");
    assert_eq!((connections[0].name.as_str(), connections[0].source_name.as_str()), ("default", "shop"));
    engine.allow("*").await;
    let task = engine.run("return Object.keys((await tools.shop.one()).paths)").await;
    assert_eq!(task.result.unwrap().as_str(), r#"["/one"]"#, "its calls carry it too");

    published.0.lock().unwrap().operations.push("two");
    let refreshed = engine.workspace.refresh_source("shop", &|_| {}).await.unwrap();
    assert_eq!(refreshed.tools, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_counts_no_more_by_its_own_account_is_read_again_once_it_is_used() {
    let (engine, server) = (TestEngine::new().await, McpServer::start(Generation::Stateless).await);
    server.change(|lists| lists.ttl_ms = Some(5 * 60 * 1_000));
    engine.add_source(json!({ "name": "hotel", "url": server.address, "kind": "mcp" })).await.unwrap();
    let listed = server.listed();
    server.change(|lists| lists.tools.push("extra".to_owned()));
    let describe = async |path: &str| engine.workspace.describe(path).await.map(|tool| tool.summary.path);
    describe("hotel.book").await.unwrap();
    engine.clock.put_forward(6 * 60 * 1_000);
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert_eq!(server.listed(), listed, "nobody has used it since");
    describe("hotel.book").await.unwrap();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while describe("hotel.extra").await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "it is not read again");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(server.listed(), listed + 1);
}
