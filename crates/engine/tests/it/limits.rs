//! Limits of the machine and of the deployment, made small enough to be reached.

use std::sync::Arc;

use executor_core::ErrorCode;
use executor_core::task::TaskStatus;
use executor_engine::{Settings, Submission};
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
