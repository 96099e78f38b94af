//! Tasks, their journals, their calls and their signals.

use executor_core::call::CallState;
use executor_core::policy::{RuleSet, Subject};
use executor_core::task::TaskStatus;
use executor_core::tool::SideEffect;
use executor_core::{Digest, ErrorCode, Principal, Role, TaskId};
use executor_store::{CallRow, Durability, Error, TaskFilter};

use crate::stage::{NOW, Stage, completed, created, write};
use crate::story::stories;

stories![
    an_idempotency_key_is_one_task_of_an_account,
    an_idempotency_key_counts_for_seven_days,
    tasks_are_listed_newest_first_in_pages,
    tasks_are_listed_by_status,
    a_journal_is_read_in_pages,
    a_gap_in_a_journal_is_refused,
    the_compiled_program_is_kept,
    a_call_is_written_again_in_each_of_its_states,
    many_entries_and_calls_at_once,
    an_unfinished_task_counts,
];

async fn an_idempotency_key_is_one_task_of_an_account(stage: Stage) {
    let other = stage.another_workspace("other").await;
    let mut first = stage.new_task(stage.tenant);
    first.idempotency_key = Some("the key".to_owned());
    let id = first.id;
    stage.store.accept_task(first.clone(), vec![created(1)], stage.note()).await.unwrap();

    let again = |tenant| {
        let mut task = stage.new_task(tenant);
        task.idempotency_key = Some("the key".to_owned());
        stage.store.accept_task(task, vec![created(1)], stage.note())
    };
    assert_eq!(again(stage.tenant).await, Err(Error::NameTaken));
    assert_eq!(again(other).await, Ok(()));

    let find = |key: &'static str| {
        stage.store.task_by_idempotency_key(stage.tenant.workspace, stage.tenant.account, key, NOW)
    };
    assert_eq!(find("the key").await.unwrap().map(|task| task.new), Some(first));
    assert_eq!(find("another key").await, Ok(None));
    assert_eq!(
        stage.store.journal(stage.tenant.workspace, id, 0, 10).await.unwrap().len(),
        1,
        "what was refused left nothing"
    );
}

async fn an_idempotency_key_counts_for_seven_days(stage: Stage) {
    let days = |days: i64| NOW.plus_millis(days * 24 * 60 * 60 * 1_000);
    let submit = async |at| {
        let mut task = stage.new_task(stage.tenant);
        task.idempotency_key = Some("the key".to_owned());
        task.created_at = at;
        let id = task.id;
        stage.store.accept_task(task, vec![created(1)], stage.note()).await.map(|()| id)
    };
    let find = async |at| {
        let (workspace, account) = (stage.tenant.workspace, stage.tenant.account);
        let found = stage.store.task_by_idempotency_key(workspace, account, "the key", at).await.unwrap();
        found.map(|task| task.new.id)
    };
    let first = submit(NOW).await.unwrap();
    assert_eq!(submit(days(6)).await, Err(Error::NameTaken));
    assert_eq!((find(days(6)).await, find(days(7)).await), (Some(first), None));
    let second = submit(days(7)).await.unwrap();
    assert_eq!(find(days(8)).await, Some(second));
    assert!(stage.store.task(stage.tenant.workspace, first).await.is_ok(), "the first is kept");
}

async fn tasks_are_listed_newest_first_in_pages(stage: Stage) {
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, stage.queued(stage.tenant).await);
    }
    let mut seen: Vec<TaskId> = Vec::new();
    loop {
        let filter = TaskFilter { status: None, before: seen.last().copied() };
        let page = stage.store.tasks(stage.tenant.workspace, filter, 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|task| task.new.id));
    }
    assert_eq!(seen, expected);
}

async fn tasks_are_listed_by_status(stage: Stage) {
    let (first, second) = (stage.queued(stage.tenant).await, stage.queued(stage.tenant).await);
    stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap();
    for (status, expected) in
        [(TaskStatus::Running, vec![first]), (TaskStatus::Queued, vec![second]), (TaskStatus::Failed, vec![])]
    {
        let filter = TaskFilter { status: Some(status), before: None };
        let page = stage.store.tasks(stage.tenant.workspace, filter, 10).await.unwrap();
        assert_eq!(page.iter().map(|task| task.new.id).collect::<Vec<_>>(), expected, "{status:?}");
    }
}

async fn a_journal_is_read_in_pages(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let mut first = write(stage.tenant, task.id, 1, (1..=25).map(created).collect());
    let id = task.id;
    first.accept = Some(task);
    stage.store.write_task(first, Durability::Buffered).await.unwrap();
    let mut after = 0;
    let mut seen = Vec::new();
    while let Some(last) = {
        let page = stage.store.journal(stage.tenant.workspace, id, after, 10).await.unwrap();
        let last = page.last().map(|entry| entry.seq);
        seen.extend(page);
        last
    } {
        after = last;
    }
    assert_eq!(seen, (1..=25).map(created).collect::<Vec<_>>());
}

async fn a_gap_in_a_journal_is_refused(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let claimed = stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap().unwrap();
    let skipping = write(stage.tenant, task, claimed.lease_epoch, vec![created(3)]);
    assert!(stage.store.write_task(skipping, Durability::Buffered).await.is_err());
    let following = write(stage.tenant, task, claimed.lease_epoch, vec![created(2)]);
    assert_eq!(stage.store.write_task(following.clone(), Durability::Buffered).await, Ok(()));
    assert!(stage.store.write_task(following, Durability::Buffered).await.is_err(), "not twice");
    assert_eq!(
        stage.store.journal(stage.tenant.workspace, task, 0, 10).await.unwrap(),
        [created(1), created(2)]
    );
}

async fn the_compiled_program_is_kept(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let claimed = stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap().unwrap();
    let mut compiled = write(stage.tenant, task, claimed.lease_epoch, vec![created(2)]);
    compiled.progress.program = Some(("{\"code\": 1}".to_owned(), 3));
    compiled.progress.engine_ms = 5;
    compiled.progress.used_ms = 7;
    compiled.progress.journal_bytes = 1 << 40;
    stage.store.write_task(compiled, Durability::Buffered).await.unwrap();
    let mut last = write(stage.tenant, task, claimed.lease_epoch, vec![created(3)]);
    last.progress.end = Some((completed("[1, 2]"), NOW.plus_millis(9)));
    stage.store.write_task(last, Durability::Synced).await.unwrap();
    let task = stage.store.task(stage.tenant.workspace, task).await.unwrap();
    assert_eq!((task.program.as_deref(), task.replay_version), (Some("{\"code\": 1}"), 3));
    assert_eq!((task.status, task.ended_at), (TaskStatus::Completed, Some(NOW.plus_millis(9))));
    assert_eq!(task.end, Some(completed("[1, 2]")));
}

fn call(number: u32, state: CallState) -> CallRow {
    CallRow {
        number,
        path: "github.issues.create".to_owned(),
        connection: None,
        state,
        side_effect: Some(SideEffect::Write),
        issued: Digest::of(&number.to_be_bytes()),
        sent: None,
        decision: None,
        error: None,
        issued_at: NOW,
        started_at: None,
        settled_at: None,
    }
}

async fn a_call_is_written_again_in_each_of_its_states(stage: Stage) {
    let task = stage.queued(stage.tenant).await;
    let epoch = stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap().unwrap().lease_epoch;
    let path = "github.issues.create".parse().unwrap();
    let caller = Principal {
        account: stage.tenant.account,
        organization: stage.tenant.organization,
        workspace: None,
        roles: [Role::Member].into(),
        groups: Default::default(),
        scopes: Default::default(),
        key: None,
        client: None,
        toolkit: None,
    };
    let subject = Subject {
        path: &path,
        side_effect: SideEffect::Write,
        connection: None,
        caller: &caller,
        arguments: None,
        review: None,
    };
    let issued = call(1, CallState::Issued);
    let started = CallRow {
        state: CallState::Started,
        sent: Some(Digest::of(b"sent")),
        decision: Some(RuleSet::default().decide(&subject)),
        started_at: Some(NOW.plus_millis(1)),
        ..issued.clone()
    };
    let failed = CallRow {
        state: CallState::Failed,
        error: Some(ErrorCode::UpstreamTimeout),
        settled_at: Some(NOW.plus_millis(2)),
        ..started.clone()
    };
    for (seq, state) in (2..).zip([issued, started, failed]) {
        let mut next = write(stage.tenant, task, epoch, vec![created(seq)]);
        next.calls = vec![state.clone(), call(2, CallState::Issued)];
        stage.store.write_task(next, Durability::Buffered).await.unwrap();
        let calls = stage.store.calls(stage.tenant.workspace, task).await.unwrap();
        assert_eq!(calls, [state, call(2, CallState::Issued)]);
    }
}

async fn many_entries_and_calls_at_once(stage: Stage) {
    let task = stage.new_task(stage.tenant);
    let id = task.id;
    let mut first = write(stage.tenant, id, 1, (1..=5_001).map(created).collect());
    first.calls = (1..=2_001).map(|number| call(number, CallState::Issued)).collect();
    first.accept = Some(task);
    stage.store.write_task(first, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.journal(stage.tenant.workspace, id, 5_000, 10).await.unwrap(), [created(5_001)]);
    assert_eq!(stage.store.calls(stage.tenant.workspace, id).await.unwrap().len(), 2_001);
}

async fn an_unfinished_task_counts(stage: Stage) {
    let workspace = stage.tenant.workspace;
    stage.queued(stage.tenant).await;
    stage.queued(stage.tenant).await;
    let task = stage.store.claim_task(NOW.plus_millis(1_000), NOW).await.unwrap().unwrap();
    assert_eq!(stage.store.unfinished_tasks(workspace).await, Ok(2));
    let mut last = write(stage.tenant, task.new.id, task.lease_epoch, vec![created(2)]);
    last.progress.end = Some((completed("1"), NOW));
    stage.store.write_task(last, Durability::Synced).await.unwrap();
    assert_eq!(stage.store.unfinished_tasks(workspace).await, Ok(1));
}
