//! Nothing is done that the audit log does not tell of.

use std::sync::Arc;

use executor_core::audit::{Hold, RecordSettings};
use executor_core::{AccountId, ErrorCode, Principal, Role, Scope};
use executor_engine::{
    AuditEntryView, AuditLine, AuditQuery, EventFilter, NewKey, Organization, PageRequest,
};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream, submission};

async fn organization(engine: &TestEngine) -> Organization {
    let owner = engine.executor.local_owner(true).await.unwrap();
    engine.executor.organization(&owner).await.unwrap()
}

async fn entries(engine: &TestEngine, query: AuditQuery) -> Vec<AuditEntryView> {
    let page = PageRequest { limit: Some(200), ..PageRequest::default() };
    let mut items = organization(engine).await.audit_entries(&query, &page).await.unwrap().items;
    items.reverse();
    items
}

fn payload(entry: &AuditEntryView) -> Value {
    serde_json::from_str(entry.payload.as_ref().unwrap().as_str()).unwrap()
}

fn new_key() -> NewKey {
    serde_json::from_value(json!({ "name": "ci", "scopes": ["read", "run"] })).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_effect_happens_unaudited() {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    let organization = organization(&engine).await;
    let owner = organization.principal().account;

    engine.add_shop(upstream.address).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "s3cret" } })).await;
    engine.allow("shop.items.create").await;
    engine.add_rule(json!({ "tools": "shop.broken", "effect": "deny" })).await;
    let member = json!({ "name": "Ada", "role": "member" });
    let member = organization.add_member(serde_json::from_value(member).unwrap()).await.unwrap();
    organization.set_role(member.account, Role::Admin).await.unwrap();
    let key = organization.create_key(new_key()).await.unwrap();

    // The task is the key's, so that each of its entries has to name that.
    let carrier = engine.executor.authenticate(&key.secret).await.unwrap();
    let carrier = Principal { client: Some("an agent".to_owned()), ..carrier };
    let workspace = engine.executor.enter(&carrier, "default").await.unwrap();
    let code = "await tools.shop.items.get({ id: 1 });
        await tools.shop.items.create({ name: 'lamp' });
        try { await tools.shop.broken({}) } catch {}
        return 'done'";
    let task = workspace.submit(submission(code)).await.unwrap();
    assert!(task.error.is_none(), "{:?}", task.error);

    let endless = executor_engine::Submission { wait_ms: Some(1), ..submission("while (true) {}") };
    let endless = workspace.submit(endless).await.unwrap();
    workspace.cancel(endless.summary.id, Some("enough".to_owned())).await.unwrap();
    organization.revoke_key(key.key.id).await.unwrap();
    organization.remove_member(member.account).await.unwrap();

    let all = entries(&engine, AuditQuery::default()).await;
    let told: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        told,
        [
            "organization.created",
            "source.added",
            "connection.added",
            "rule.added",
            "rule.added",
            "member.added",
            "member.role_changed",
            "key.created",
            "task.submitted",
            "call.started",
            "call.settled",
            "call.denied",
            "task.ended",
            "task.submitted",
            "task.cancelled",
            "task.ended",
            "key.revoked",
            "member.removed",
        ]
    );
    let by = |action: &str| all.iter().find(|entry| entry.action == action).unwrap();
    assert_eq!(by("organization.created").account, None);
    assert_eq!(by("source.added").account, Some(owner.to_string()));
    for action in ["task.submitted", "call.started", "call.settled", "call.denied", "task.cancelled"] {
        let entry = by(action);
        assert_eq!(entry.key, Some(key.key.id.to_string()), "{action}");
        assert_eq!(entry.client.as_deref(), Some("an agent"), "{action}");
        assert_eq!(entry.workspace, Some(engine.workspace.id().to_string()), "{action}");
    }
    let started = by("call.started");
    assert_eq!(started.target, Some(format!("{}/2", task.summary.id)));
    let details = payload(started);
    assert_eq!(details["path"], "shop.items.create");
    assert!(details["connection"].as_str().unwrap().starts_with("con_"), "{details}");
    assert!(details["decision"]["rule"].as_str().unwrap().starts_with("rul_"), "{details}");
    assert_eq!(payload(by("call.settled"))["state"], "completed");
    assert_eq!(payload(by("call.denied"))["path"], "shop.broken");
    assert_eq!(payload(by("member.role_changed")), json!({ "before": "member", "after": "admin" }));
    assert_eq!(payload(by("task.cancelled"))["reason"], "enough");
    let text = serde_json::to_string(&all).unwrap();
    assert!(!text.contains("s3cret") && !text.contains(&key.secret), "no secret is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_in_the_log_before_it_leaves() {
    let engine = TestEngine::new().await;
    engine.add_shop(crate::support::silent_upstream().await).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    engine.allow("shop.*").await;
    let task = engine.run("await tools.shop.items.create({ name: 'lamp' })").await;
    assert_eq!(task.error.unwrap().failure.code, ErrorCode::OutcomeUnknown);
    let all = entries(&engine, AuditQuery::default()).await;
    let told: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(told[4..], ["task.submitted", "call.started", "call.settled", "task.ended"]);
    assert_eq!(payload(&all[6])["state"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_sealed_verified_and_exported() {
    let engine = TestEngine::new().await;
    engine.run("return 1").await;
    engine.executor.seal_once().await.unwrap();
    let organization = organization(&engine).await;
    let found = organization.verify_audit().await.unwrap();
    assert!(found.intact, "{found:?}");
    assert_eq!((found.entries, found.unsealed), (2, 0));

    let lines: Vec<_> = organization.export_audit(0).await.unwrap().collect().await;
    let lines: Vec<Value> =
        lines.into_iter().map(|line| serde_json::to_value(line.unwrap()).unwrap()).collect();
    let actions: Vec<_> = lines.iter().filter_map(|line| line["action"].as_str()).collect();
    assert_eq!(actions, ["organization.created", "task.submitted", "audit.exported"]);
    let head = &lines[3]["head"];
    assert_eq!((&head["number"], &head["link"]), (&json!(3), &lines[2]["link"]));
    assert_eq!(lines[1]["link"], json!(found.head));
    let later: Vec<_> = organization.export_audit(3).await.unwrap().collect().await;
    assert!(matches!(later.as_slice(), [Ok(AuditLine::Entry(_)), Ok(AuditLine::Head { .. })]), "{later:?}");

    // What was sealed stays verifiable for another process with the same key, and for none without.
    engine.executor.shutdown(std::time::Duration::from_secs(1)).await;
    let again = TestEngine::on(Arc::clone(&engine.folder)).await;
    assert!(self::organization(&again).await.verify_audit().await.unwrap().intact);
    std::fs::remove_file(engine.folder.path().join("secret.key")).unwrap();
    let stranger = TestEngine::on(Arc::clone(&engine.folder)).await;
    assert!(!self::organization(&stranger).await.verify_audit().await.unwrap().intact);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sealer_works_by_itself() {
    let engine = TestEngine::new().await;
    engine.run("return 1").await;
    let organization = organization(&engine).await;
    let sealed = async {
        while organization.verify_audit().await.unwrap().entries < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), sealed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_for_those_who_may_see_it() {
    let engine = TestEngine::new().await;
    let owner = engine.executor.local_owner(true).await.unwrap();
    let with = |scopes: &[Scope], workspace| Principal {
        scopes: scopes.iter().copied().collect(),
        workspace,
        ..owner.clone()
    };
    let bound = Some(engine.workspace.id());
    let page = PageRequest::default();
    let enter = async |principal: Principal| engine.executor.organization(&principal).await.unwrap();
    let code = |failure: executor_core::Failure| failure.code;

    let runner = enter(with(&[Scope::Read, Scope::Run], None)).await;
    let listed = runner.audit_entries(&AuditQuery::default(), &page).await;
    assert_eq!(listed.map_err(code).unwrap_err(), ErrorCode::Forbidden);
    for principal in [with(&[Scope::Manage], None), with(&Scope::ALL, bound)] {
        let organization = enter(principal).await;
        assert!(organization.audit_entries(&AuditQuery::default(), &page).await.is_ok());
        assert_eq!(organization.verify_audit().await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(organization.export_audit(0).await.map(|_| ()).unwrap_err().code, ErrorCode::Forbidden);
        let set = organization.set_record_settings(RecordSettings::default()).await;
        assert_eq!(set.unwrap_err().code, ErrorCode::Forbidden);
    }
    engine.run("return 1").await;
    let bound = enter(with(&Scope::ALL, bound)).await;
    let seen = bound.audit_entries(&AuditQuery::default(), &page).await.unwrap().items;
    let seen: Vec<_> = seen.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(seen, ["task.submitted"], "only what its workspace did");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_say_what_they_do_not_know() {
    let engine = TestEngine::new().await;
    engine.run("return 1").await;
    let some = |text: &str| Some(text.to_owned());
    let system = AuditQuery { actor: some("system"), ..AuditQuery::default() };
    assert_eq!(entries(&engine, system).await[0].action, "organization.created");
    let submitted = AuditQuery { action: some("task.submitted"), ..AuditQuery::default() };
    assert_eq!(entries(&engine, submitted).await.len(), 1);
    let stranger = AccountId::from(engine.workspace.id().uuid()).to_string();
    assert!(entries(&engine, AuditQuery { actor: Some(stranger), ..AuditQuery::default() }).await.is_empty());
    let organization = organization(&engine).await;
    for query in [
        AuditQuery { action: some("task.submited"), ..AuditQuery::default() },
        AuditQuery { actor: some("me"), ..AuditQuery::default() },
    ] {
        let refused = organization.audit_entries(&query, &PageRequest::default()).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{query:?}");
    }
    let page = PageRequest { limit: Some(1), ..PageRequest::default() };
    let first = organization.audit_entries(&AuditQuery::default(), &page).await.unwrap();
    assert_eq!(first.items[0].action, "task.submitted");
    let page = PageRequest { cursor: first.next_cursor, ..page };
    let second = organization.audit_entries(&AuditQuery::default(), &page).await.unwrap();
    assert_eq!((second.items[0].action.as_str(), second.next_cursor), ("organization.created", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_waits_for_its_setting_and_for_a_hold() {
    let engine = TestEngine::new().await;
    let task = engine.run("console.log('x'); return 1").await.summary.id;
    engine.executor.seal_once().await.unwrap();
    let organization = organization(&engine).await;
    let events = async || engine.workspace.events(task, EventFilter::default()).await.unwrap().len();
    let before = events().await;
    engine.clock.put_forward(2 * 24 * 60 * 60 * 1_000);

    let forgets = RecordSettings { audit_days: Some(1), journal_days: Some(1), hold: None };
    let held = RecordSettings { hold: Some(Hold { reason: "a dispute".to_owned() }), ..forgets.clone() };
    engine.executor.apply_retention().await.unwrap();
    assert_eq!(events().await, before, "kept where nothing is said");
    organization.set_record_settings(held.clone()).await.unwrap();
    engine.executor.apply_retention().await.unwrap();
    assert_eq!(events().await, before, "a hold stops it");
    organization.set_record_settings(forgets).await.unwrap();
    engine.executor.apply_retention().await.unwrap();
    assert_eq!(events().await, 0);
    assert_eq!(engine.workspace.task(task).await.unwrap().result.unwrap().as_str(), "1");

    let all = entries(&engine, AuditQuery::default()).await;
    let told: Vec<_> = all.iter().map(|entry| (entry.action.as_str(), entry.payload.is_some())).collect();
    let expected = [
        ("organization.created", false),
        ("task.submitted", false),
        ("settings.changed", true),
        ("settings.changed", true),
        ("audit.payloads_removed", true),
        ("journals.removed", true),
    ];
    assert_eq!(told, expected);
    assert_eq!(payload(&all[3])["before"], serde_json::to_value(held).unwrap());
    let found = organization.verify_audit().await.unwrap();
    assert!(found.intact && found.payloads_removed == 2, "{found:?}");
    for wrong in [
        RecordSettings { audit_days: Some(0), ..RecordSettings::default() },
        RecordSettings { hold: Some(Hold { reason: " ".to_owned() }), ..RecordSettings::default() },
    ] {
        let refused = organization.set_record_settings(wrong).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest);
    }
}
