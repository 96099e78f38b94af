//! Who runs a task: claims, fences and taking over.

use std::collections::BTreeSet;

use executor_core::task::TaskStatus;
use executor_store::{Durability, Error};
use futures::future::join_all;

use crate::stage::{NOW, Stage, completed, created, write};
use crate::story::stories;

stories![
    nothing_queued_is_nothing_to_claim,
    the_workspace_with_the_fewest_running_goes_first,
    a_first_task_is_of_a_workspace_that_has_none_running,
    within_a_workspace_the_oldest_goes_first,
    eight_claimers_never_get_a_task_twice,
    who_lost_the_lease_writes_nothing,
    a_live_process_keeps_its_leases,
    a_renewed_lease_is_not_taken_over,
    each_claim_counts_as_an_attempt_until_something_is_learnt,
    what_was_learnt_may_be_written_with_the_wait_that_follows,
    an_ended_task_takes_no_more_writes,
    a_lease_does_not_reach_another_workspace,
];

const LEASE: i64 = 30_000;

async fn nothing_queued_is_nothing_to_claim(stage: Stage) {
    assert_eq!(stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await, Ok(None));
}

async fn the_workspace_with_the_fewest_running_goes_first(stage: Stage) {
    let other = stage.another_workspace("other").await;
    let busy = [
        stage.queued(stage.tenant).await,
        stage.queued(stage.tenant).await,
        stage.queued(stage.tenant).await,
    ];
    let quiet = [stage.queued(other).await, stage.queued(other).await];
    let mut order = Vec::new();
    for _ in 0..5 {
        order.push(stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap().new.id);
    }
    assert_eq!(order, [busy[0], quiet[0], busy[1], quiet[1], busy[2]]);
}

async fn a_first_task_is_of_a_workspace_that_has_none_running(stage: Stage) {
    let other = stage.another_workspace("other").await;
    let (busy, quiet) = (stage.queued(stage.tenant).await, stage.queued(other).await);
    stage.queued(stage.tenant).await;
    let until = NOW.plus_millis(LEASE);
    let mut first = Vec::new();
    while let Some(task) = stage.store.claim_first_task(until, NOW).await.unwrap() {
        first.push(task.new.id);
    }
    assert_eq!(first, [busy, quiet]);
    assert!(stage.store.claim_task(until, NOW).await.unwrap().is_some());
}

async fn within_a_workspace_the_oldest_goes_first(stage: Stage) {
    let mut tasks = Vec::new();
    for _ in 0..5 {
        tasks.push(stage.queued(stage.tenant).await);
    }
    for task in tasks {
        let claimed = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
        assert_eq!(claimed.new.id, task);
        assert_eq!((claimed.status, claimed.started_at), (TaskStatus::Running, Some(NOW)));
    }
}

async fn eight_claimers_never_get_a_task_twice(stage: Stage) {
    let other = stage.another_workspace("other").await;
    let mut tasks = BTreeSet::new();
    for n in 0..48 {
        tasks.insert(stage.queued(if n % 4 == 0 { other } else { stage.tenant }).await);
    }
    let claimers = (0..8).map(|_| {
        let store = stage.store.clone();
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            while let Some(task) = store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap() {
                claimed.push(task.new.id);
            }
            claimed
        })
    });
    let claimed: Vec<_> = join_all(claimers).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(claimed.len(), 48);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), tasks);
}

async fn who_lost_the_lease_writes_nothing(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let first = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    let later = NOW.plus_millis(LEASE + 1);
    let heir = stage.another_start().await;
    assert_eq!(heir.take_over(later).await, Ok(1));

    let by_the_old = || write(stage.tenant, task, first.lease_epoch, vec![created(2)]);
    assert_eq!(stage.store.write_task(by_the_old(), Durability::Synced).await, Err(Error::LeaseLost));
    let second = heir.claim_task(later.plus_millis(LEASE), later).await.unwrap().unwrap();
    assert!(second.lease_epoch > first.lease_epoch);
    assert_eq!(second.attempts, 2);
    assert_eq!(stage.store.write_task(by_the_old(), Durability::Synced).await, Err(Error::LeaseLost));

    let by_the_new = write(stage.tenant, task, second.lease_epoch, vec![created(2)]);
    assert_eq!(heir.write_task(by_the_new, Durability::Synced).await, Ok(()));
    assert_eq!(heir.journal(stage.tenant.workspace, task, 0, 10).await.unwrap(), [created(1), created(2)]);
}

async fn a_live_process_keeps_its_leases(stage: Stage) {
    stage.queued(stage.tenant).await;
    let claimed = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    assert_eq!(stage.store.take_over(NOW.plus_millis(LEASE - 1)).await, Ok(0));
    let write = write(stage.tenant, claimed.new.id, claimed.lease_epoch, vec![created(2)]);
    assert_eq!(stage.store.write_task(write, Durability::Synced).await, Ok(()));
}

async fn a_renewed_lease_is_not_taken_over(stage: Stage) {
    stage.queued(stage.tenant).await;
    stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    stage.store.renew_leases(NOW.plus_millis(3 * LEASE)).await.unwrap();
    assert_eq!(stage.store.take_over(NOW.plus_millis(2 * LEASE)).await, Ok(0));
    // On SQLite the lease of a process lasts as long as it does.
    let late = stage.store.take_over(NOW.plus_millis(4 * LEASE)).await;
    assert_eq!(late, Ok(if stage.is_sqlite() { 0 } else { 1 }));
}

async fn each_claim_counts_as_an_attempt_until_something_is_learnt(stage: Stage) {
    stage.queued(stage.tenant).await;
    let mut store = stage.store.clone();
    let mut now = NOW;
    for attempt in 1..=3 {
        let task = store.claim_task(now.plus_millis(LEASE), now).await.unwrap().unwrap();
        assert_eq!((task.attempts, task.attempts_without_progress), (attempt, attempt));
        now = now.plus_millis(2 * LEASE);
        store = stage.another_start().await;
        assert_eq!(store.take_over(now).await, Ok(1));
    }
    let task = store.claim_task(now.plus_millis(LEASE), now).await.unwrap().unwrap();
    let mut learnt = write(stage.tenant, task.new.id, task.lease_epoch, vec![created(2)]);
    learnt.progress.has_progressed = true;
    store.write_task(learnt, Durability::Buffered).await.unwrap();
    let task = store.task(stage.tenant.workspace, task.new.id).await.unwrap();
    assert_eq!((task.attempts, task.attempts_without_progress), (4, 0));
}

async fn what_was_learnt_may_be_written_with_the_wait_that_follows(stage: Stage) {
    stage.queued(stage.tenant).await;
    let task = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    let mut both = write(stage.tenant, task.new.id, task.lease_epoch, vec![created(2)]);
    (both.progress.has_progressed, both.progress.waits) = (true, Some(None));
    stage.store.write_task(both, Durability::Synced).await.unwrap();
    let task = stage.store.task(stage.tenant.workspace, task.new.id).await.unwrap();
    assert_eq!((task.status, task.attempts_without_progress), (TaskStatus::Waiting, 0));
}

async fn an_ended_task_takes_no_more_writes(stage: Stage) {
    stage.queued(stage.tenant).await;
    let task = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    let mut last = write(stage.tenant, task.new.id, task.lease_epoch, vec![created(2)]);
    last.progress.end = Some((completed("null"), NOW));
    stage.store.write_task(last, Durability::Synced).await.unwrap();
    let more = write(stage.tenant, task.new.id, task.lease_epoch, vec![created(3)]);
    assert_eq!(stage.store.write_task(more, Durability::Synced).await, Err(Error::LeaseLost));
    assert_eq!(stage.another_start().await.take_over(NOW.plus_millis(9 * LEASE)).await, Ok(0));
    assert_eq!(stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await, Ok(None));
}

async fn a_lease_does_not_reach_another_workspace(stage: Stage) {
    let other = stage.another_tenant().await;
    stage.queued(stage.tenant).await;
    let task = stage.store.claim_task(NOW.plus_millis(LEASE), NOW).await.unwrap().unwrap();
    let write = write(other, task.new.id, task.lease_epoch, vec![created(2)]);
    assert_eq!(stage.store.write_task(write, Durability::Synced).await, Err(Error::LeaseLost));
}
