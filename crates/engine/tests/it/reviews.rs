//! A source's document that changes, and what that does to calls of its tools.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use executor_core::ErrorCode;
use executor_core::policy::Effect;
use executor_core::review::{ToolChange, ToolPart};
use executor_core::task::TaskStatus;
use executor_engine::{SourceChanges, SourceView};
use serde_json::{Value, json};

use crate::support::TestEngine;

/// A document that a test changes, served over HTTP with the API that it describes.
pub(crate) struct Published {
    pub(crate) address: SocketAddr,
    document: Arc<Mutex<String>>,
}

impl Published {
    async fn start() -> Self {
        let document = Arc::<Mutex<String>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = document.clone();
        let app = Router::new()
            .route("/openapi.json", axum::routing::get(async move || served.lock().unwrap().clone()))
            .fallback(async || axum::Json(json!({ "done": true })));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let published = Self { address, document };
        published.publish(&published.api());
        published
    }

    /// Reading an order, making one, and listing them.
    pub(crate) fn api(&self) -> Value {
        let id = json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }]);
        let body = json!({ "required": true, "content": { "application/json": { "schema": {
            "type": "object", "properties": { "name": { "$ref": "#/components/schemas/Name" } } } } } });
        let responses =
            json!({ "200": { "description": "", "content": { "application/json": { "schema": {} } } } });
        json!({
            "openapi": "3.1.0",
            "info": { "title": "Orders", "version": "1" },
            "servers": [{ "url": format!("http://{}", self.address) }],
            "components": { "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } }, "schemas": { "Name": { "type": "string", "maxLength": 20 } } },
            "paths": {
                "/orders/{id}": { "get": { "operationId": "get", "parameters": id, "responses": responses } },
                "/orders": {
                    "post": { "operationId": "create", "requestBody": body, "responses": responses },
                    "get": { "operationId": "list", "responses": responses },
                },
            },
        })
    }

    pub(crate) fn publish(&self, document: &Value) {
        *self.document.lock().unwrap() = document.to_string();
    }
}

pub(crate) async fn with_orders() -> (TestEngine, Published) {
    let (engine, published) = (TestEngine::new().await, Published::start().await);
    let url = format!("http://{}/openapi.json", published.address);
    engine.add_source(json!({ "name": "shop", "url": url })).await.unwrap();
    engine.allow("*").await;
    (engine, published)
}

pub(crate) async fn refresh(engine: &TestEngine) -> SourceView {
    engine.workspace.refresh_source("shop", &|_| {}).await.unwrap()
}

pub(crate) async fn changes(engine: &TestEngine) -> SourceChanges {
    engine.workspace.source_changes("shop").await.unwrap()
}

/// The paths that need review, and why.
fn waiting(changes: &SourceChanges) -> Vec<(&str, Vec<ToolPart>)> {
    let parts = |change: &ToolChange| match change {
        ToolChange::Changed { differences } => {
            differences.iter().map(|one| one.part).filter(|part| part.needs_review()).collect()
        }
        _ => Vec::new(),
    };
    let tools = changes.tools.iter().filter(|tool| tool.needs_review);
    tools.map(|tool| (tool.path.as_str(), parts(&tool.change))).collect()
}

pub(crate) async fn accept(
    engine: &TestEngine,
    body: Value,
) -> Result<SourceChanges, executor_core::Failure> {
    engine.workspace.accept_tools("shop", serde_json::from_value(body).unwrap()).await
}

const GET: &str = "return (await tools.shop.get({ id: 1 })).done";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_refresh_changes_asks_until_a_person_has_accepted_it() {
    let (engine, published) = with_orders().await;
    assert_eq!(changes(&engine).await.tools.len(), 0, "what was added is accepted");
    assert_eq!(engine.run(GET).await.result.unwrap().as_str(), "true");

    let mut api = published.api();
    api["paths"]["/orders/{id}"]["get"]["parameters"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "as", "in": "query", "schema": { "type": "string" } }));
    api["paths"]["/orders"]["get"]["description"] = "At length.".into();
    api["paths"]["/refunds"] = json!({ "post": { "operationId": "refund", "responses": {} } });
    published.publish(&api);
    refresh(&engine).await;

    let seen = changes(&engine).await;
    assert_eq!(
        waiting(&seen),
        [("shop.get", vec![ToolPart::WiderArguments]), ("shop.refund", Vec::new())],
        "{seen:?}"
    );
    assert_eq!(seen.tools.len(), 3, "a text is shown and asks nobody");
    let explained = engine
        .workspace
        .explain(&serde_json::from_value(json!({ "path": "shop.get" })).unwrap())
        .await
        .unwrap();
    assert_eq!(explained.decision.effect, Effect::RequireApproval);
    assert!(explained.decision.decided_by.review);
    let reason = explained.decision.decided_by.reason;
    assert!(reason.contains("was changed by the refresh of `shop` and not yet reviewed"), "{reason}");

    let held = engine.run(GET).await;
    assert_eq!(held.summary.status, TaskStatus::Waiting, "no rule loosens it");
    assert_eq!(
        engine.run("return (await tools.shop.list()).done").await.summary.status,
        TaskStatus::Completed
    );
    let new = engine.run("return await tools.shop.refund()").await;
    assert_eq!(new.summary.status, TaskStatus::Waiting);

    let stale = accept(&engine, json!({ "revision": seen.revision - 1 })).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::InvalidRequest, "nobody accepts what they have not seen");
    let unknown = accept(&engine, json!({ "revision": seen.revision, "tools": ["shop.none"] })).await;
    assert_eq!(unknown.unwrap_err().code, ErrorCode::InvalidRequest);
    let mut agent = engine.executor.local_owner(false).await.unwrap();
    agent.scopes.remove(&executor_core::Scope::Approve);
    let agent = engine.executor.enter(&agent, "default").await.unwrap();
    let body = serde_json::from_value(json!({ "revision": seen.revision })).unwrap();
    assert_eq!(agent.accept_tools("shop", body).await.unwrap_err().code, ErrorCode::Forbidden);

    let left = accept(&engine, json!({ "revision": seen.revision, "tools": ["shop.get"] })).await.unwrap();
    assert_eq!(waiting(&left), [("shop.refund", Vec::new())]);
    assert_eq!(engine.run(GET).await.result.unwrap().as_str(), "true");
    accept(&engine, json!({ "revision": left.revision })).await.unwrap();
    assert_eq!(changes(&engine).await.tools.len(), 0);
    assert_eq!(
        engine.run("return (await tools.shop.refund()).done").await.summary.status,
        TaskStatus::Completed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_that_counts_is_found_and_going_back_needs_no_review() {
    let (engine, published) = with_orders().await;
    let original = published.api();
    type Change = (&'static str, fn(&mut Value), &'static [ToolPart]);
    let table: &[Change] = &[
        (
            "method",
            |api| {
                let operation = api["paths"]["/orders"]["post"].take();
                api["paths"]["/orders"] = json!({ "put": operation, "get": api["paths"]["/orders"]["get"] });
            },
            &[ToolPart::Method],
        ),
        (
            "path",
            |api| {
                let operation = api["paths"]["/orders"]["post"].take();
                api["paths"]["/orders"].as_object_mut().unwrap().remove("post");
                api["paths"]["/all/orders"] = json!({ "post": operation });
            },
            &[ToolPart::Path],
        ),
        (
            "origin",
            |api| {
                api["paths"]["/orders"]["post"]["servers"] = json!([{ "url": "https://elsewhere.example" }]);
            },
            &[ToolPart::Origin],
        ),
        (
            "security",
            |api| {
                api["paths"]["/orders"]["post"]["security"] = json!([{ "key": [] }]);
            },
            &[ToolPart::Security],
        ),
        (
            "a shared schema that takes more",
            |api| {
                api["components"]["schemas"]["Name"] = json!({ "type": "string", "maxLength": 200 });
            },
            &[ToolPart::WiderArguments],
        ),
        (
            "a shared schema that takes less",
            |api| {
                api["components"]["schemas"]["Name"] = json!({ "type": "string", "maxLength": 2 });
            },
            &[],
        ),
        (
            "an answer",
            |api| {
                api["paths"]["/orders"]["post"]["responses"]["200"]["content"]["application/json"]["schema"] =
                    json!({ "type": "object" });
            },
            &[],
        ),
        ("a summary", |api| api["paths"]["/orders"]["post"]["summary"] = "Other.".into(), &[]),
    ];
    for (name, change, expected) in table {
        let mut api = original.clone();
        change(&mut api);
        published.publish(&api);
        refresh(&engine).await;
        let seen = changes(&engine).await;
        let expected: Vec<_> =
            if expected.is_empty() { vec![] } else { vec![("shop.create", expected.to_vec())] };
        assert_eq!(waiting(&seen), expected, "{name}: {seen:?}");
        assert!(seen.tools.iter().any(|tool| tool.path == "shop.create"), "{name} is shown");
    }
    published.publish(&original);
    refresh(&engine).await;
    assert_eq!(changes(&engine).await.tools.len(), 0, "it is what was accepted again");

    let mut fewer = original.clone();
    fewer["paths"].as_object_mut().unwrap().remove("/orders/{id}");
    published.publish(&fewer);
    refresh(&engine).await;
    let removed = changes(&engine).await;
    assert_eq!((removed.tools.len(), &removed.tools[0].change), (1, &ToolChange::Removed));
    published.publish(&original);
    refresh(&engine).await;
    assert_eq!(changes(&engine).await.tools.len(), 0, "a tool that comes back as it was is no new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_fails_keeps_what_was_there() {
    let (engine, published) = with_orders().await;
    let before = engine.workspace.source("shop").await.unwrap();
    for broken in ["<html></html>".to_owned(), json!({ "openapi": "3.1.0", "paths": {} }).to_string()] {
        *published.document.lock().unwrap() = broken;
        engine.workspace.refresh_source("shop", &|_| {}).await.unwrap_err();
        let after = engine.workspace.source("shop").await.unwrap();
        assert_eq!((after.tools, after.refreshed_at), (before.tools, before.refreshed_at));
        assert_eq!(changes(&engine).await.tools.len(), 0);
        assert_eq!(engine.run(GET).await.result.unwrap().as_str(), "true");
    }
}
