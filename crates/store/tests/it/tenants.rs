//! What belongs to one tenant does not exist for another.

use executor_core::approval::ApprovalStatus;
use executor_core::policy::{Effect, Layer, Rule};
use executor_core::{ConnectionId, Digest, KeyId, Role, RuleId, Scope};
use executor_store::{
    Approval, ApprovalDecision, ApprovalFilter, Connection, Error, Key, Source, StoredRule, TaskFilter,
};

use crate::catalog::{contents, source, tool};
use crate::stage::{NOW, Stage, Tenant, created, new};
use crate::story::stories;

stories![
    tasks_belong_to_a_workspace,
    approvals_belong_to_a_workspace,
    sources_belong_to_an_organization_or_a_workspace,
    a_source_of_another_tenant_is_not_replaced,
    connections_belong_to_an_organization_or_a_workspace,
    rules_belong_to_an_organization_or_a_workspace,
    keys_belong_to_an_organization,
    members_belong_to_an_organization,
];

async fn tasks_belong_to_a_workspace(stage: Stage) {
    let (sibling, other) = (stage.another_workspace("sibling").await, stage.another_tenant().await);
    let mut new_task = stage.new_task(stage.tenant);
    new_task.idempotency_key = Some("the key".to_owned());
    let task = new_task.id;
    stage.store.accept_task(new_task, vec![created(1)], stage.note()).await.unwrap();
    for stranger in [sibling, other] {
        let workspace = stranger.workspace;
        assert_eq!(stage.store.task(workspace, task).await, Err(Error::NotFound("task")));
        assert_eq!(stage.store.tasks(workspace, TaskFilter::default(), 10).await, Ok(vec![]));
        assert_eq!(stage.store.calls(workspace, task).await, Ok(vec![]));
        assert_eq!(stage.store.journal(workspace, task, 0, 10).await, Ok(vec![]));
        assert_eq!(stage.store.unfinished_tasks(workspace).await, Ok(0));
        let by_key =
            stage.store.task_by_idempotency_key(workspace, stage.tenant.account, "the key", NOW).await;
        assert_eq!(by_key, Ok(None));
        let left = stage.store.signal_task(stage.signal(workspace, task, "cancel"), stage.note()).await;
        assert_eq!(left, Err(Error::NotFound("task")));
    }
    assert_eq!(stage.store.signals(stage.tenant.workspace, task).await, Ok(vec![]));
}

async fn approvals_belong_to_a_workspace(stage: Stage) {
    let (task, approval) = stage.waiting_for_approval().await;
    let other = stage.another_tenant().await;
    for stranger in [stage.another_workspace("other").await, other] {
        let workspace = stranger.workspace;
        assert_eq!(stage.store.approval(workspace, approval.id).await, Err(Error::NotFound("approval")));
        let filter = ApprovalFilter { task: Some(task), ..ApprovalFilter::default() };
        assert_eq!(stage.store.approvals(workspace, filter, 10).await, Ok(vec![]));
        let stolen = Approval { workspace, status: ApprovalStatus::Approved, ..approval.clone() };
        let decided = stage
            .store
            .decide_approval(ApprovalDecision {
                approval: stolen,
                signal: None,
                deliveries: Vec::new(),
                audit: stage.note(),
            })
            .await;
        assert_eq!(decided, Err(Error::Changed));
    }
    assert_eq!(stage.store.approval(stage.tenant.workspace, approval.id).await, Ok(approval));
}

async fn sources_belong_to_an_organization_or_a_workspace(stage: Stage) {
    let (sibling, other) = (stage.another_workspace("sibling").await, stage.another_tenant().await);
    let own = source(&stage, stage.tenant, "own");
    let shared = Source { workspace: None, ..source(&stage, stage.tenant, "shared") };
    for source in [&own, &shared] {
        stage
            .store
            .add_source(source.clone(), contents(vec![tool("a")], vec![]), None, vec![stage.note()])
            .await
            .unwrap();
    }
    let seen =
        async |tenant: Tenant| stage.store.sources(tenant.organization, tenant.workspace).await.unwrap();
    assert_eq!(seen(stage.tenant).await, [own.clone(), shared.clone()]);
    assert_eq!(seen(sibling).await, [shared]);
    assert_eq!(seen(other).await, []);
    // Ids that do not belong together give nothing, or only what both may see.
    let mixed = Tenant { organization: other.organization, ..stage.tenant };
    assert_eq!(seen(mixed).await, []);
    let removed = stage.store.remove_source(other.organization, own.id, stage.note()).await;
    assert_eq!(removed, Err(Error::NotFound("source")));
}

async fn a_source_of_another_tenant_is_not_replaced(stage: Stage) {
    let other = stage.another_tenant().await;
    let own = source(&stage, stage.tenant, "own");
    stage
        .store
        .add_source(own.clone(), contents(vec![tool("a")], vec![]), None, vec![stage.note()])
        .await
        .unwrap();
    let foreign = Source { id: own.id, ..source(&stage, other, "own") };
    assert!(
        stage
            .store
            .add_source(foreign, contents(vec![tool("b")], vec![]), None, vec![stage.note()])
            .await
            .is_err()
    );
    let found = stage.store.tool(own.organization, own.id, "a").await.unwrap();
    assert_eq!(found.map(|stored| stored.tool), Some(tool("a")));
    assert_eq!(stage.store.tool(other.organization, own.id, "a").await, Ok(None));
    assert_eq!(stage.store.tools(other.organization, own.id, None, 10).await, Ok(vec![]));
    assert_eq!(stage.store.tool_words(other.organization, own.id).await, Ok(vec![]));
}

async fn connections_belong_to_an_organization_or_a_workspace(stage: Stage) {
    let (sibling, other) = (stage.another_workspace("sibling").await, stage.another_tenant().await);
    let source = Source { workspace: None, ..source(&stage, stage.tenant, "shared") };
    stage.store.add_source(source.clone(), contents(vec![], vec![]), None, vec![stage.note()]).await.unwrap();
    let connection = |name: &str| Connection {
        id: new!(stage, ConnectionId),
        organization: stage.tenant.organization,
        workspace: Some(stage.tenant.workspace),
        account: None,
        source: source.id,
        name: name.to_owned(),
        method: Some("token".to_owned()),
        provider: "managed".to_owned(),
        reference: None,
        secret: Some("sealed".to_owned()),
        created_at: NOW,
        rotated_at: None,
    };
    let own = connection("own");
    let shared = Connection { workspace: None, ..connection("shared") };
    let personal = Connection { workspace: None, account: Some(stage.tenant.account), ..connection("own") };
    for connection in [&own, &shared, &personal] {
        stage.store.add_connection(connection.clone(), stage.note()).await.unwrap();
    }
    assert_eq!(stage.store.add_connection(connection("own"), stage.note()).await, Err(Error::NameTaken));

    let seen = async |tenant: Tenant| {
        let connections = stage.store.connections(tenant.organization, tenant.workspace).await.unwrap();
        connections.into_iter().map(|connection| connection.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(stage.tenant).await, [own.id, personal.id, shared.id]);
    assert_eq!(seen(sibling).await, [personal.id, shared.id]);
    assert_eq!(seen(other).await, []);

    let not_found = Err(Error::NotFound("connection"));
    let replace =
        |organization| stage.store.replace_secret(organization, own.id, "new".to_owned(), NOW, stage.note());
    assert_eq!(replace(other.organization).await, not_found);
    assert_eq!(replace(stage.tenant.organization).await, Ok(()));
    let found = stage.store.connections(stage.tenant.organization, stage.tenant.workspace).await.unwrap();
    assert_eq!((found[0].secret.as_deref(), found[0].rotated_at), (Some("new"), Some(NOW)));
    assert_eq!(stage.store.remove_connection(other.organization, own.id, stage.note()).await, not_found);
    assert_eq!(stage.store.remove_connection(stage.tenant.organization, own.id, stage.note()).await, Ok(()));
}

async fn rules_belong_to_an_organization_or_a_workspace(stage: Stage) {
    let (sibling, other) = (stage.another_workspace("sibling").await, stage.another_tenant().await);
    let add = async |layer, workspace, account| {
        let rule = Rule {
            id: new!(stage, RuleId),
            layer,
            position: 0,
            effect: Effect::Deny,
            tools: "*".parse().unwrap(),
            connection: None,
            caller: None,
            condition: None,
            approvers: None,
        };
        let id = rule.id;
        let rule = StoredRule { rule, workspace, account, created_by: stage.tenant.account, created_at: NOW };
        stage.store.add_rule(stage.tenant.organization, rule, None, stage.note()).await.unwrap();
        id
    };
    let personal = add(Layer::Account, None, Some(stage.tenant.account)).await;
    let own = add(Layer::Workspace, Some(stage.tenant.workspace), None).await;
    let shared = add(Layer::Organization, None, None).await;
    let seen = async |tenant: Tenant| {
        let rules = stage.store.rules(tenant.organization, tenant.workspace).await.unwrap();
        rules.into_iter().map(|stored| stored.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(stage.tenant).await, [shared, own, personal]);
    assert_eq!(seen(sibling).await, [shared, personal]);
    assert_eq!(seen(other).await, []);
    let removed = stage.store.remove_rule(other.organization, own, stage.note()).await;
    assert_eq!(removed, Err(Error::NotFound("rule")));
}

async fn keys_belong_to_an_organization(stage: Stage) {
    let other = stage.another_tenant().await;
    let key = Key {
        id: new!(stage, KeyId),
        organization: stage.tenant.organization,
        workspace: Some(stage.tenant.workspace),
        account: stage.tenant.account,
        name: "a key".to_owned(),
        scopes: vec![Scope::Read, Scope::Approve],
        secret_hash: Digest::of(b"secret"),
        prefix: "exk_12".to_owned(),
        created_at: NOW,
        expires_at: Some(NOW.plus_millis(10)),
        revoked_at: None,
    };
    stage.store.add_key(key.clone(), stage.note()).await.unwrap();
    assert_eq!(stage.store.key(other.organization, key.id).await, Err(Error::NotFound("key")));
    assert_eq!(stage.store.keys(other.organization).await, Ok(vec![]));
    stage.store.revoke_key(other.organization, key.id, NOW, stage.note()).await.unwrap();
    assert_eq!(stage.store.key_by_secret(key.secret_hash).await, Ok(Some(key.clone())));
    assert!(key.is_live(NOW) && !key.is_live(NOW.plus_millis(10)));

    stage.store.revoke_key(stage.tenant.organization, key.id, NOW, stage.note()).await.unwrap();
    stage
        .store
        .revoke_key(stage.tenant.organization, key.id, NOW.plus_millis(5), stage.note())
        .await
        .unwrap();
    let revoked = stage.store.key(stage.tenant.organization, key.id).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(NOW), "the first revocation stands");
    assert!(!revoked.is_live(NOW));
}

async fn members_belong_to_an_organization(stage: Stage) {
    let other = stage.another_tenant().await;
    assert_eq!(stage.store.role(other.organization, stage.tenant.account).await, Ok(None));
    assert_eq!(
        stage.store.role(stage.tenant.organization, stage.tenant.account).await,
        Ok(Some(Role::Owner))
    );
    let role =
        stage.store.set_role(other.organization, stage.tenant.account, Role::Member, stage.note()).await;
    assert_eq!(role, Err(Error::NotFound("member")));
    let members = stage.store.members(stage.tenant.organization).await.unwrap();
    assert_eq!(members.iter().map(|member| member.account.id).collect::<Vec<_>>(), [stage.tenant.account]);
}
