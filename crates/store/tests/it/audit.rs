//! The audit log: written with its effects, sealed in order, and tampering is found.

use std::sync::Arc;

use executor_core::audit::verify::{AuditProblem, AuditVerification, HeadProof};
use executor_core::{AuditAction, AuditEntry, Digest, KeyId, Role, Timestamp};
use executor_store::{AuditFilter, Durability, Error, HeadTags, Key, Sealed, Store};
use futures::StreamExt;
use futures::future::join_all;
use serde_json::json;

use crate::stage::{NOW, Stage, completed, created, new, write};
use crate::story::stories;

stories![
    an_effect_and_its_entry_are_there_together_or_not_at_all,
    a_task_with_its_entry_still_costs_one_sync,
    sealing_costs_no_sync_and_numbers_without_a_gap,
    what_is_sealed_is_intact_until_somebody_touches_it,
    every_flipped_bit_is_found,
    a_removed_row_and_a_shortened_chain_are_found,
    a_tail_that_is_written_again_is_found,
    nothing_is_put_behind_a_forged_head,
    sealers_of_several_processes_make_one_chain,
    what_is_sealed_by_another_key_is_not_told_intact,
    entries_are_listed_newest_first_and_by_filter,
    organizations_do_not_see_each_other,
    retention_removes_details_and_the_chain_still_holds,
    retention_never_touches_an_unfinished_task,
];

/// Tags as somebody with a key makes them.
struct Tags(&'static str);

impl HeadTags for Tags {
    fn tag(&self, head: &str) -> Result<String, String> {
        Ok(Digest::of(format!("{} {head}", self.0).as_bytes()).to_string())
    }

    fn check(&self, head: &str, tag: &str) -> HeadProof {
        if self.tag(head).unwrap() == tag { HeadProof::Authentic } else { HeadProof::Forged }
    }
}

fn tags() -> Arc<Tags> {
    Arc::new(Tags("key"))
}

async fn seal_all(stage: &Stage, store: &Store) -> u64 {
    let mut total = 0;
    loop {
        match store.seal(stage.tenant.organization, tags(), NOW.plus_millis(5)).await.unwrap() {
            Sealed::All(sealed) => return total + sealed,
            Sealed::Some(sealed) => total += sealed,
            other => panic!("{other:?}"),
        }
    }
}

async fn verify(stage: &Stage) -> AuditVerification {
    stage.store.verify_audit(stage.tenant.organization, &Tags("key")).await.unwrap()
}

fn problems(found: &AuditVerification) -> Vec<(u64, AuditProblem)> {
    found.findings.iter().map(|finding| (finding.number, finding.problem)).collect()
}

fn key(stage: &Stage, secret: &str) -> Key {
    Key {
        id: new!(stage, KeyId),
        organization: stage.tenant.organization,
        workspace: None,
        account: stage.tenant.account,
        name: "a key".to_owned(),
        scopes: vec![],
        secret_hash: Digest::of(secret.as_bytes()),
        prefix: "exk_".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
    }
}

/// Writes so many keys, each with its entry.
async fn write_keys(stage: &Stage, count: usize) {
    let writes = (0..count).map(|_| {
        let key = key(stage, &new!(stage, KeyId).to_string());
        let audit = AuditEntry { action: AuditAction::KeyCreated, ..stage.note() };
        let audit = audit.on(key.id).with(&json!({ "name": key.name }));
        stage.store.add_key(key, audit)
    });
    futures::stream::iter(writes).buffer_unordered(16).for_each(async |added| added.unwrap()).await;
}

async fn listed(stage: &Stage, filter: AuditFilter) -> Vec<String> {
    let rows = stage.store.audit(stage.tenant.organization, filter, 1_000).await.unwrap();
    rows.into_iter().map(|row| row.action).collect()
}

async fn an_effect_and_its_entry_are_there_together_or_not_at_all(stage: Stage) {
    let before = listed(&stage, AuditFilter::default()).await.len();
    stage.store.add_key(key(&stage, "taken"), stage.note()).await.unwrap();
    assert_eq!(listed(&stage, AuditFilter::default()).await.len(), before + 1);
    let again = stage.store.add_key(key(&stage, "taken"), stage.note()).await;
    assert_eq!(again, Err(Error::NameTaken));
    let organization = stage.tenant.organization;
    let demoted = stage.store.set_role(organization, stage.tenant.account, Role::Member, stage.note()).await;
    assert_eq!(demoted, Err(Error::LastOwner));
    let revoked = stage.store.revoke_key(organization, new!(stage, KeyId), NOW, stage.note()).await;
    assert_eq!(revoked, Ok(()), "and nothing to tell of");
    assert_eq!(listed(&stage, AuditFilter::default()).await.len(), before + 1);
    // An entry that cannot be written keeps its effect from being written.
    let (twice, other) = (stage.note(), key(&stage, "other"));
    stage.store.add_key(key(&stage, "first"), twice.clone()).await.unwrap();
    assert!(stage.store.add_key(other.clone(), twice).await.is_err());
    assert!(stage.store.key(organization, other.id).await.is_err());
}

async fn a_task_with_its_entry_still_costs_one_sync(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let before = stage.store.syncs();
    let mut write = write(stage.tenant, task.id, 1, vec![created(1)]);
    write.accept = Some(task);
    write.progress.end = Some((completed("2"), NOW));
    write.audit = vec![stage.note(), stage.note(), stage.note()];
    stage.store.write_task(write, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.syncs() - before, 1);
    assert!(listed(&stage, AuditFilter::default()).await.len() >= 3);
}

async fn sealing_costs_no_sync_and_numbers_without_a_gap(stage: Stage) {
    write_keys(&stage, 600).await;
    let (before, count) = (stage.store.syncs(), listed(&stage, AuditFilter::default()).await.len() as u64);
    assert_eq!(stage.store.unsealed().await.unwrap(), [stage.tenant.organization]);
    assert_eq!(seal_all(&stage, &stage.store).await, count);
    assert_eq!(stage.store.syncs(), before);
    assert_eq!(stage.store.unsealed().await.unwrap(), []);
    let mut numbers = Vec::new();
    loop {
        let page = stage.store.sealed_audit(stage.tenant.organization, numbers.len() as u64).await.unwrap();
        if page.is_empty() {
            break;
        }
        numbers.extend(page.into_iter().map(|row| row.number.unwrap()));
    }
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
}

async fn what_is_sealed_is_intact_until_somebody_touches_it(stage: Stage) {
    write_keys(&stage, 3).await;
    let found = verify(&stage).await;
    assert!(found.intact && found.entries == 0 && found.unsealed >= 3, "{found:?}");
    let sealed = seal_all(&stage, &stage.store).await;
    write_keys(&stage, 2).await;
    let found = verify(&stage).await;
    assert!(found.intact, "{found:?}");
    assert_eq!((found.entries, found.unsealed), (sealed, 2));
    assert_eq!(seal_all(&stage, &stage.another_start().await).await, 2);
    assert!(verify(&stage).await.intact);
}

async fn every_flipped_bit_is_found(stage: Stage) {
    write_keys(&stage, 5).await;
    seal_all(&stage, &stage.store).await;
    let whole = verify(&stage).await;
    assert!(whole.intact);
    let row = "WHERE number = 3";
    let changes = [
        ("workspace_id", "'wsp_x'"),
        ("at", "at + 1"),
        ("account_id", "'acc_x'"),
        ("key_id", "'key_x'"),
        ("client", "'another'"),
        ("action", "'key.revoked'"),
        ("target", "'key_x'"),
        ("payload", "REPLACE(payload, 'a key', 'b key')"),
        ("payload", "NULL"),
        ("payload_digest", "REPLACE(payload_digest, SUBSTR(payload_digest, 1, 1), 'f') || ''"),
        ("link", "'0' || SUBSTR(link, 2) || '0'"),
        ("id", "id || 'x'"),
    ];
    for (column, value) in changes {
        stage.tamper("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT * FROM audit;").await;
        stage.tamper(&format!("UPDATE audit SET {column} = {value} {row}")).await;
        let found = verify(&stage).await;
        assert!(!found.intact, "{column} = {value}");
        assert_eq!(found.findings[0].number, 3, "{column} = {value}: {found:?}");
        stage.tamper("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept;").await;
        assert_eq!(verify(&stage).await, whole);
    }
}

async fn a_removed_row_and_a_shortened_chain_are_found(stage: Stage) {
    write_keys(&stage, 6).await;
    let last = seal_all(&stage, &stage.store).await;
    stage.tamper("DELETE FROM audit WHERE number = 3").await;
    assert_eq!(problems(&verify(&stage).await), [(3, AuditProblem::EntryMissing)]);
    stage.tamper(&format!("DELETE FROM audit WHERE number = {last}")).await;
    let found = problems(&verify(&stage).await);
    assert_eq!(found, [(3, AuditProblem::EntryMissing), (last - 1, AuditProblem::TailAltered)]);
    stage.tamper("DELETE FROM audit_heads").await;
    assert!(problems(&verify(&stage).await).contains(&(last - 1, AuditProblem::HeadMissing)));
    stage.tamper("DELETE FROM audit").await;
    assert_eq!(verify(&stage).await.entries, 0);
}

async fn a_tail_that_is_written_again_is_found(stage: Stage) {
    write_keys(&stage, 4).await;
    let last = seal_all(&stage, &stage.store).await;
    // Somebody with the database, but not the key, alters an entry and has all links computed again.
    stage
        .tamper(
            "UPDATE audit SET number = NULL, link = NULL; DELETE FROM audit_heads;
             UPDATE audit SET target = 'key_other' WHERE action = 'key.created';",
        )
        .await;
    let forger = stage.another_start().await;
    let sealed = forger.seal(stage.tenant.organization, Arc::new(Tags("a guess")), NOW).await.unwrap();
    assert_eq!(sealed, Sealed::All(last));
    assert_eq!(problems(&verify(&stage).await), [(last, AuditProblem::HeadForged)]);
}

async fn nothing_is_put_behind_a_forged_head(stage: Stage) {
    write_keys(&stage, 2).await;
    seal_all(&stage, &stage.store).await;
    stage.tamper("UPDATE audit_heads SET number = number - 1").await;
    write_keys(&stage, 1).await;
    let sealed = stage.store.seal(stage.tenant.organization, tags(), NOW).await.unwrap();
    assert_eq!(sealed, Sealed::Refused(HeadProof::Forged));
    let found = verify(&stage).await;
    assert!(!found.intact);
    assert_eq!(found.unsealed, 1);
}

async fn sealers_of_several_processes_make_one_chain(stage: Stage) {
    let mut stores = vec![stage.store.clone()];
    if !stage.is_sqlite() {
        stores.extend([stage.another_start().await, stage.another_start().await]);
    }
    let organization = stage.tenant.organization;
    let sealers = stores.into_iter().map(|store| {
        tokio::spawn(async move {
            let mut sealed = 0;
            for _ in 0..60 {
                match store.seal(organization, tags(), NOW).await.unwrap() {
                    Sealed::All(more) | Sealed::Some(more) => sealed += more,
                    Sealed::Elsewhere => {}
                    Sealed::Refused(proof) => panic!("{proof:?}"),
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            sealed
        })
    });
    let sealers: Vec<_> = sealers.collect();
    for _ in 0..20 {
        write_keys(&stage, 20).await;
    }
    let sealed: u64 = join_all(sealers).await.into_iter().map(Result::unwrap).sum();
    let rest = seal_all(&stage, &stage.store).await;
    let found = verify(&stage).await;
    assert!(found.intact, "{found:?}");
    assert_eq!(found.entries, sealed + rest);
    assert!(found.entries >= 400);
}

async fn what_is_sealed_by_another_key_is_not_told_intact(stage: Stage) {
    write_keys(&stage, 1).await;
    seal_all(&stage, &stage.store).await;
    let found = stage.store.verify_audit(stage.tenant.organization, &Tags("another key")).await.unwrap();
    assert_eq!(problems(&found)[0].1, AuditProblem::HeadForged);
}

async fn entries_are_listed_newest_first_and_by_filter(stage: Stage) {
    write_keys(&stage, 3).await;
    let workspace = stage.tenant.workspace;
    let later = AuditEntry { action: AuditAction::RuleAdded, at: NOW.plus_millis(9), ..stage.note() };
    stage.store.add_key(key(&stage, "x"), later.within(workspace)).await.unwrap();
    let all = listed(&stage, AuditFilter::default()).await;
    assert_eq!(all[..2], ["rule.added", "key.created"]);
    let by = |filter| listed(&stage, filter);
    let action = Some("key.created".to_owned());
    assert_eq!(by(AuditFilter { action, ..AuditFilter::default() }).await, ["key.created"; 3]);
    let since = Some(NOW.plus_millis(1));
    assert_eq!(by(AuditFilter { since, ..AuditFilter::default() }).await, ["rule.added"]);
    let filter = AuditFilter { workspace: Some(workspace), ..AuditFilter::default() };
    assert_eq!(by(filter).await, ["rule.added"]);
    let account = Some(stage.tenant.account.to_string());
    assert!(by(AuditFilter { account, ..AuditFilter::default() }).await.is_empty());
    let system = AuditFilter { account: Some(String::new()), ..AuditFilter::default() };
    assert_eq!(by(system).await, all);
    let first = stage.store.audit(stage.tenant.organization, AuditFilter::default(), 2).await.unwrap();
    let before = Some(first[1].id.parse().unwrap());
    assert_eq!(by(AuditFilter { before, ..AuditFilter::default() }).await, all[2..]);
}

async fn organizations_do_not_see_each_other(stage: Stage) {
    let other = stage.another_tenant().await;
    write_keys(&stage, 2).await;
    seal_all(&stage, &stage.store).await;
    let rows = stage.store.audit(other.organization, AuditFilter::default(), 100).await.unwrap();
    assert_eq!(rows.len(), 1, "the other's own member");
    assert!(rows.iter().all(|row| row.organization == other.organization.to_string()));
    assert!(stage.store.sealed_audit(other.organization, 0).await.unwrap().is_empty());
    assert_eq!(stage.store.audit_head(other.organization).await.unwrap(), None);
    // A chain that is moved to another organization does not verify there.
    stage.tamper(&format!("DELETE FROM audit WHERE organization_id = '{}'", other.organization)).await;
    for table in ["audit", "audit_heads"] {
        stage.tamper(&format!("UPDATE {table} SET organization_id = '{}'", other.organization)).await;
    }
    let moved = stage.store.verify_audit(other.organization, &Tags("key")).await.unwrap();
    assert!(!moved.intact, "{moved:?}");
}

async fn retention_removes_details_and_the_chain_still_holds(stage: Stage) {
    let organization = stage.tenant.organization;
    write_keys(&stage, 700).await;
    seal_all(&stage, &stage.store).await;
    write_keys(&stage, 1).await;
    let until = NOW.plus_millis(1);
    let old = stage.store.audit_payloads(organization, until).await.unwrap();
    assert!(old >= 700, "{old}");
    let note = AuditEntry { action: AuditAction::PayloadsRemoved, at: until, ..stage.note() };
    let note = note.with(&json!({ "until": until, "entries": old }));
    stage.store.tell_audit(note).await.unwrap();
    let mut removed = 0;
    loop {
        match stage.store.remove_audit_payloads(organization, until).await.unwrap() {
            0 => break,
            some => removed += some,
        }
    }
    assert_eq!(removed, old);
    seal_all(&stage, &stage.store).await;
    let found = verify(&stage).await;
    assert!(found.intact, "{found:?}");
    assert_eq!(found.payloads_removed, old);
    // What retention did not say that it removed is missed.
    stage.tamper("UPDATE audit SET payload = NULL WHERE action = 'audit.payloads_removed'").await;
    assert!(problems(&verify(&stage).await).iter().all(|found| found.1 == AuditProblem::PayloadMissing));
    assert!(!verify(&stage).await.intact);
}

async fn retention_never_touches_an_unfinished_task(stage: Stage) {
    let (store, workspace) = (&stage.store, stage.tenant.workspace);
    let queued = stage.queued(stage.tenant).await;
    let mut ended = Vec::new();
    for at in [1, 2, 50] {
        let task = stage.new_task(stage.tenant);
        let mut write = write(stage.tenant, task.id, 1, vec![created(1), created(2)]);
        ended.push(task.id);
        write.accept = Some(task);
        write.progress.journal_bytes = 100;
        write.progress.end = Some((completed("2"), Timestamp::from_millis(at)));
        store.write_task(write, Durability::Synced).await.unwrap();
    }
    stage.tamper("UPDATE tasks SET ended_at = 1, journal_bytes = 5 WHERE status = 'queued'").await;
    let until = Timestamp::from_millis(10);
    assert_eq!(store.tasks_with_old_journals(workspace, until, None).await.unwrap(), ended[..2]);
    assert_eq!(store.tasks_with_old_journals(workspace, until, Some(ended[0])).await.unwrap(), [ended[1]]);
    assert!(store.remove_journals(workspace, vec![ended[0], queued], stage.note()).await.is_err());
    assert_eq!(store.journal(workspace, ended[0], 0, 10).await.unwrap().len(), 2, "all or nothing");
    let other = stage.another_workspace("other").await.workspace;
    assert!(store.remove_journals(other, vec![ended[0]], stage.note()).await.is_err());
    assert_eq!(store.remove_journals(workspace, ended[..2].to_vec(), stage.note()).await, Ok(2));
    assert!(store.journal(workspace, ended[0], 0, 10).await.unwrap().is_empty());
    assert_eq!(store.journal(workspace, ended[2], 0, 10).await.unwrap().len(), 2);
    assert_eq!(store.journal(workspace, queued, 0, 10).await.unwrap().len(), 1);
    assert_eq!(store.tasks_with_old_journals(workspace, until, None).await.unwrap(), []);
    assert_eq!(store.task(workspace, ended[0]).await.unwrap().end, Some(completed("2")));
}
