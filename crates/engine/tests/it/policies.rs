//! Policies: what rules do to calls, how they explain themselves, and what they would have done.

use executor_core::policy::Effect;
use executor_core::task::TaskStatus;
use executor_core::{ErrorCode, Json};
use executor_engine::{CallInQuestion, DryRun, Workspace};
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream, submission};

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    engine
        .connect(json!({ "source": "shop", "method": "token", "name": "work", "values": { "token": "t" } }))
        .await;
    (engine, upstream)
}

async fn add(
    workspace: &Workspace,
    rule: Value,
) -> Result<executor_engine::RuleView, executor_core::Failure> {
    workspace.add_rule(serde_json::from_value(rule).unwrap()).await
}

fn create(name: &str) -> String {
    format!("return await tools.shop.items.create({{ name: '{name}' }})")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_sees_the_arguments_the_connection_and_the_caller() {
    let (engine, upstream) = with_shop().await;
    let allowed = json!({
        "tools": "shop.items.*", "effect": "allow", "caller": { "role": "owner" }, "connection": "workspace/work",
        "condition": "args.name.size() < 10 && connection.name == 'work' && 'owner' in caller.roles",
    });
    let denied = json!({ "tools": "shop.items.create", "effect": "deny", "position": 1,
        "condition": "args.name.startsWith('secret')" });
    add(&engine.workspace, allowed).await.unwrap();
    let denied = add(&engine.workspace, denied).await.unwrap();

    assert_eq!(engine.run(&create("lamp")).await.summary.status, TaskStatus::Completed);
    let task = engine.run(&create("secret")).await;
    assert_eq!(task.summary.status, TaskStatus::Denied);
    let failure = task.error.unwrap().failure;
    assert_eq!(failure.code, ErrorCode::PolicyDenied);
    assert!(failure.message.contains(&denied.rule.id.to_string()), "{failure}");
    assert!(failure.message.contains("Its condition holds."), "{failure}");
    let held = engine.run(&create("a very long name")).await;
    assert_eq!(held.summary.status, TaskStatus::Waiting, "no rule matches, and writes ask");
    assert_eq!(upstream.seen().len(), 1);

    // A denial under a condition hides nothing.
    let found =
        engine.run("return (await tools.search('create an item')).items.map((tool) => tool.path)").await;
    assert!(found.result.unwrap().as_str().contains("shop.items.create"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_make_no_sense_are_refused_and_nothing_is_saved() {
    let (engine, _upstream) = with_shop().await;
    let table = [
        (json!({ "condition": "args.name ==" }), ErrorCode::InvalidCondition, "line 1, column 13"),
        (
            json!({ "condition": "arguments.name == 'x'" }),
            ErrorCode::InvalidCondition,
            "`arguments` is not known",
        ),
        (json!({ "approvers": {} }), ErrorCode::InvalidRequest, "requires approval"),
        (json!({ "caller": {} }), ErrorCode::InvalidRequest, "names nobody"),
        (
            json!({ "effect": "require_approval", "approvers": { "roles": [] } }),
            ErrorCode::InvalidRequest,
            "Nobody could approve",
        ),
    ];
    for (members, code, said) in table {
        let mut rule = json!({ "tools": "shop.*", "effect": "deny" });
        for (name, value) in members.as_object().unwrap() {
            rule[name] = value.clone();
        }
        let failure = add(&engine.workspace, rule).await.unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(said), "{failure}");
    }
    assert!(engine.workspace.rules().await.unwrap().is_empty());
    let nothing = add(&engine.workspace, json!({ "tools": "nothing.*", "effect": "deny" })).await.unwrap();
    assert!(nothing.warning.unwrap().contains("matches no tool"));
    let home = json!({ "tools": "shop.*", "effect": "deny", "connection": "workspace/home" });
    assert!(add(&engine.workspace, home).await.unwrap().warning.unwrap().contains("workspace/home"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_rules_does_not_learn_of_a_hidden_tool() {
    let (engine, upstream) = with_shop().await;
    let owner = engine.executor.local_owner(true).await.unwrap();
    let organization = engine.executor.organization(&owner).await.unwrap();
    let wanted = json!({ "name": "runner", "scopes": ["run"] });
    let key = organization.create_key(serde_json::from_value(wanted).unwrap()).await.unwrap();
    let runner = engine.executor.authenticate(&key.secret).await.unwrap();
    let runner = engine.executor.enter(&runner, "default").await.unwrap();
    add(&engine.workspace, json!({ "tools": "shop.items.get", "effect": "deny" })).await.unwrap();
    let hint =
        "try { await tools.shop.items.get({ id: 1 }) } catch (error) { return [error.code, error.message] }";

    let seen = engine.run(hint).await.result.unwrap();
    assert!(seen.as_str().contains("policy_denied") && seen.as_str().contains("rul_"), "{seen:?}");
    for call in [hint.to_owned(), hint.replace("id: 1", "id: 'not a number'")] {
        let task = runner.submit(submission(&call)).await.unwrap();
        let unseen = engine.workspace.task(task.summary.id).await.unwrap().result.unwrap();
        assert!(
            unseen.as_str().contains("tool_not_found") && !unseen.as_str().contains("rul_"),
            "{unseen:?}"
        );
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_every_rule_and_what_its_condition_gave() {
    let (engine, _upstream) = with_shop().await;
    let rules = [
        json!({ "tools": "shop.items.c*", "effect": "allow", "condition": "args.name == 'lamp'" }),
        json!({ "tools": "shop.items.create", "effect": "require_approval",
            "approvers": { "roles": ["member"], "count": 2 } }),
        json!({ "tools": "shop.items.get", "effect": "deny" }),
        json!({ "tools": "*", "effect": "deny", "layer": "account", "condition": "args.other > 1" }),
    ];
    let mut ids = Vec::new();
    for rule in rules {
        ids.push(add(&engine.workspace, rule).await.unwrap().rule.id);
    }
    let explain = async |path: &str, arguments: Option<Value>| {
        let arguments = arguments.map(|value| Json::from(&value));
        let call = CallInQuestion { path: path.to_owned(), connection: None, arguments };
        engine.workspace.explain(&call).await.unwrap()
    };
    let lamp = explain("shop.items.Create", Some(json!({ "name": "lamp" }))).await;
    assert_eq!(lamp.decision.effect, Effect::Deny);
    assert!(lamp.decision.decided_by.reason.contains("`other`"), "{}", lamp.decision.decided_by.reason);
    assert_eq!(
        lamp.decision.voices.iter().map(|voice| voice.rule).collect::<Vec<_>>(),
        [None, Some(ids[0]), Some(ids[3])]
    );
    let told: Vec<_> =
        lamp.rules.iter().map(|rule| (rule.rule.id, rule.matches, rule.condition_value)).collect();
    assert_eq!(told, [(ids[0], true, Some(true)), (ids[1], true, None), (ids[3], true, None)]);
    assert!(lamp.rules[1].reason.contains("A rule before it"), "{}", lamp.rules[1].reason);
    assert!(lamp.connection.is_some());

    let chair = explain("shop.items.create", Some(json!({ "name": "chair", "other": 1 }))).await;
    assert_eq!(chair.decision.effect, Effect::RequireApproval);
    assert_eq!((chair.decision.approvers.len(), chair.decision.approvers[0].count), (1, 2));
    assert_eq!(chair.rules[0].condition_value, Some(false));
    let unknown = explain("shop.items.create", None).await;
    assert_eq!((unknown.decision.effect, unknown.hidden), (Effect::RequireApproval, false));
    assert!(unknown.rules[0].reason.contains("needs the arguments"));
    assert!(explain("shop.items.get", None).await.hidden);

    let moved =
        engine.workspace.move_rule(ids[1], serde_json::from_value(json!({ "to": "first" })).unwrap()).await;
    assert!(moved.unwrap().rule.position < 100);
    let lamp = explain("shop.items.create", Some(json!({ "name": "lamp", "other": 1 }))).await;
    assert_eq!(lamp.decision.decided_by.rule, Some(ids[1]), "the order has changed");
    for bad in [
        json!({}),
        json!({ "to": "last", "position": 1 }),
        json!({ "before": ids[3] }),
        json!({ "after": ids[0] }),
    ] {
        let refused = engine.workspace.move_rule(ids[0], serde_json::from_value(bad).unwrap()).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_rules_would_have_done_and_changes_nothing() {
    let (engine, _upstream) = with_shop().await;
    let allow =
        add(&engine.workspace, json!({ "tools": "shop.items.create", "effect": "allow" })).await.unwrap();
    for name in ["lamp", "chair", "table"] {
        engine.run(&create(name)).await;
    }
    engine.run("return await Promise.all([1, 2].map((id) => tools.shop.items.get({ id })))").await;
    engine.run("return await tools.shop.items.get({ id: 'bad' })").await;

    let try_out = async |rules: Value| {
        let rules: DryRun = serde_json::from_value(rules).unwrap();
        engine.workspace.dry_run(rules).await
    };
    let counts = |report: &executor_engine::DryRunReport| {
        let mut counts: Vec<_> =
            report.outcomes.iter().map(|outcome| (outcome.recorded, outcome.now, outcome.calls)).collect();
        counts.sort_by_key(|(recorded, now, _)| (*recorded, *now));
        counts
    };
    let same = try_out(json!({})).await.unwrap();
    assert_eq!((same.calls, same.unchanged), (5, 5), "with unchanged rules it gives the recorded decisions");
    assert_eq!(counts(&same), [(Effect::Allow, Effect::Allow, 5)]);

    let stricter = json!({ "add": [{ "tools": "shop.*", "effect": "deny", "layer": "organization",
        "condition": "has(args.name) && args.name != 'lamp' || has(args.id) && args.id == 2" }] });
    let report = try_out(stricter).await.unwrap();
    assert_eq!(counts(&report), [(Effect::Allow, Effect::Allow, 2), (Effect::Allow, Effect::Deny, 3)]);
    let denied = report.outcomes.iter().find(|outcome| outcome.now == Effect::Deny).unwrap();
    assert_eq!(denied.examples.len(), 3);
    assert!(denied.examples[0].reason.contains("Its condition holds"), "the latest is first");
    assert_eq!(denied.examples[0].path.as_str(), "shop.items.get");

    let without = try_out(json!({ "remove": [allow.rule.id], "limit": 4 })).await.unwrap();
    assert_eq!(without.calls, 4);
    assert_eq!(
        counts(&without),
        [(Effect::Allow, Effect::Allow, 2), (Effect::Allow, Effect::RequireApproval, 2)]
    );
    let unreadable = try_out(json!({ "add": [{ "tools": "*", "effect": "deny", "condition": "(" }] })).await;
    assert_eq!(unreadable.unwrap_err().code, ErrorCode::InvalidCondition);
    assert_eq!(engine.workspace.rules().await.unwrap().len(), 1);
}
