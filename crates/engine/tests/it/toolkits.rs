//! Toolkits: what a caller through one sees and runs, today.

use std::time::Duration;

use executor_core::ErrorCode;
use executor_core::task::TaskStatus;
use executor_engine::{PageRequest, ToolQuery, Until, Workspace};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream, submission};

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    (engine, upstream)
}

async fn add(engine: &TestEngine, slug: &str, tools: Value) -> Workspace {
    let toolkit = json!({ "slug": slug, "name": slug, "tools": tools });
    engine.workspace.add_toolkit(serde_json::from_value(toolkit).unwrap()).await.unwrap();
    engine.workspace.clone().through_toolkit(slug).await.unwrap()
}

async fn change(engine: &TestEngine, slug: &str, tools: Value) {
    let change = serde_json::from_value(json!({ "tools": tools })).unwrap();
    engine.workspace.update_toolkit(slug, change).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_toolkit_calls_over_its_own_connections_only() {
    let (engine, upstream) = with_shop().await;
    for name in ["bot", "person"] {
        let values = json!({ "token": name });
        engine.connect(json!({ "source": "shop", "name": name, "method": "token", "values": values })).await;
    }
    engine.allow("shop.*").await;
    let toolkit =
        json!({ "slug": "bots", "name": "b", "tools": ["shop.*"], "connections": ["workspace/bot"] });
    engine.workspace.add_toolkit(serde_json::from_value(toolkit).unwrap()).await.unwrap();
    let inside = engine.workspace.clone().through_toolkit("bots").await.unwrap();
    // Outside there are two to choose from; inside there is one.
    let call = "return await tools.shop.items.create({ name: 'lamp' })";
    let outside = engine.workspace.submit(submission(call)).await.unwrap();
    assert_eq!(outside.error.unwrap().failure.code, ErrorCode::ConnectionAmbiguous);
    assert_eq!(inside.submit(submission(call)).await.unwrap().summary.status, TaskStatus::Completed);
    let other = "await tools.shop.items.create({ name: 'lamp' }, { connection: 'person' })";
    let refused = inside.submit(submission(other)).await.unwrap().error.unwrap().failure;
    assert_eq!(refused.code, ErrorCode::ConnectionNotFound);
    assert!(!refused.message.contains("is none") && refused.message.contains("bot"), "{}", refused.message);
    assert_eq!(upstream.seen().len(), 1);
    assert_eq!(upstream.seen()[0].authorization.as_deref(), Some("Bearer bot"));

    // An empty list lets all in again.
    let change = serde_json::from_value(json!({ "connections": [] })).unwrap();
    assert_eq!(engine.workspace.update_toolkit("bots", change).await.unwrap().connections, []);
    assert_eq!(inside.submit(submission(other)).await.unwrap().summary.status, TaskStatus::Completed);
}

async fn paths(workspace: &Workspace) -> Vec<String> {
    let tools = workspace.tools(None, &PageRequest::default()).await.unwrap();
    tools.items.into_iter().map(|tool| tool.path.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_through_a_toolkit_sees_and_runs_only_what_is_in_it() {
    let (engine, upstream) = with_shop().await;
    let other = json!({ "name": "other", "document": crate::support::document(upstream.address) });
    engine.add_source(other).await.unwrap();
    let inside = add(&engine, "reading", json!(["shop.items.get"])).await;
    assert_eq!(paths(&inside).await, ["shop.items.get"]);
    let names: Vec<_> = inside.sources().await.unwrap().into_iter().map(|source| source.name).collect();
    assert_eq!(names, ["shop"]);
    let query = ToolQuery { query: "item secret".to_owned(), limit: Some(50), ..ToolQuery::default() };
    for tool in inside.search(&query).await.unwrap().items {
        assert_eq!(tool.path.as_str(), "shop.items.get");
    }
    assert_eq!(inside.describe("shop.broken").await.unwrap_err().code, ErrorCode::ToolNotFound);

    let code = "const item = await tools.shop.items.get({ id: 1 });
        const searched = await tools.search('item');
        try { await tools.shop.broken() } catch (error) {
            return [item.id, error.code, error.hint, searched.items.length];
        }";
    let task = inside.submit(submission(code)).await.unwrap();
    let result: Value = task.result.unwrap().read().unwrap();
    assert_eq!((&result[0], &result[1], &result[3]), (&json!(1), &json!("tool_not_found"), &json!(1)));
    assert!(result[2].as_str().unwrap().contains("the toolkit `reading`"), "{result}");
    assert_eq!(upstream.seen().len(), 1, "what is outside never leaves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_waits_goes_on_under_the_toolkit_of_that_day() {
    let (engine, upstream) = with_shop().await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    let inside = add(&engine, "writing", json!(["shop.items.*"])).await;
    let code =
        "try { return await tools.shop.items.create({ name: 'lamp' }) } catch (error) { return error.code }";
    let held = async || {
        let task = inside.submit(submission(code)).await.unwrap();
        assert_eq!(task.summary.status, TaskStatus::Waiting);
        let open =
            engine.workspace.approvals(None, Some(task.summary.id), &PageRequest::default()).await.unwrap();
        (task.summary.id, open.items[0].clone())
    };
    let end =
        async |id| inside.wait(id, Until::Ended, Duration::from_secs(30)).await.unwrap().result.unwrap();

    let (task, approval) = held().await;
    engine.decide(&approval, json!({ "decision": "approve" })).await;
    assert_eq!(end(task).await.as_str(), r#"{"name":"lamp"}"#);
    let (task, approval) = held().await;
    change(&engine, "writing", json!(["shop.items.get"])).await;
    engine.decide(&approval, json!({ "decision": "approve" })).await;
    assert_eq!(end(task).await.as_str(), r#""tool_not_found""#, "it was narrowed");
    change(&engine, "writing", json!(["shop.*"])).await;
    let (task, approval) = held().await;
    engine.workspace.remove_toolkit("writing").await.unwrap();
    engine.decide(&approval, json!({ "decision": "approve" })).await;
    assert_eq!(end(task).await.as_str(), r#""tool_not_found""#, "it is no more");
    assert_eq!(upstream.seen().len(), 1);
    assert_eq!(paths(&inside).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_toolkit_a_caller_never_gets_more_than_without() {
    let (engine, _upstream) = with_shop().await;
    engine.add_rule(json!({ "tools": "shop.slow", "effect": "deny" })).await;
    let inside = add(&engine, "any", json!(["*"])).await;
    let all = paths(&engine.workspace).await;
    assert_eq!(paths(&inside).await, all);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let patterns = prop::sample::select(vec![
        "*",
        "shop.*",
        "shop.items.*",
        "s*.items.g*",
        "shop.slow",
        "SHOP.Items.create",
        "none.*",
        "*.broken",
    ]);
    let patterns = prop::collection::vec(patterns, 1..4);
    for _ in 0..40 {
        let patterns = patterns.new_tree(&mut runner).unwrap().current();
        change(&engine, "any", json!(patterns)).await;
        let seen = paths(&inside).await;
        assert!(seen.iter().all(|path| all.contains(path)), "{patterns:?}: {seen:?}");
        for path in &all {
            let call = serde_json::from_value(json!({ "path": path })).unwrap();
            let (with, without) =
                (inside.explain(&call).await, engine.workspace.explain(&call).await.unwrap());
            match with {
                Ok(with) => assert!(with.decision.effect >= without.decision.effect, "{path}"),
                Err(failure) => assert_eq!(failure.code, ErrorCode::ToolNotFound),
            }
            assert_eq!(inside.describe(path).await.is_ok(), seen.contains(path), "{path} in {patterns:?}");
        }
    }
}
