//! Sensitive tasks: their rows are sealed, and open in their own place only.

use std::sync::Arc;

use executor_core::task::TaskStatus;
use executor_store::{ApprovalChange, ApprovalDecision, Durability, Error, NewSignal, Sealer, Store};

use crate::stage::{NOW, Stage, completed, created, write};
use crate::story::stories;

stories![
    what_is_sensitive_is_sealed_and_read_back,
    what_is_sealed_opens_in_its_own_place_only,
    without_a_key_nothing_sensitive_is_written_or_read,
    marks_belong_to_their_workspace,
];

/// Turns a text around and remembers its place: enough to see what is sealed and where it opens.
struct Reversing;

impl Sealer for Reversing {
    fn seal(&self, place: &[&str], text: &str) -> Result<String, String> {
        Ok(format!("{}|{}", place.join("/"), text.chars().rev().collect::<String>()))
    }

    fn open(&self, place: &[&str], sealed: &str) -> Result<String, String> {
        match sealed.split_once('|') {
            Some((bound, text)) if bound == place.join("/") => Ok(text.chars().rev().collect()),
            _ => Err("it was sealed for another place".to_owned()),
        }
    }
}

/// A task that waits for an approval, all of which is sealed.
async fn sealed(stage: &Stage) -> (Store, executor_core::TaskId, executor_store::Approval) {
    let store = stage.store.clone().with_sealer(Arc::new(Reversing));
    let (task, epoch) = stage.running().await;
    let approval = executor_store::Approval { is_sensitive: true, ..stage.approval(task) };
    let mut waits = write(stage.tenant, task, epoch, vec![created(2)]);
    waits.approvals = vec![ApprovalChange::Open(Box::new(approval.clone()))];
    waits.progress.program = Some(("{\"program\":1}".to_owned(), 2));
    waits.progress.is_sensitive = true;
    store.write_task(waits, Durability::Synced).await.unwrap();
    (store, task, approval)
}

async fn what_is_sensitive_is_sealed_and_read_back(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let (store, task, approval) = sealed(&stage).await;
    let epoch = store.task(workspace, task).await.unwrap().lease_epoch;
    let signal = NewSignal { is_sensitive: true, ..stage.signal(workspace, task, "decided") };
    let decision = ApprovalDecision {
        approval: approval.clone(),
        signal: Some(signal.clone()),
        deliveries: Vec::new(),
        audit: stage.note(),
    };
    store.decide_approval(decision).await.unwrap();
    let mut ends = write(stage.tenant, task, epoch, vec![created(3)]);
    ends.progress.is_sensitive = true;
    ends.progress.end = Some((completed("{\"secret\":1}"), NOW));

    let found = store.approval(workspace, approval.id).await.unwrap();
    assert_eq!((found.envelope, found.request), (approval.envelope, approval.request));
    assert!(found.is_sensitive);
    assert_eq!(store.signals(workspace, task).await.unwrap()[0].body, signal.body);
    ends.seen_signals = vec![signal.id];
    store.write_task(ends, Durability::Synced).await.unwrap();
    let found = store.task(workspace, task).await.unwrap();
    assert!(found.new.is_sensitive);
    assert_eq!((found.new.code.as_str(), found.status), ("return 1 + 1", TaskStatus::Completed));
    assert_eq!(found.program.as_deref(), Some("{\"program\":1}"));
    assert_eq!(found.end, Some(completed("{\"secret\":1}")));
    let journal = store.journal(workspace, task, 1, 10).await.unwrap();
    assert_eq!(journal, [created(2), created(3)]);
}

async fn what_is_sealed_opens_in_its_own_place_only(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let (store, task, _) = sealed(&stage).await;
    stage.tamper(&format!("UPDATE journal SET seq = 9 WHERE task_id = '{task}' AND seq = 2")).await;
    let moved = store.journal(workspace, task, 1, 10).await;
    assert!(matches!(moved, Err(Error::Corrupt { .. })), "{moved:?}");
    stage.tamper(&format!("UPDATE tasks SET code = program WHERE id = '{task}'")).await;
    let moved = store.task(workspace, task).await;
    assert!(matches!(moved, Err(Error::Corrupt { .. })), "{moved:?}");
}

async fn without_a_key_nothing_sensitive_is_written_or_read(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let (_, task, approval) = sealed(&stage).await;
    for refused in [
        stage.store.task(workspace, task).await.err(),
        stage.store.journal(workspace, task, 1, 10).await.err(),
        stage.store.approval(workspace, approval.id).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::Corrupt { .. })), "{refused:?}");
    }
    let (other, epoch) = stage.running().await;
    let mut sensitive = write(stage.tenant, other, epoch, vec![created(2)]);
    sensitive.progress.is_sensitive = true;
    assert!(stage.store.write_task(sensitive, Durability::Synced).await.is_err());
    assert_eq!(stage.store.task(workspace, other).await.unwrap().last_seq, 1);
}

async fn marks_belong_to_their_workspace(stage: Stage) {
    let (own, store) = (stage.tenant, &stage.store);
    let (organization, workspace) = (own.organization, own.workspace);
    let pattern = |text: &str| text.parse().unwrap();
    for text in ["b.*", "a.*", "b.*"] {
        store.add_sensitive_tools(organization, workspace, &pattern(text), NOW, stage.note()).await.unwrap();
    }
    let marks = store.sensitive_tools(organization, workspace).await.unwrap();
    assert_eq!(marks, [pattern("a.*"), pattern("b.*")]);
    let other = stage.another_workspace("other").await.workspace;
    assert_eq!(store.sensitive_tools(organization, other).await, Ok(vec![]));
    let stranger = stage.another_tenant().await.organization;
    assert_eq!(store.sensitive_tools(stranger, workspace).await, Ok(vec![]));
    let remove =
        |organization| store.remove_sensitive_tools(organization, workspace, "a.*".to_owned(), stage.note());
    assert_eq!(remove(stranger).await, Err(Error::NotFound("sensitive tools")));
    remove(organization).await.unwrap();
    assert_eq!(store.sensitive_tools(organization, workspace).await, Ok(vec![pattern("b.*")]));
}
