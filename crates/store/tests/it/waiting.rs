//! Tasks that are rows only: how they come to wait, and what ends it.

use std::time::Duration;

use executor_core::task::TaskStatus;
use executor_store::{Durability, Error};

use crate::stage::{NOW, Stage, created, write};
use crate::story::stories;

stories![
    signals_are_left_in_order_and_seen_once,
    a_task_with_an_unseen_signal_does_not_wait,
    a_signal_queues_a_waiting_task,
    a_waiting_task_holds_no_lease,
    waiting_in_good_order_is_no_lost_attempt,
    a_waiting_task_wakes_when_it_is_due,
    a_waiting_task_wakes_at_the_end_of_its_life,
    a_task_that_is_about_to_wait_misses_no_signal,
    other_processes_hear_of_a_signal,
];

async fn signals_are_left_in_order_and_seen_once(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let (task, epoch) = stage.running().await;
    let kinds = ["first", "second", "third"];
    for kind in kinds {
        stage.store.signal_task(stage.signal(workspace, task, kind), stage.note()).await.unwrap();
    }
    let left = stage.store.signals(workspace, task).await.unwrap();
    assert_eq!(left.iter().map(|signal| signal.kind.as_str()).collect::<Vec<_>>(), kinds);
    assert_eq!(stage.store.signalled_tasks().await, Ok(vec![task]));
    let mut seen = write(stage.tenant, task, epoch, vec![created(2)]);
    seen.seen_signals = left[..2].iter().map(|signal| signal.id.clone()).collect();
    stage.store.write_task(seen, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.signals(workspace, task).await.unwrap(), left[2..]);
}

async fn a_task_with_an_unseen_signal_does_not_wait(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let (task, epoch) = stage.running().await;
    stage.store.signal_task(stage.signal(workspace, task, "decided"), stage.note()).await.unwrap();
    let mut waits = write(stage.tenant, task, epoch, vec![created(2)]);
    waits.progress.waits = Some(None);
    assert_eq!(stage.store.write_task(waits.clone(), Durability::Synced).await, Err(Error::Signalled));
    assert_eq!(stage.store.journal(workspace, task, 0, 10).await.unwrap().len(), 1, "nothing is written");
    assert_eq!(stage.store.task(workspace, task).await.unwrap().status, TaskStatus::Running);
    waits.seen_signals =
        stage.store.signals(workspace, task).await.unwrap().into_iter().map(|signal| signal.id).collect();
    stage.store.write_task(waits, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.task(workspace, task).await.unwrap().status, TaskStatus::Waiting);
}

async fn a_signal_queues_a_waiting_task(stage: Stage) {
    let (task, _) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    assert_eq!(stage.store.claim_task(NOW, NOW).await, Ok(None));
    stage.store.signal_task(stage.signal(workspace, task, "decided"), stage.note()).await.unwrap();
    stage.store.signal_task(stage.signal(workspace, task, "decided"), stage.note()).await.unwrap();
    assert_eq!(stage.store.claim_task(NOW, NOW).await.unwrap().unwrap().new.id, task);
    assert_eq!(stage.store.claim_task(NOW, NOW).await, Ok(None), "two signals are one resume");
}

async fn a_waiting_task_holds_no_lease(stage: Stage) {
    let (task, _) = stage.waiting_for_approval().await;
    let late = write(stage.tenant, task, 1, vec![created(3)]);
    assert_eq!(stage.store.write_task(late, Durability::Synced).await, Err(Error::LeaseLost));
    let restarted = stage.another_start().await;
    assert_eq!(restarted.take_over(NOW.plus_millis(60_000)).await, Ok(0), "there is nothing to take over");
}

async fn waiting_in_good_order_is_no_lost_attempt(stage: Stage) {
    let (task, _) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    for attempt in 2..6 {
        stage.store.signal_task(stage.signal(workspace, task, "decided"), stage.note()).await.unwrap();
        let taken = stage.store.claim_task(NOW.plus_millis(30_000), NOW).await.unwrap().unwrap();
        assert_eq!((taken.attempts, taken.attempts_without_progress), (attempt, 1));
        let signals = stage.store.signals(workspace, task).await.unwrap();
        let mut waits = write(stage.tenant, task, taken.lease_epoch, vec![created(u64::from(attempt) + 1)]);
        waits.seen_signals = signals.into_iter().map(|signal| signal.id).collect();
        waits.progress.waits = Some(None);
        stage.store.write_task(waits, Durability::Synced).await.unwrap();
    }
}

async fn a_waiting_task_wakes_when_it_is_due(stage: Stage) {
    let (task, epoch) = stage.running().await;
    let mut waits = write(stage.tenant, task, epoch, vec![created(2)]);
    waits.progress.waits = Some(Some(NOW.plus_millis(500)));
    stage.store.write_task(waits, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.wake_due(NOW.plus_millis(499)).await, Ok(0));
    assert_eq!(stage.store.wake_due(NOW.plus_millis(500)).await, Ok(1));
    assert_eq!(stage.store.claim_task(NOW, NOW).await.unwrap().unwrap().new.id, task);
}

async fn a_waiting_task_wakes_at_the_end_of_its_life(stage: Stage) {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let (task, epoch) = stage.running().await;
    let mut waits = write(stage.tenant, task, epoch, vec![created(2)]);
    waits.progress.waits = Some(Some(NOW.plus_millis(400 * DAY)));
    stage.store.write_task(waits, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.wake_due(NOW.plus_millis(30 * DAY - 1)).await, Ok(0));
    assert_eq!(stage.store.wake_due(NOW.plus_millis(30 * DAY)).await, Ok(1));
    let woken = stage.store.claim_task(NOW, NOW).await.unwrap().unwrap();
    assert_eq!((woken.new.id, woken.expires_at), (task, Some(NOW.plus_millis(30 * DAY))));
}

/// The race that would make a task sleep for ever: it settles down while somebody signals it.
async fn a_task_that_is_about_to_wait_misses_no_signal(stage: Stage) {
    let workspace = stage.tenant.workspace;
    for _ in 0..25 {
        let (task, epoch) = stage.running().await;
        let mut waits = write(stage.tenant, task, epoch, vec![created(2)]);
        waits.progress.waits = Some(None);
        let (waiter, signaller) = (stage.store.clone(), stage.store.clone());
        let (signal, audit) = (stage.signal(workspace, task, "decided"), stage.note());
        let waited = tokio::spawn(async move { waiter.write_task(waits, Durability::Synced).await });
        let signalled = tokio::spawn(async move { signaller.signal_task(signal, audit).await });
        signalled.await.unwrap().unwrap();
        let status = match waited.await.unwrap() {
            Ok(()) => TaskStatus::Queued,
            Err(Error::Signalled) => TaskStatus::Running,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(stage.store.task(workspace, task).await.unwrap().status, status);
        if status == TaskStatus::Queued {
            stage.store.claim_task(NOW.plus_millis(30_000), NOW).await.unwrap().unwrap();
        }
    }
}

async fn other_processes_hear_of_a_signal(stage: Stage) {
    if stage.is_sqlite() {
        // There is no other process.
        return;
    }
    let (task, _) = stage.waiting_for_approval().await;
    let another = stage.another_start().await;
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let listening = tokio::spawn(async move { another.listen(move || sender.send(()).unwrap_or(())).await });
    // Nobody says when it listens, so it is told until it hears.
    let told = async {
        loop {
            let signal = stage.signal(stage.tenant.workspace, task, "cancel");
            stage.store.signal_task(signal, stage.note()).await.unwrap();
            if tokio::time::timeout(Duration::from_millis(100), heard.recv()).await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.unwrap();
    listening.abort();
}
