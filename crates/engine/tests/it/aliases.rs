//! Tools that a refresh gives other paths.

use executor_core::ErrorCode;
use executor_core::review::ToolChange;
use executor_core::task::TaskStatus;
use serde_json::{Value, json};

use crate::reviews::{Published, accept, changes, refresh, with_orders};
use crate::support::TestEngine;

const DAY: i64 = 24 * 60 * 60 * 1_000;
const OLD: &str = "return (await tools.shop.get({ id: 1 })).done";

/// The document with other names for reading an order.
async fn rename(engine: &TestEngine, published: &Published, name: &str) -> Value {
    let mut api = published.api();
    api["paths"]["/orders/{id}"]["get"]["operationId"] = name.into();
    published.publish(&api);
    refresh(engine).await;
    accept(engine, json!({ "revision": changes(engine).await.revision })).await.unwrap();
    api
}

async fn result(engine: &TestEngine, code: &str) -> String {
    let task = engine.run(code).await;
    match task.result {
        Some(result) => result.as_str().to_owned(),
        None => task.error.unwrap_or_else(|| panic!("{:?}", task.approvals)).failure.code.as_str().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_path_leads_to_the_tool_for_thirty_days() {
    let (engine, published) = with_orders().await;
    let mut api = published.api();
    api["paths"]["/orders/{id}"]["get"]["operationId"] = "fetch".into();
    published.publish(&api);
    refresh(&engine).await;
    let seen = changes(&engine).await;
    let shown: Vec<_> = seen
        .tools
        .iter()
        .map(|tool| (tool.path.as_str(), &tool.change, tool.renamed_to.as_deref(), tool.needs_review))
        .collect();
    let expected = [
        ("shop.fetch", &ToolChange::Added, None, true),
        ("shop.get", &ToolChange::Removed, Some("shop.fetch"), false),
    ];
    assert_eq!(shown, expected);
    // It is a tool that nobody has seen, whatever it is called by.
    let held = engine.run(OLD).await;
    assert_eq!((held.summary.status, held.approvals[0].path.as_str()), (TaskStatus::Waiting, "shop.fetch"));
    accept(&engine, json!({ "revision": changes(&engine).await.revision })).await.unwrap();
    assert_eq!(result(&engine, OLD).await, "true");
    assert_eq!(result(&engine, "return (await tools.shop.GET({ id: 1 })).done").await, "true");

    let described = engine.workspace.describe("shop.get").await.unwrap();
    assert_eq!(described.summary.path.as_str(), "shop.fetch");
    assert!(described.typescript.starts_with("// `shop.get` is called `shop.fetch` now;"), "{described:?}");
    let inside = result(&engine, "return await tools.describe('shop.get')").await;
    assert!(inside.contains("is called `shop.fetch` now"), "{inside}");
    assert!(!engine.workspace.describe("shop.fetch").await.unwrap().typescript.contains("is called"));

    // Policies see the path that it has.
    engine.add_rule(json!({ "tools": "shop.get", "effect": "deny", "position": -1 })).await;
    assert_eq!(result(&engine, OLD).await, "true");
    engine.add_rule(json!({ "tools": "shop.fetch", "effect": "deny", "position": -1 })).await;
    assert_eq!(result(&engine, OLD).await, "policy_denied");

    engine.clock.put_forward(31 * DAY);
    assert_eq!(result(&engine, OLD).await, "tool_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_follows_its_tool_and_gives_way_to_another() {
    let (engine, published) = with_orders().await;
    rename(&engine, &published, "fetch").await;
    let mut api = rename(&engine, &published, "load").await;
    for old in ["get", "fetch", "load"] {
        assert_eq!(result(&engine, &OLD.replace("get", old)).await, "true", "{old}");
    }
    // Another tool takes the first path.
    api["paths"]["/other"] = json!({ "get": { "operationId": "get", "responses": {
        "200": { "description": "", "content": { "application/json": { "schema": {} } } } } } });
    published.publish(&api);
    refresh(&engine).await;
    let error = engine.workspace.describe("shop.get").await.unwrap();
    assert!(
        error.summary.path.as_str() == "shop.get" && !error.typescript.contains("is called"),
        "{error:?}"
    );
    assert_eq!(engine.workspace.describe("shop.fetch").await.unwrap().summary.path.as_str(), "shop.load");
    // And the tool itself goes.
    api["paths"].as_object_mut().unwrap().remove("/orders/{id}");
    published.publish(&api);
    refresh(&engine).await;
    let gone = engine.workspace.describe("shop.fetch").await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::ToolNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_of_a_sensitive_tool_is_sensitive() {
    let (engine, published) = with_orders().await;
    let mark = |tools: &str| serde_json::from_value(json!({ "tools": tools })).unwrap();
    engine.workspace.add_sensitive_tools(mark("shop.fetch")).await.unwrap();
    assert!(!engine.run(OLD).await.summary.is_sensitive);
    rename(&engine, &published, "fetch").await;
    for (code, is_sensitive) in [(OLD, true), ("return await tools.shop.list({})", false)] {
        let task = engine.run(code).await;
        assert_eq!((task.summary.status, task.summary.is_sensitive), (TaskStatus::Completed, is_sensitive));
    }
    let marks = engine.workspace.sensitive_tools().await.unwrap();
    assert_eq!(marks.len(), 1, "what was not marked is not shown as a mark");
}
