//! Limits of the machine and of the deployment, made small enough to be reached.

use std::sync::Arc;
use std::time::Duration;

use executor_core::task::TaskStatus;
use executor_core::{ErrorCode, Role};
use executor_engine::{Settings, Submission, Until, WorkspaceLimits};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{TestEngine, Upstream, submission};

async fn with(settings: Settings) -> TestEngine {
    TestEngine::with(Arc::new(TempDir::new().unwrap()), std::env::current_exe().unwrap(), settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_has_so_many_unfinished_tasks_and_no_more() {
    let engine = with(Settings { concurrent_tasks: 1, unfinished_tasks: 2, ..Settings::default() }).await;
    // A distant timer would give the place back.
    let code = "for (;;) await new Promise((done) => setTimeout(done, 5_000))";
    let sleeping = || Submission { wait_ms: None, ..submission(code) };
    let running = engine.workspace.submit(sleeping()).await.unwrap().summary.id;
    engine.workspace.submit(sleeping()).await.unwrap();
    let refused = engine.workspace.submit(sleeping()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TooManyTasks);
    engine.workspace.cancel(running, None).await.unwrap();
    engine.workspace.submit(sleeping()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_wait_as_rows_count_too() {
    let engine = with(Settings { unfinished_tasks: 2, ..Settings::default() }).await;
    let distant = "await new Promise((done) => setTimeout(done, 60_000))";
    for _ in 0..2 {
        assert_eq!(engine.run(distant).await.summary.status, TaskStatus::Waiting);
    }
    let refused = engine.workspace.submit(submission("return 1")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TooManyTasks);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_writes_leaves_while_the_disk_is_nearly_full() {
    let engine = with(Settings { least_free_bytes: u64::MAX, ..Settings::default() }).await;
    let upstream = Upstream::start().await;
    engine.add_shop(upstream.address).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    engine.allow("shop.*").await;
    let code = "const item = await tools.shop.items.get({ id: 1 });
        try { await tools.shop.items.create({ name: 'lamp' }) } catch { return 'caught' }";
    let error = engine.run(code).await.error.unwrap();
    assert_eq!(error.failure.code, ErrorCode::StorageFull);
    assert_eq!(upstream.seen().iter().filter(|request| request.method == "POST").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_for_which_no_worker_can_be_had_says_so_in_the_end() {
    let folder = Arc::new(TempDir::new().unwrap());
    let program = folder.path().join("worker");
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &program).unwrap();
    let engine = TestEngine::with(folder, program.clone(), Settings::default()).await;
    std::fs::remove_file(&program).unwrap();
    // A limit ends the workers that are there.
    let greedy = "const all = []; for (;;) all.push('x'.repeat(1e6) + all.length)";
    let failure = loop {
        let failure = engine.run(greedy).await.error.unwrap().failure;
        if failure.code != ErrorCode::MemoryLimit {
            break failure;
        }
    };
    assert_eq!(failure.code, ErrorCode::SandboxUnavailable, "{failure:?}");
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &program).unwrap();
    assert_eq!(engine.run("return 1").await.summary.status, TaskStatus::Completed);
}

async fn limited(limits: serde_json::Value) -> TestEngine {
    let engine = TestEngine::new().await;
    engine.workspace.set_limits(serde_json::from_value(limits).unwrap()).await.unwrap();
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_may_begin_so_many_tasks_a_minute() {
    let engine = limited(serde_json::json!({ "tasksPerMinute": 2 })).await;
    for _ in 0..2 {
        engine.workspace.submit(submission("return 1")).await.unwrap();
    }
    let refused = engine.workspace.submit(submission("return 1")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TooManyTasks);
    assert!(refused.retry_after_s.is_some_and(|seconds| (1..=60).contains(&seconds)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_workspace_so_many_tasks_run_at_once_and_the_others_wait_their_turn() {
    let engine = limited(serde_json::json!({ "concurrentTasks": 2 })).await;
    let begin = || async {
        let code = "const from = Date.now(); await new Promise((done) => setTimeout(done, 300)); return from";
        engine.workspace.submit(Submission { wait_ms: None, ..submission(code) }).await.unwrap().summary.id
    };
    let mut tasks = Vec::new();
    for _ in 0..6 {
        tasks.push(begin().await);
    }
    let mut spans = Vec::new();
    for task in tasks {
        let ended = engine.workspace.wait(task, Until::Ended, Duration::from_secs(20)).await.unwrap();
        assert_eq!(ended.summary.status, TaskStatus::Completed, "{ended:?}");
        spans.push((ended.summary.started_at.unwrap(), ended.summary.ended_at.unwrap()));
    }
    for (start, _) in &spans {
        let at_once = spans.iter().filter(|(from, to)| from <= start && start < to).count();
        assert!(at_once <= 2, "{spans:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_task_may_use_is_narrowed_by_its_workspace() {
    let limits = serde_json::json!({ "callsPerTask": 2, "resultBytes": 100, "journalBytes": 1_048_576 });
    let engine = limited(limits).await;
    for (code, expected) in [
        ("for (let i = 0; i < 3; i++) await tools.search('x')", ErrorCode::CallLimit),
        ("return 'x'.repeat(200)", ErrorCode::OutputLimit),
    ] {
        let task = engine.run(code).await;
        assert_eq!(task.error.map(|error| error.failure.code), Some(expected), "{code}");
    }
    let nothing = serde_json::from_value(serde_json::json!({ "concurrentTasks": 0 })).unwrap();
    assert_eq!(engine.workspace.set_limits(nothing).await.unwrap_err().code, ErrorCode::InvalidRequest);
    let member = engine.as_member(Role::Member).await;
    assert_eq!(member.set_limits(WorkspaceLimits::default()).await.unwrap_err().code, ErrorCode::Forbidden);
}
