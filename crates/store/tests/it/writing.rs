//! Commits: what they cost, what they cover, and who shares them.

use executor_core::{Digest, KeyId, Scope};
use executor_store::{Durability, Error, Key};
use futures::future::join_all;

use crate::stage::{NOW, Stage, completed, created, new, write};
use crate::story::stories;

stories![
    a_trivial_task_costs_one_sync,
    a_buffered_write_costs_none_until_something_is_synced,
    a_synced_write_that_changes_nothing_covers_what_was_buffered,
    concurrent_writes_share_commits,
    one_failing_write_fails_alone,
    a_failed_write_leaves_nothing,
    a_write_whose_caller_goes_away_is_whole,
];

/// A key whose secret is `secret`.
fn key(stage: &Stage, secret: &str) -> Key {
    Key {
        id: new!(stage, KeyId),
        organization: stage.tenant.organization,
        workspace: None,
        account: stage.tenant.account,
        name: secret.to_owned(),
        scopes: vec![Scope::Read, Scope::Run],
        secret_hash: Digest::of(secret.as_bytes()),
        prefix: "exk_".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
    }
}

async fn a_trivial_task_costs_one_sync(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let before = stage.store.syncs();
    let mut write = write(stage.tenant, task.id, 1, vec![created(1)]);
    write.accept = Some(task.clone());
    write.progress.end = Some((completed("2"), NOW));
    stage.store.write_task(write, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.syncs() - before, 1);
    let found = stage.store.task(stage.tenant.workspace, task.id).await.unwrap();
    assert_eq!(found.end, Some(completed("2")));
    assert_eq!(found.new, task);
    assert_eq!((found.attempts, found.lease_epoch), (1, 1));
}

async fn a_buffered_write_costs_none_until_something_is_synced(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let before = stage.store.syncs();
    let mut first = write(stage.tenant, task.id, 1, vec![created(1)]);
    first.accept = Some(task.clone());
    stage.store.write_task(first, Durability::Buffered).await.unwrap();
    let second = write(stage.tenant, task.id, 1, vec![created(2), created(3)]);
    stage.store.write_task(second, Durability::Buffered).await.unwrap();
    assert_eq!(stage.store.syncs(), before);
    assert_eq!(
        stage.store.journal(stage.tenant.workspace, task.id, 0, 10).await.unwrap().len(),
        3,
        "buffered is visible"
    );
    stage.store.sync().await.unwrap();
    assert_eq!(stage.store.syncs(), before + 1);
    stage.store.sync().await.unwrap();
    assert_eq!(stage.store.syncs(), before + 1, "there was nothing left to sync");
}

async fn a_synced_write_that_changes_nothing_covers_what_was_buffered(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let mut first = write(stage.tenant, task.id, 1, vec![created(1)]);
    first.accept = Some(task);
    stage.store.write_task(first, Durability::Buffered).await.unwrap();
    // No such key: the transaction has nothing to commit, and a commit of nothing waits for no disk.
    let before = stage.store.syncs();
    stage.store.revoke_key(stage.tenant.organization, new!(stage, KeyId), NOW, stage.note()).await.unwrap();
    assert_eq!(stage.store.syncs(), before + 1, "the buffered write had to become durable");
    stage.store.revoke_key(stage.tenant.organization, new!(stage, KeyId), NOW, stage.note()).await.unwrap();
    assert_eq!(stage.store.syncs(), before + 1, "now there was nothing to wait for");
    stage.store.sync().await.unwrap();
    assert_eq!(stage.store.syncs(), before + 1);
}

async fn concurrent_writes_share_commits(stage: Stage) {
    let before = stage.store.syncs();
    let writes = (0..200).map(|n| stage.store.add_key(key(&stage, &format!("secret {n}")), stage.note()));
    join_all(writes).await.into_iter().for_each(|added| added.unwrap());
    assert_eq!(stage.store.keys(stage.tenant.organization).await.unwrap().len(), 200);
    let commits = stage.store.syncs() - before;
    // PostgreSQL groups the commits of several connections itself, out of our sight.
    assert!(commits <= if stage.is_sqlite() { 20 } else { 200 }, "{commits} commits for 200 writes");
}

async fn one_failing_write_fails_alone(stage: Stage) {
    stage.store.add_key(key(&stage, "taken"), stage.note()).await.unwrap();
    let writes = (0..60).map(|n| {
        let secret = if n % 3 == 0 { "taken".to_owned() } else { format!("secret {n}") };
        stage.store.add_key(key(&stage, &secret), stage.note())
    });
    let outcomes = join_all(writes).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match n % 3 {
            0 => assert_eq!(*outcome, Err(Error::NameTaken), "write {n}"),
            _ => assert_eq!(*outcome, Ok(()), "write {n}"),
        }
    }
    assert_eq!(stage.store.keys(stage.tenant.organization).await.unwrap().len(), 41);
}

async fn a_failed_write_leaves_nothing(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let claimed = stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap().unwrap();
    assert_eq!(claimed.new.id, task);
    // The second entry is there already, so that the first must not stay.
    let entries = vec![created(2), created(1)];
    let outcomes = join_all([
        stage.store.write_task(write(stage.tenant, task, claimed.lease_epoch, entries), Durability::Buffered),
        stage.store.write_task(write(stage.tenant, task, 77, vec![created(2)]), Durability::Buffered),
    ])
    .await;
    assert!(outcomes[0].is_err());
    assert_eq!(outcomes[1], Err(Error::LeaseLost));
    assert_eq!(stage.store.journal(stage.tenant.workspace, task, 0, 10).await.unwrap(), [created(1)]);
    assert_eq!(stage.store.task(stage.tenant.workspace, task).await.unwrap().last_seq, 1);
}

async fn a_write_whose_caller_goes_away_is_whole(stage: Stage) {
    for n in 0..30 {
        let (store, task, audit) = (stage.store.clone(), stage.new_task(stage.tenant), stage.note());
        let id = task.id;
        let accepting = tokio::spawn(async move { store.accept_task(task, vec![created(1)], audit).await });
        tokio::time::sleep(std::time::Duration::from_micros(100 * n)).await;
        accepting.abort();
        let _ = accepting.await;
        // It may be written still, or later; but once the task is there, so is its event.
        if stage.store.task(stage.tenant.workspace, id).await.is_ok() {
            assert_eq!(stage.store.journal(stage.tenant.workspace, id, 0, 10).await.unwrap().len(), 1);
        }
    }
}
