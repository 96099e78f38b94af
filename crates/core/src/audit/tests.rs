//! A chain that is whole verifies, and nothing can be changed in it unnoticed.

use serde_json::json;

use super::chain::{AuditHead, AuditRow, BEFORE_FIRST};
use super::verify::{AuditProblem, AuditVerification, ChainEnd, HeadProof, Verifier};
use super::{Actor, AuditAction, AuditEntry};
use crate::clock::Timestamp;
use crate::id::{AccountId, KeyId, OrganizationId, RandomIds, TaskId, WorkspaceId};
use crate::json::Digest;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn organization() -> OrganizationId {
    OrganizationId::from(uuid::Uuid::from_u128(7))
}

/// A chain of `length` entries, a second apart, with its head.
fn chain(length: u64) -> (Vec<AuditRow>, AuditHead) {
    let ids = RandomIds::default();
    let actor = Actor::Account {
        account: AccountId::new(&ids, NOW),
        key: Some(KeyId::new(&ids, NOW)),
        client: Some("a \"client\"".to_owned()),
    };
    let mut rows = Vec::new();
    let mut head = AuditHead::empty(NOW);
    for number in 1..=length {
        let at = NOW.plus_millis(1_000 * i64::try_from(number).unwrap());
        let entry = AuditEntry::new(&ids, at, organization(), actor.clone(), AuditAction::TaskSubmitted)
            .within(WorkspaceId::new(&ids, NOW))
            .on(TaskId::new(&ids, NOW))
            .with(&json!({ "number": number }));
        rows.push(seal(AuditRow::from(&entry), &mut head));
    }
    (rows, head)
}

fn seal(mut row: AuditRow, head: &mut AuditHead) -> AuditRow {
    head.number += 1;
    head.link = row.link_after(&head.link, head.number);
    row.number = Some(head.number);
    row.link = Some(head.link.clone());
    row
}

fn verify(rows: &[AuditRow], head: &AuditHead) -> AuditVerification {
    let mut verifier = Verifier::new(organization());
    rows.iter().for_each(|row| verifier.check(row));
    verifier.finish(ChainEnd { head: Some((head.clone(), HeadProof::Authentic)), beyond: 0, unsealed: 2 })
}

fn problems(found: &AuditVerification) -> Vec<(u64, AuditProblem)> {
    found.findings.iter().map(|finding| (finding.number, finding.problem)).collect()
}

#[test]
fn a_whole_chain_is_intact() {
    let (rows, head) = chain(5);
    let found = verify(&rows, &head);
    assert!(found.intact, "{found:?}");
    assert_eq!((found.entries, found.unsealed, found.head), (5, 2, Some(head.link)));
    assert!(verify(&[], &AuditHead::empty(NOW)).intact);
}

#[test]
fn every_altered_column_is_found_where_it_is() {
    let (rows, head) = chain(4);
    let changes: [fn(&mut AuditRow); 13] = [
        |row| row.organization.push('x'),
        |row| row.id.push('x'),
        |row| row.workspace = None,
        |row| row.at += 1,
        |row| row.account = None,
        |row| row.key = row.account.clone(),
        |row| row.client = Some(String::new()),
        |row| row.action = "task.cancelled".to_owned(),
        |row| row.target = Some("tsk_".to_owned()),
        |row| row.payload = Some("{}".to_owned()),
        |row| row.payload_digest = Digest::of(b"{}").to_string(),
        |row| row.link = Some(BEFORE_FIRST.to_owned()),
        |row| row.link = None,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut altered = rows.clone();
        change(&mut altered[1]);
        let found = verify(&altered, &head);
        assert!(!found.intact, "change {index}");
        assert_eq!(found.findings[0].number, 2, "change {index}: {found:?}");
    }
}

#[test]
fn columns_cannot_change_places() {
    let (rows, head) = chain(2);
    let mut altered = rows;
    let row = &mut altered[0];
    std::mem::swap(&mut row.workspace, &mut row.client);
    assert_eq!(problems(&verify(&altered, &head)), [(1, AuditProblem::EntryAltered)]);
}

#[test]
fn a_removed_and_a_moved_entry_are_found() {
    let (rows, head) = chain(5);
    let mut removed = rows.clone();
    removed.remove(2);
    assert_eq!(problems(&verify(&removed, &head)), [(3, AuditProblem::EntryMissing)]);
    let mut swapped = rows.clone();
    swapped.swap(1, 2);
    swapped[1].number = Some(2);
    swapped[2].number = Some(3);
    assert!(!verify(&swapped, &head).intact);
    assert_eq!(problems(&verify(&rows[..4], &head)), [(4, AuditProblem::TailAltered)]);
    assert!(!verify(&[], &head).intact);
}

#[test]
fn a_tail_that_was_written_again_does_not_fit_its_head() {
    let (rows, head) = chain(5);
    let mut other = AuditHead { number: 3, link: rows[2].link.clone().unwrap(), sealed_at: NOW };
    let mut rewritten = rows[..3].to_vec();
    for row in &rows[3..] {
        let mut row = row.clone();
        row.payload = Some("{}".to_owned());
        row.payload_digest = Digest::of(b"{}").to_string();
        rewritten.push(seal(row, &mut other));
    }
    assert_eq!(problems(&verify(&rewritten, &head)), [(5, AuditProblem::TailAltered)]);
    let end = |head| ChainEnd { head, beyond: 0, unsealed: 0 };
    let finish = |head| {
        let mut verifier = Verifier::new(organization());
        rewritten.iter().for_each(|row| verifier.check(row));
        problems(&verifier.finish(end(head)))
    };
    assert_eq!(finish(Some((other.clone(), HeadProof::Forged))), [(5, AuditProblem::HeadForged)]);
    let unknown = finish(Some((other, HeadProof::KeyUnknown)));
    assert_eq!(unknown, [(5, AuditProblem::HeadKeyUnknown)]);
    assert_eq!(finish(None), [(5, AuditProblem::HeadMissing)]);
}

#[test]
fn details_may_be_missing_only_where_retention_says_so() {
    let (mut rows, mut head) = chain(4);
    rows[1].payload = None;
    assert_eq!(problems(&verify(&rows, &head)), [(2, AuditProblem::PayloadMissing)]);
    let until = rows[2].at;
    let removal = AuditEntry::new(
        &RandomIds::default(),
        NOW,
        organization(),
        Actor::System,
        AuditAction::PayloadsRemoved,
    );
    let removal = removal.with(&json!({ "until": until, "entries": 1 }));
    rows.push(seal(AuditRow::from(&removal), &mut head));
    let found = verify(&rows, &head);
    assert!(found.intact, "{found:?}");
    assert_eq!(found.payloads_removed, 1);
    rows[2].payload = None;
    assert_eq!(problems(&verify(&rows, &head)), [(3, AuditProblem::PayloadMissing)]);
}

#[test]
fn the_head_of_one_organization_is_not_that_of_another() {
    let (_, head) = chain(1);
    let other = OrganizationId::from(uuid::Uuid::from_u128(8));
    assert_ne!(head.digest(organization()), head.digest(other));
    assert_ne!(head.digest(organization()), AuditHead { number: 2, ..head }.digest(organization()));
}

#[test]
fn the_link_is_what_the_documentation_says() {
    let row = AuditRow {
        organization: "org_1".to_owned(),
        id: "aud_1".to_owned(),
        workspace: None,
        at: 5,
        account: None,
        key: None,
        client: None,
        action: "member.added".to_owned(),
        target: Some("acc_1".to_owned()),
        payload: None,
        payload_digest: "d".to_owned(),
        number: None,
        link: None,
    };
    let text = r#"["executor audit entry v1",1,"p",["org_1","aud_1",null,5],[null,null,null],["member.added","acc_1","d"]]"#;
    assert_eq!(row.link_after("p", 1), Digest::of(text.as_bytes()).to_string());
}
