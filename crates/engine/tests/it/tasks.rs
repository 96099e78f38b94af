//! Tasks from submission to end.

use executor_core::ErrorCode;
use executor_core::task::TaskStatus;
use executor_engine::{EventFilter, Submission, Until};

use crate::support::{TestEngine, submission};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_ends_with_its_value_its_console_and_its_journal() {
    let engine = TestEngine::new().await;
    let task = engine.run("console.log('hello'); emit({ shown: true }); return 1 + 1").await;
    assert_eq!(task.summary.status, TaskStatus::Completed, "{:?}", task.error);
    assert_eq!(task.result.unwrap().as_str(), "2");
    assert_eq!(task.console[0].text, "hello");
    assert_eq!(task.emitted[0].value.as_str(), r#"{"shown":true}"#);

    let events = engine.workspace.events(task.summary.id, EventFilter::default()).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|entry| entry.event.kind()).collect();
    assert_eq!(kinds, ["task.created", "task.attempt", "console", "emit", "program.ended", "task.ended"]);
    assert!(events.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trivial_task_costs_one_sync() {
    let engine = TestEngine::new().await;
    let before = engine.store.syncs();
    engine.run("return 1 + 1").await;
    assert_eq!(engine.store.syncs() - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_lines_cost_one_sync_and_are_all_in_the_journal() {
    let engine = TestEngine::new().await;
    let before = engine.store.syncs();
    let task = engine.run("for (let line = 0; line < 10_000; line++) console.log(line); return 'done'").await;
    assert_eq!(engine.store.syncs() - before, 1, "only the last part of a write is synced");
    let (workspace, id) = (task.summary.workspace, task.summary.id);
    let journal = engine.store.journal(workspace, id, 0, 20_000).await.unwrap();
    assert!(journal.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
    let lines = journal.iter().filter(|entry| entry.event.kind() == "console").count();
    assert_eq!((lines, journal.last().unwrap().event.kind()), (10_000, "task.ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_fail_say_why_and_where() {
    let engine = TestEngine::new().await;
    let table = [
        ("return 1 +", ErrorCode::SyntaxError, TaskStatus::Failed),
        ("const x = 1;\nthrow new TypeError('no')", ErrorCode::UncaughtError, TaskStatus::Failed),
        ("return 10n", ErrorCode::UnserializableResult, TaskStatus::Failed),
        ("await new Promise(() => {})", ErrorCode::Deadlock, TaskStatus::Failed),
        (
            "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)",
            ErrorCode::MemoryLimit,
            TaskStatus::Failed,
        ),
        ("await tools.nowhere.nothing({})", ErrorCode::ToolNotFound, TaskStatus::Failed),
    ];
    for (code, expected, status) in table {
        let task = engine.run(code).await;
        let error = task.error.expect(code);
        assert_eq!((error.failure.code, task.summary.status), (expected, status), "{code}: {error:?}");
    }
    let looping = Submission { timeout_ms: Some(200), ..submission("for (;;) {}") };
    let task = engine.workspace.submit(looping).await.unwrap();
    assert_eq!(task.summary.status, TaskStatus::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_means_the_same_task_and_never_another() {
    let engine = TestEngine::new().await;
    let keyed = |code: &str| Submission { idempotency_key: Some("k".to_owned()), ..submission(code) };
    let first = engine.workspace.submit(keyed("return 1")).await.unwrap();
    let again = engine.workspace.submit(keyed("return 1")).await.unwrap();
    assert_eq!(first.summary.id, again.summary.id);
    assert_eq!(again.result.unwrap().as_str(), "1");
    let other = engine.workspace.submit(keyed("return 2")).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::IdempotencyConflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_can_be_cancelled_once() {
    let engine = TestEngine::new().await;
    let sleeping =
        Submission { wait_ms: None, ..submission("await new Promise(done => setTimeout(done, 60_000))") };
    let task = engine.workspace.submit(sleeping).await.unwrap();
    assert_eq!(task.summary.status, TaskStatus::Running);
    let cancelled = engine.workspace.cancel(task.summary.id, Some("enough".to_owned())).await.unwrap();
    assert_eq!(cancelled.summary.status, TaskStatus::Cancelled);
    let again = engine.workspace.cancel(task.summary.id, None).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::AlreadyEnded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_left_behind_goes_on_where_it_was() {
    let first = TestEngine::new().await;
    let code = "const before = Math.random(); await new Promise(done => setTimeout(done, 1500)); \
                return [before, Math.random(), Date.now() >= 0]";
    let task = first.workspace.submit(Submission { wait_ms: None, ..submission(code) }).await.unwrap();
    // The process is not stopped but forgotten: a second one on the same data takes the task over.
    let second = TestEngine::on(first.folder.clone()).await;
    let ended = second
        .workspace
        .wait(task.summary.id, Until::Ended, std::time::Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(ended.summary.status, TaskStatus::Completed, "{:?}", ended.error);
    assert_eq!(ended.attempts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_tasks_than_places_all_end() {
    let engine = TestEngine::new().await;
    let submit = |number: usize| {
        let workspace = engine.workspace.clone();
        async move { workspace.submit(submission(&format!("return {number}"))).await.unwrap() }
    };
    let tasks = futures::future::join_all((0..200).map(submit)).await;
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.result.expect("a result").as_str(), number.to_string());
    }
}
