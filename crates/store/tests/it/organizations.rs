//! Organizations, workspaces and members.

use executor_core::id::RandomIds;
use executor_core::{Digest, KeyId, Role, Scope};
use executor_store::{Error, Key};
use futures::future::join_all;

use crate::stage::{NOW, Stage, bootstrap, new};
use crate::story::stories;

stories![
    a_deployment_begins_once,
    a_deployment_begins_once_for_all_that_start_together,
    workspaces_are_listed_by_slug,
    the_last_owner_stays,
    two_owners_cannot_remove_each_other,
    who_is_removed_loses_their_keys,
];

async fn a_deployment_begins_once(stage: Stage) {
    let ids = RandomIds::default();
    let again =
        stage.store.bootstrap(bootstrap(&ids, "another"), NOW.plus_millis(1), stage.note()).await.unwrap();
    assert_eq!((again.0.id, again.0.slug.as_str()), (stage.tenant.organization, "default"));
    assert_eq!(again.1, stage.tenant.account);
    assert_eq!(stage.store.workspaces(stage.tenant.organization).await.unwrap().len(), 1);
}

async fn a_deployment_begins_once_for_all_that_start_together(stage: Stage) {
    stage
        .tamper(
            "DELETE FROM memberships; DELETE FROM accounts; DELETE FROM workspaces; DELETE FROM organizations;",
        )
        .await;
    let starts = (0..8).map(|_| {
        let (store, ids, audit) = (stage.store.clone(), RandomIds::default(), stage.note());
        tokio::spawn(async move { store.bootstrap(bootstrap(&ids, "default"), NOW, audit).await })
    });
    let begun: Vec<_> = join_all(starts).await.into_iter().map(|begun| begun.unwrap().unwrap()).collect();
    assert!(begun.iter().all(|one| *one == begun[0]), "{begun:?}");
}

async fn workspaces_are_listed_by_slug(stage: Stage) {
    let later = stage.another_workspace("zebra").await;
    let earlier = stage.another_workspace("aardvark").await;
    let workspaces = stage.store.workspaces(stage.tenant.organization).await.unwrap();
    let ids: Vec<_> = workspaces.iter().map(|workspace| workspace.id).collect();
    assert_eq!(ids, [earlier.workspace, stage.tenant.workspace, later.workspace]);
}

async fn the_last_owner_stays(stage: Stage) {
    let (organization, owner) = (stage.tenant.organization, stage.tenant.account);
    assert_eq!(
        stage.store.set_role(organization, owner, Role::Admin, stage.note()).await,
        Err(Error::LastOwner)
    );
    assert_eq!(
        stage.store.remove_member(organization, owner, NOW, stage.note()).await,
        Err(Error::LastOwner)
    );
    let second = stage.member(organization, Role::Owner).await;
    assert_eq!(stage.store.set_role(organization, owner, Role::Admin, stage.note()).await, Ok(()));
    assert_eq!(
        stage.store.set_role(organization, second, Role::Member, stage.note()).await,
        Err(Error::LastOwner)
    );
    assert_eq!(stage.store.role(organization, owner).await, Ok(Some(Role::Admin)));
}

async fn two_owners_cannot_remove_each_other(stage: Stage) {
    let organization = stage.tenant.organization;
    for _ in 0..10 {
        let second = stage.member(organization, Role::Owner).await;
        let removals = [stage.tenant.account, second].map(|account| {
            let (store, audit) = (stage.store.clone(), stage.note());
            tokio::spawn(async move { store.set_role(organization, account, Role::Member, audit).await })
        });
        let outcomes: Vec<_> = join_all(removals).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            outcomes.iter().filter(|outcome| **outcome == Err(Error::LastOwner)).count(),
            1,
            "{outcomes:?}"
        );
        stage.store.set_role(organization, stage.tenant.account, Role::Owner, stage.note()).await.unwrap();
        stage.store.remove_member(organization, second, NOW, stage.note()).await.unwrap();
    }
}

async fn who_is_removed_loses_their_keys(stage: Stage) {
    let organization = stage.tenant.organization;
    let member = stage.member(organization, Role::Member).await;
    let key = |account, secret: &[u8]| Key {
        id: new!(stage, KeyId),
        organization,
        workspace: None,
        account,
        name: "a key".to_owned(),
        scopes: vec![Scope::Run],
        secret_hash: Digest::of(secret),
        prefix: "exk_".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
    };
    let (theirs, ours) = (key(member, b"theirs"), key(stage.tenant.account, b"ours"));
    stage.store.add_key(theirs.clone(), stage.note()).await.unwrap();
    stage.store.add_key(ours.clone(), stage.note()).await.unwrap();
    stage.store.remove_member(organization, member, NOW, stage.note()).await.unwrap();
    assert_eq!(stage.store.role(organization, member).await, Ok(None));
    assert_eq!(stage.store.key(organization, theirs.id).await.unwrap().revoked_at, Some(NOW));
    assert_eq!(stage.store.key(organization, ours.id).await.unwrap().revoked_at, None);
}
