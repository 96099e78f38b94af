//! Sources that come and go, and those that are none.

use executor_core::ErrorCode;
use serde_json::json;

use crate::support::{TestEngine, Upstream, document};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_source_is_refused_with_its_code_and_changes_nothing() {
    let engine = TestEngine::new().await;
    let document = |paths| {
        json!({ "openapi": "3.1.0", "info": { "title": "x", "version": "1" }, "paths": paths }).to_string()
    };
    let without_servers = document(json!({ "/a": { "get": { "responses": {} } } }));
    let without_operations = document(json!({}));
    let table = [
        (json!({ "name": "x", "document": "<!doctype html><html></html>" }), ErrorCode::DocumentUnreadable),
        (
            json!({ "name": "x", "document": r#"{"openapi": "3.1.0", "paths": {"#}),
            ErrorCode::DocumentUnreadable,
        ),
        (json!({ "name": "x", "document": without_servers }), ErrorCode::BaseUrlRequired),
        (json!({ "name": "x", "document": without_operations }), ErrorCode::NoOperations),
        (json!({ "name": "x", "url": "http://127.0.0.1:1/openapi.json" }), ErrorCode::SourceUnreachable),
        (json!({ "name": "then", "document": without_servers }), ErrorCode::InvalidRequest),
        (json!({ "name": "x" }), ErrorCode::InvalidRequest),
    ];
    for (source, code) in table {
        let failure = engine.add_source(source.clone()).await.expect_err(&source.to_string());
        assert_eq!(failure.code, code, "{source}: {failure:?}");
        assert!(!failure.hint.is_empty());
    }
    assert!(engine.workspace.sources().await.unwrap().is_empty());
    assert_eq!(engine.run("return 1").await.result.unwrap().as_str(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once_and_free_again_after_removal() {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    let shop = json!({ "name": "shop", "document": document(upstream.address) });
    let source = engine.add_source(shop.clone()).await.unwrap();
    let taken = json!({ "name": "Shop", "document": document(upstream.address) });
    assert_eq!(engine.add_source(taken).await.unwrap_err().code, ErrorCode::NameTaken);
    assert_eq!(
        engine.run("return (await tools.shop.items.get({ id: 1 })).id").await.result.unwrap().as_str(),
        "1"
    );

    engine.workspace.remove_source(source.id).await.unwrap();
    let gone = engine.run("return await tools.shop.items.get({ id: 1 })").await.error.unwrap().failure;
    assert_eq!(gone.code, ErrorCode::ToolNotFound);
    engine.add_source(shop).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_and_tasks_are_there_after_a_restart() {
    let (first, upstream) = (TestEngine::new().await, Upstream::start().await);
    first.add_shop(upstream.address).await;
    first.connect(json!({ "source": "shop", "method": "key", "values": { "token": "k" } })).await;
    let task = first.run("return await tools.shop.items.secret({ id: 1 })").await.summary.id;
    let folder = first.folder.clone();
    first.executor.shutdown(std::time::Duration::from_secs(1)).await;
    drop(first);

    let second = TestEngine::on(folder).await;
    assert_eq!(second.workspace.task(task).await.unwrap().result.unwrap().as_str(), r#"{"id":1}"#);
    second.run("return await tools.shop.items.secret({ id: 2 })").await;
    assert_eq!(upstream.seen().last().unwrap().key.as_deref(), Some("k"));
    let found = second.run("return (await tools.search('get item')).items[0].path").await;
    assert_eq!(found.result.unwrap().as_str(), r#""shop.items.get""#);
}
