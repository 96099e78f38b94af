//! Stepping through a task that has been run.

use executor_core::journal::{CallIssued, Entry, Event, TaskCreated};
use executor_core::task::TaskStatus;
use executor_core::{Digest, ErrorCode, Json};
use executor_engine::{EventFilter, Learned, ReplayEnd};
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream};

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    (engine, upstream)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_turn_is_shown_and_nothing_leaves_and_nothing_is_written() {
    let (engine, upstream) = with_shop().await;
    let code = "console.log('start', Math.random());
const item = await tools.shop.items.get({ id: 7 });
emit(item.id);
await new Promise((done) => setTimeout(done, 5));
try { await tools.shop.broken() } catch (error) { console.warn(error.code) }
return { at: Date.now(), id: item.id };";
    let task = engine.run(code).await;
    let result: Value = task.result.unwrap().read().unwrap();
    let id = task.summary.id;
    let all = EventFilter { after: 0, limit: Some(1_000) };
    let before = engine.workspace.events(id, all).await.unwrap();
    let sent = upstream.seen().len();

    for _ in 0..2 {
        let replay = engine.workspace.replay(id).await.unwrap();
        assert!(replay.diverged.is_none(), "{:?}", replay.diverged);
        let steps = replay.steps;
        assert_eq!(steps.len(), 4, "{steps:#?}");
        assert_eq!(steps[0].learned, Learned::Start);
        assert!(steps[0].console[0].text.starts_with("start 0."));
        let call = &steps[0].calls[0];
        assert_eq!((call.call, call.path.as_str(), call.line), (1, "shop.items.get", Some(2)));
        assert_eq!(call.arguments.as_str(), r#"{"id":7}"#);
        assert!(matches!(&steps[1].learned, Learned::Call { call: 1, result: Some(_), error: None }));
        assert_eq!((steps[1].emitted[0].value.as_str(), steps[1].timers.len()), ("7", 1));
        assert_eq!(steps[2].learned, Learned::Timer { timer: 1 });
        assert!(matches!(&steps[3].learned, Learned::Call { call: 2, error: Some(error), .. }
            if error.code == ErrorCode::UpstreamError));
        assert_eq!(steps[3].console[0].text, "upstream_error");
        let Some(ReplayEnd::Returned { result: Some(again) }) = &steps[3].end else {
            panic!("{:?}", steps[3])
        };
        assert_eq!(again.read::<Value>().unwrap(), result, "the same times and the same values");
        assert!(steps.is_sorted_by_key(|step| step.at));
    }
    assert_eq!(upstream.seen().len(), sent, "no call leaves");
    assert_eq!(engine.workspace.events(id, all).await.unwrap(), before, "the journal stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_ended_otherwise_is_shown_as_far_as_it_came() {
    let (engine, _upstream) = with_shop().await;
    let secret = "await tools.shop.items.get({ id: 1, password: 'hush' })";
    let threw = engine.run(secret).await;
    let replay = engine.workspace.replay(threw.summary.id).await.unwrap();
    assert!(replay.diverged.is_none() && !format!("{replay:?}").contains("hush"), "{replay:?}");
    assert!(matches!(replay.steps.last().unwrap().end, Some(ReplayEnd::Threw { .. })));

    let held = engine.run("await tools.shop.items.get({ id: 1 }); await new Promise(() => {})").await;
    assert_eq!(held.error.unwrap().failure.code, ErrorCode::Deadlock);
    let replay = engine.workspace.replay(held.summary.id).await.unwrap();
    assert_eq!((replay.steps.len(), &replay.steps[1].end), (2, &Some(ReplayEnd::Deadlock)));
    assert!(replay.diverged.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_something_else_is_told_with_both_sides() {
    let engine = TestEngine::new().await;
    let done = engine.run("return 1").await;
    let mut task = engine.store.task(done.summary.workspace, done.summary.id).await.unwrap().new;
    let now = task.created_at;
    task.id = executor_core::TaskId::new(&executor_core::id::RandomIds::default(), now);
    task.code = "return await tools.shop.items.get({ id: 1 })".to_owned();
    let created = TaskCreated { seed: task.seed, started_at: now, code: Digest::of(task.code.as_bytes()) };
    let issued = CallIssued {
        call: 1,
        path: "shop.items.create".to_owned(),
        arguments: Json::from(&json!({ "name": "lamp" })),
        options: Json::null(),
        digest: Digest::of(b"another"),
        line: None,
    };
    let journal = [Event::TaskCreated(created), Event::CallIssued(issued)];
    let journal = (1..).zip(journal).map(|(seq, event)| Entry { seq, at: now, event }).collect();
    let note = executor_core::AuditEntry::new(
        &executor_core::id::RandomIds::default(),
        now,
        task.authority.organization,
        executor_core::Actor::System,
        executor_core::AuditAction::TaskSubmitted,
    );
    let id = task.id;
    engine.store.accept_task(task, journal, note).await.unwrap();
    let replay = engine.workspace.replay(id).await.unwrap();
    let diverged = replay.diverged.unwrap();
    assert_eq!(diverged.code, ErrorCode::ReplayDiverged);
    assert!(diverged.difference.recorded.contains("shop.items.create"), "{diverged:?}");
    assert!(diverged.difference.now.contains("shop.items.get"), "{diverged:?}");
    assert_eq!(done.summary.status, TaskStatus::Completed);
}
