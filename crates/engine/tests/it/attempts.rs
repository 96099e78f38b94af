//! Which attempts are made again, and how often (`ENGINE.md` 5.5).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use executor_core::approval::ApprovalStatus;
use executor_core::clock::SystemClock;
use executor_core::id::RandomIds;
use executor_core::task::TaskStatus;
use executor_core::{Actor, AuditAction, AuditEntry, Clock, ErrorCode, Json, TaskId};
use executor_engine::{Submission, Until};
use executor_store::{Location, NewSignal, Store};
use serde_json::json;

use crate::support::{TestEngine, submission};

/// A task that is taken up that often by processes which come no further.
async fn taken_up(times: u32) -> (TestEngine, TaskId) {
    let first = TestEngine::new().await;
    let code = "await new Promise(done => setTimeout(done, 5_000)); return 'through'";
    let task = Submission { code: code.to_owned(), ..Submission::default() };
    let id = first.workspace.submit(task).await.unwrap().summary.id;
    first.executor.shutdown(Duration::ZERO).await;
    for attempt in 2..=times {
        let store = Store::open(&Location::Sqlite(first.folder.path().join("data.db"))).await.unwrap();
        let now = SystemClock.now();
        store.take_over(now).await.unwrap();
        store.claim_task(store.lease_until(now), now).await.unwrap().unwrap();
        let task = store.task(first.workspace.id(), id).await.unwrap();
        assert_eq!(task.attempts, attempt, "it is not only in memory");
    }
    (TestEngine::on(first.folder.clone()).await, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_kills_three_processes_is_not_taken_up_again() {
    let (engine, id) = taken_up(3).await;
    let task = engine.workspace.wait(id, Until::Ended, Duration::from_secs(20)).await.unwrap();
    assert_eq!(task.summary.status, TaskStatus::Failed);
    assert_eq!(task.error.unwrap().failure.code, ErrorCode::WorkerCrashed);
    let (engine, id) = taken_up(2).await;
    let task = engine.workspace.wait(id, Until::Ended, Duration::from_secs(20)).await.unwrap();
    assert_eq!((task.summary.status, task.attempts), (TaskStatus::Completed, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_limit_ends_is_not_run_again() {
    let engine = TestEngine::new().await;
    let table = [
        ("while (true) {}", ErrorCode::TimedOut),
        ("const all = []; while (true) all.push('x'.repeat(1 << 20) + all.length)", ErrorCode::MemoryLimit),
    ];
    for (code, expected) in table {
        let mut submission = submission(code);
        submission.timeout_ms = Some(3_000);
        let task = engine.workspace.submit(submission).await.unwrap();
        assert_eq!(task.error.map(|error| error.failure.code), Some(expected), "{code}");
        assert_eq!(task.attempts, 1, "{code}");
    }
}

/// What waits for a person when a task is given up is wanted no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_given_up_leaves_nothing_open() {
    let first = TestEngine::new().await;
    let code = "await tools.executor.ask({ title: 'Go on?' })";
    let task = first.run(code).await;
    let approval = task.approvals[0].id;
    first.executor.shutdown(Duration::ZERO).await;
    let store = Store::open(&Location::Sqlite(first.folder.path().join("data.db"))).await.unwrap();
    let now = SystemClock.now();
    // As if it had been taken up again and again by processes that died.
    let signal = NewSignal {
        id: "0".to_owned(),
        workspace: first.workspace.id(),
        task: task.summary.id,
        kind: "nothing".to_owned(),
        body: Json::null(),
        at: now,
        is_sensitive: false,
    };
    let organization = first.workspace.principal().organization;
    let note =
        AuditEntry::new(&RandomIds::default(), now, organization, Actor::System, AuditAction::TaskCancelled);
    store.signal_task(signal, note).await.unwrap();
    for _ in 0..4 {
        store.claim_task(store.lease_until(now), now).await.unwrap().unwrap();
        store.release_task(task.summary.id).await.unwrap();
    }
    let again = TestEngine::on(first.folder.clone()).await;
    let ended = again.workspace.wait(task.summary.id, Until::Ended, Duration::from_secs(20)).await.unwrap();
    assert_eq!(ended.error.unwrap().failure.code, ErrorCode::WorkerCrashed);
    assert_eq!(again.workspace.approval(approval).await.unwrap().status, ApprovalStatus::Withdrawn);
}

/// The program had ended, and one of the two calls that it had not waited for; then the process died.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_settled_after_the_programs_end_is_not_made_again() {
    let written = Arc::<AtomicU32>::default();
    let count = written.clone();
    let write = post(async move || {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(500)).await;
        "null"
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/write", write).route("/hang", get(std::future::pending::<()>));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let first = TestEngine::new().await;
    let responses = json!({ "200": { "description": "" } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Late", "version": "1" },
        "servers": [{ "url": format!("http://{address}") }],
        "paths": {
            "/write": { "post": { "operationId": "write", "responses": responses } },
            "/hang": { "get": { "operationId": "hang", "responses": responses } },
        },
    });
    first.add_source(json!({ "name": "late", "document": document.to_string() })).await.unwrap();
    first.allow("late.*").await;
    let code = "tools.late.write().catch(() => 0);
        tools.late.hang().catch(() => 0);
        await new Promise((done) => setTimeout(done, 200));
        return 'through'";
    let id = first
        .workspace
        .submit(Submission { code: code.to_owned(), ..Submission::default() })
        .await
        .unwrap()
        .summary
        .id;
    let kinds = async || {
        let journal = first.store.journal(first.workspace.id(), id, 0, 100).await.unwrap();
        journal.iter().map(|entry| entry.event.kind()).collect::<Vec<_>>()
    };
    while !kinds().await.ends_with(&["program.ended", "call.settled"]) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.executor.shutdown(Duration::ZERO).await;
    let second = TestEngine::on(first.folder.clone()).await;
    let task = second.workspace.wait(id, Until::Ended, Duration::from_secs(20)).await.unwrap();
    assert_eq!(task.result.unwrap().as_str(), "\"through\"");
    assert_eq!(written.load(Ordering::SeqCst), 1);
    let journal = second.store.journal(second.workspace.id(), id, 0, 100).await.unwrap();
    let again: Vec<_> =
        journal.iter().map(|entry| entry.event.kind()).skip_while(|kind| *kind != "call.settled").collect();
    let expected =
        ["call.settled", "task.attempt", "program.ended", "call.judged", "call.withdrawn", "task.ended"];
    assert_eq!(again, expected);
    let warned: Vec<_> = task.warnings.iter().map(|warning| warning.call).collect();
    assert_eq!(warned, [Some(1), Some(2)]);
}
