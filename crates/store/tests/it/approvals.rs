//! What people have to decide: asked for by the holder of a lease, decided by others, once.

use executor_core::approval::{ApprovalStatus, Decider, Verdict, Vote};
use executor_core::task::TaskStatus;
use executor_core::{AccountId, Role};
use executor_store::{
    Approval, ApprovalChange, ApprovalDecision, ApprovalFilter, Durability, Error, NewSignal,
};
use futures::future::join_all;

use crate::stage::{NOW, Stage, created, new, write};
use crate::story::stories;

stories![
    an_approval_is_read_back_whole,
    a_decision_changes_the_approval_and_queues_the_task_in_one,
    of_many_decisions_at_once_one_counts,
    a_decision_about_what_is_closed_changes_nothing,
    an_approved_call_leaves_once,
    a_task_that_ends_takes_its_approvals_along,
    an_approval_can_be_opened_again,
    approvals_are_listed_newest_first,
    approvals_that_nobody_decided_are_found,
];

fn decided(stage: &Stage, approval: &Approval, status: ApprovalStatus) -> ApprovalDecision {
    let vote = Vote {
        decider: Decider {
            account: new!(stage, AccountId),
            roles: [Role::Admin].into(),
            groups: Default::default(),
        },
        verdict: Verdict::Approve,
        reason: Some("fine".to_owned()),
        at: NOW,
    };
    let signal = stage.signal(approval.workspace, approval.task, "decided");
    let approval = Approval { status, votes: vec![vote], decided_at: Some(NOW), ..approval.clone() };
    ApprovalDecision { approval, signal: Some(signal), deliveries: Vec::new(), audit: stage.note() }
}

async fn an_approval_is_read_back_whole(stage: Stage) {
    let (_, approval) = stage.waiting_for_approval().await;
    assert_eq!(stage.store.approval(stage.tenant.workspace, approval.id).await, Ok(approval));
}

async fn a_decision_changes_the_approval_and_queues_the_task_in_one(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    let decision = decided(&stage, &approval, ApprovalStatus::Approved);
    stage.store.decide_approval(decision.clone()).await.unwrap();
    let found = stage.store.approval(workspace, approval.id).await.unwrap();
    assert_eq!(found, Approval { version: 1, ..decision.approval });
    assert_eq!(stage.store.task(workspace, task).await.unwrap().status, TaskStatus::Queued);
    let NewSignal { id, .. } = decision.signal.unwrap();
    assert_eq!(stage.store.signals(workspace, task).await.unwrap()[0].id, id);
}

async fn of_many_decisions_at_once_one_counts(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let decisions = (0..8).map(|n| {
        let status = if n % 2 == 0 { ApprovalStatus::Approved } else { ApprovalStatus::Denied };
        let (store, decision) = (stage.store.clone(), decided(&stage, &approval, status));
        tokio::spawn(async move { store.decide_approval(decision).await })
    });
    let outcomes: Vec<_> = join_all(decisions).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Error::Changed)).count(), 7);
    assert_eq!(stage.store.signals(stage.tenant.workspace, task).await.unwrap().len(), 1);
}

async fn a_decision_about_what_is_closed_changes_nothing(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    stage.store.decide_approval(decided(&stage, &approval, ApprovalStatus::Denied)).await.unwrap();
    let closed = stage.store.approval(workspace, approval.id).await.unwrap();
    let again = decided(&stage, &closed, ApprovalStatus::Approved);
    assert_eq!(stage.store.decide_approval(again).await, Err(Error::Changed));
    assert_eq!(stage.store.approval(workspace, approval.id).await, Ok(closed));
    assert_eq!(stage.store.signals(workspace, task).await.unwrap().len(), 1);
}

async fn an_approved_call_leaves_once(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    stage.store.decide_approval(decided(&stage, &approval, ApprovalStatus::Approved)).await.unwrap();
    let taken = stage.store.claim_task(NOW.plus_millis(30_000), NOW).await.unwrap().unwrap();
    let leaves = |seq| {
        let mut leaves = write(stage.tenant, task, taken.lease_epoch, vec![created(seq)]);
        leaves.approvals = vec![ApprovalChange::Use(approval.id)];
        stage.store.write_task(leaves, Durability::Synced)
    };
    leaves(3).await.unwrap();
    assert_eq!(stage.store.approval(workspace, approval.id).await.unwrap().status, ApprovalStatus::Used);
    assert_eq!(leaves(4).await, Err(Error::Changed));
    assert_eq!(stage.store.journal(workspace, task, 3, 10).await, Ok(vec![]), "nothing of that is written");
}

async fn a_task_that_ends_takes_its_approvals_along(stage: Stage) {
    let (task, epoch) = stage.running().await;
    let approvals = [stage.approval(task), stage.approval(task)];
    let mut opens = write(stage.tenant, task, epoch, vec![created(2)]);
    opens.approvals = approvals.iter().cloned().map(|one| ApprovalChange::Open(Box::new(one))).collect();
    stage.store.write_task(opens, Durability::Synced).await.unwrap();
    let denial = decided(&stage, &approvals[1], ApprovalStatus::Denied);
    stage.store.decide_approval(denial).await.unwrap();
    let mut ends = write(stage.tenant, task, epoch, vec![created(3)]);
    let withdrawn = ApprovalStatus::Withdrawn;
    ends.approvals = approvals.iter().map(|one| ApprovalChange::Close(one.id, withdrawn)).collect();
    stage.store.write_task(ends, Durability::Synced).await.unwrap();
    let status = async |approval: &Approval| {
        stage.store.approval(stage.tenant.workspace, approval.id).await.unwrap().status
    };
    assert_eq!(
        (status(&approvals[0]).await, status(&approvals[1]).await),
        (withdrawn, ApprovalStatus::Denied)
    );
    let late = decided(&stage, &approvals[0], ApprovalStatus::Approved);
    assert_eq!(stage.store.decide_approval(late).await, Err(Error::Changed));
}

async fn an_approval_can_be_opened_again(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let workspace = stage.tenant.workspace;
    stage.store.decide_approval(decided(&stage, &approval, ApprovalStatus::Approved)).await.unwrap();
    let taken = stage.store.claim_task(NOW.plus_millis(30_000), NOW).await.unwrap().unwrap();
    let mut reopens = write(stage.tenant, task, taken.lease_epoch, vec![created(3)]);
    let mut decision = approval.decision.clone();
    decision.approvers[0].count = 2;
    reopens.approvals = vec![ApprovalChange::Reopen(approval.id, Box::new(decision.clone()))];
    stage.store.write_task(reopens, Durability::Synced).await.unwrap();
    let open = stage.store.approval(workspace, approval.id).await.unwrap();
    assert_eq!((open.status, &open.decision, open.votes.len()), (ApprovalStatus::Open, &decision, 1));
    stage.store.decide_approval(decided(&stage, &open, ApprovalStatus::Approved)).await.unwrap();
}

async fn approvals_are_listed_newest_first(stage: Stage) {
    let workspace = stage.tenant.workspace;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(stage.waiting_for_approval().await);
    }
    let list = async |filter| {
        let found = stage.store.approvals(workspace, filter, 3).await.unwrap();
        found.into_iter().map(|approval| approval.id).collect::<Vec<_>>()
    };
    let ids: Vec<_> = made.iter().rev().map(|(_, approval)| approval.id).collect();
    assert_eq!(list(ApprovalFilter::default()).await, ids[..3]);
    assert_eq!(list(ApprovalFilter { before: Some(ids[2]), ..Default::default() }).await, ids[3..]);
    assert_eq!(list(ApprovalFilter { task: Some(made[1].0), ..Default::default() }).await, [ids[3]]);
    stage.store.decide_approval(decided(&stage, &made[4].1, ApprovalStatus::Denied)).await.unwrap();
    let denied = ApprovalFilter { status: Some(ApprovalStatus::Denied), ..Default::default() };
    assert_eq!(list(denied).await, [ids[0]]);
}

async fn approvals_that_nobody_decided_are_found(stage: Stage) {
    let (_, approval) = stage.waiting_for_approval().await;
    assert_eq!(stage.store.overdue_approvals(NOW.plus_millis(999), 10).await, Ok(vec![]));
    let overdue = stage.store.overdue_approvals(NOW.plus_millis(1_000), 10).await.unwrap();
    assert_eq!(overdue, std::slice::from_ref(&approval));
    stage.store.decide_approval(decided(&stage, &approval, ApprovalStatus::Expired)).await.unwrap();
    assert_eq!(stage.store.overdue_approvals(NOW.plus_millis(1_000), 10).await, Ok(vec![]));
}
