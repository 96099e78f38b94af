//! Tools that are marked as sensitive: what their tasks carry is encrypted, and shown to few.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use executor_core::task::TaskStatus;
use executor_core::{ErrorCode, Role};
use executor_engine::{
    ApprovalView, EventFilter, PageRequest, REDACTED, Submission, TaskView, Until, Workspace,
};
use executor_store::Error;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream, submission};

const CODE: &str = "const item = await tools.shop.items.create({ name: 'canary-lamp' });
    console.log('made', item.name);
    emit({ item });
    return item";
const CANARY: &str = "canary-lamp";

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    (engine, upstream)
}

async fn mark(engine: &TestEngine, tools: &str) {
    let marked = serde_json::from_value(json!({ "tools": tools })).unwrap();
    engine.workspace.add_sensitive_tools(marked).await.unwrap();
}

async fn decide(workspace: &Workspace, approval: &ApprovalView, decision: Value) -> ApprovalView {
    workspace.resolve_approval(approval.id, serde_json::from_value(decision).unwrap()).await.unwrap()
}

/// Whether a file of the folder contains the text.
fn is_on_the_disk(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let contents = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    contents.into_iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Everything that is shown of a task and its approvals.
async fn shown(workspace: &Workspace, task: &TaskView) -> String {
    let id = task.summary.id;
    let whole = workspace.task(id).await.unwrap();
    let listed = workspace.tasks(None, &PageRequest::default()).await.unwrap();
    let events = workspace.events(id, EventFilter::default()).await.unwrap();
    let bodies: Vec<_> = events.iter().map(|entry| entry.event.body().unwrap().as_str().to_owned()).collect();
    let approvals = workspace.approvals(None, Some(id), &PageRequest::default()).await.unwrap();
    let approval = workspace.approval(approvals.items[0].id).await.unwrap();
    let calls = workspace.calls(id).await.unwrap();
    serde_json::to_string(&json!([whole, listed, bodies, approvals, approval, calls])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_marked_call_carries_is_encrypted_and_survives_a_restart() {
    let (engine, upstream) = with_shop().await;
    mark(&engine, "Shop.Items.create").await;
    // With a key it is written before it runs.
    let keyed = Submission { idempotency_key: Some("k".to_owned()), ..submission(CODE) };
    let task = engine.workspace.submit(keyed).await.unwrap();
    assert_eq!(task.summary.status, TaskStatus::Waiting);
    assert_eq!(task.approvals[0].arguments.as_str(), r#"{"name":"canary-lamp"}"#);
    assert!(!is_on_the_disk(engine.folder.path(), CANARY));

    // Who has the database and not the key can read nothing of it.
    let (place, id) = (engine.workspace.id(), task.summary.id);
    assert!(matches!(engine.store.task(place, id).await, Err(Error::Corrupt { .. })));
    engine.executor.shutdown(Duration::ZERO).await;

    let second = TestEngine::on(engine.folder.clone()).await;
    let edited = json!({ "decision": "approve", "arguments": { "name": "canary-lamp 2" } });
    let decided = decide(&second.workspace, &task.approvals[0], edited).await;
    assert_eq!(decided.arguments.as_str(), r#"{"name":"canary-lamp 2"}"#);
    let ended = second.workspace.wait(id, Until::Ended, Duration::from_secs(30)).await.unwrap();
    assert_eq!(ended.result.unwrap().as_str(), r#"{"name":"canary-lamp 2"}"#);
    assert_eq!((ended.console[0].text.as_str(), ended.code.as_str()), ("made canary-lamp 2", CODE));
    assert!(ended.summary.is_sensitive);
    assert_eq!(upstream.seen().len(), 1);
    assert_eq!(second.workspace.replay(id).await.unwrap().diverged.map(|diverged| diverged.code), None);
    second.executor.shutdown(Duration::ZERO).await;
    assert!(!is_on_the_disk(engine.folder.path(), CANARY));
}

/// The text of the code does not tell what it calls: then it is sealed with the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_code_does_not_name_is_found_as_well() {
    let (engine, _upstream) = with_shop().await;
    mark(&engine, "shop.items.create").await;
    engine.allow("shop.*").await;
    let code = "console.log('be' + 'fore');
        const item = await tools.shop['it' + 'ems'].create({ name: 'can' + 'ary-lamp' });
        console.log('af' + 'ter');
        return item.name";
    let task = engine.run(code).await;
    assert_eq!(task.result.as_ref().unwrap().as_str(), "\"canary-lamp\"");
    engine.executor.shutdown(Duration::ZERO).await;
    let on_the_disk = [CANARY, "after"].map(|text| is_on_the_disk(engine.folder.path(), text));
    assert_eq!(on_the_disk, [false, false]);
    assert!(matches!(
        engine.store.task(engine.workspace.id(), task.summary.id).await,
        Err(Error::Corrupt { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_calls_nothing_marked_stays_as_it_is() {
    let (engine, _upstream) = with_shop().await;
    mark(&engine, "shop.orders.*").await;
    engine.allow("shop.*").await;
    let task = engine.run(CODE).await;
    assert_eq!(task.summary.status, TaskStatus::Completed);
    assert!(!task.summary.is_sensitive && is_on_the_disk(engine.folder.path(), CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_that_it_happened_and_not_what() {
    let (engine, _upstream) = with_shop().await;
    mark(&engine, "shop.items.create").await;
    let (ada, other) = (engine.as_member(Role::Member).await, engine.as_member(Role::Member).await);
    let task = ada.submit(submission(CODE)).await.unwrap();
    let id = task.summary.id;
    let following = other.follow(id, 0).await.unwrap();
    decide(&engine.workspace, &task.approvals[0], json!({ "decision": "approve" })).await;
    engine.end_of(&task).await;
    for workspace in [&ada, &engine.workspace] {
        let shown = shown(workspace, &task).await;
        assert!(shown.contains(CANARY) && !shown.contains(REDACTED), "{shown}");
    }
    let shown = shown(&other, &task).await;
    assert!(!shown.contains("canary") && !shown.contains("'nary"), "{shown}");
    for seen in [REDACTED, "shop.items.create", "completed", "\"sensitive\":true"] {
        assert!(shown.contains(seen), "{seen} in {shown}");
    }
    for entry in following.collect::<Vec<_>>().await {
        let body = entry.unwrap().event.body().unwrap();
        assert!(!body.as_str().contains(CANARY), "{}", body.as_str());
    }
    assert_eq!(other.replay(id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(other.rerun(id, None).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(ada.rerun(id, Some(0)).await.unwrap().code, CODE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_a_marked_call_is_not_told_to_others() {
    let (engine, _upstream) = with_shop().await;
    mark(&engine, "shop.broken").await;
    let other = engine.as_member(Role::Member).await;
    let task = engine.run("await tools.shop.broken()").await;
    assert!(task.error.unwrap().failure.message.contains("it broke"));
    let error = other.task(task.summary.id).await.unwrap().error.unwrap();
    assert_eq!((error.failure.code, error.failure.message.as_str()), (ErrorCode::UpstreamError, REDACTED));
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_kept_by_those_who_may() {
    let engine = TestEngine::new().await;
    mark(&engine, "payroll.*").await;
    mark(&engine, "payroll.*").await;
    mark(&engine, "bank.*").await;
    let marks = engine.workspace.sensitive_tools().await.unwrap();
    let tools: Vec<_> = marks.iter().map(|mark| mark.tools.as_str()).collect();
    assert_eq!(tools, ["bank.*", "payroll.*"]);
    let member = Arc::new(engine.as_member(Role::Member).await);
    let refused = member.add_sensitive_tools(marks[0].clone()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(member.remove_sensitive_tools(&marks[0].tools).await.unwrap_err().code, ErrorCode::Forbidden);
    engine.workspace.remove_sensitive_tools(&marks[0].tools).await.unwrap();
    let none = engine.workspace.remove_sensitive_tools(&marks[0].tools).await.unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound);
    assert_eq!(member.sensitive_tools().await.unwrap().len(), 1);
}
