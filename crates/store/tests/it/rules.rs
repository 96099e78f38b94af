//! Policy rules and their order.

use std::collections::BTreeSet;

use executor_core::approval::ApproverCondition;
use executor_core::policy::{CallerMatch, Condition, Effect, Layer, Rule};
use executor_core::{RuleId, Timestamp};
use executor_store::{Error, Place, StoredRule};
use futures::future::join_all;

use crate::stage::{Stage, new};
use crate::story::stories;

stories![rules_are_asked_in_order, a_rule_is_moved, eight_writers_of_fifty_rules_lose_nothing];

fn rule(stage: &Stage, tools: &str) -> StoredRule {
    StoredRule {
        rule: Rule {
            id: new!(stage, RuleId),
            layer: Layer::Workspace,
            position: 0,
            effect: Effect::RequireApproval,
            tools: tools.parse().unwrap(),
            connection: Some("workspace/work".parse().unwrap()),
            caller: Some(CallerMatch { account: Some(stage.tenant.account), ..CallerMatch::default() }),
            condition: Some(Condition::parse("args.amount > 5").unwrap()),
            approvers: Some(ApproverCondition { count: 2, ..ApproverCondition::default() }),
        },
        workspace: Some(stage.tenant.workspace),
        account: None,
        created_by: stage.tenant.account,
        created_at: Timestamp::from_millis(7),
    }
}

async fn rules_are_asked_in_order(stage: Stage) {
    let organization = stage.tenant.organization;
    let mut expected = Vec::new();
    for (tools, position) in [("a.*", None), ("b.*", None), ("c.*", Some(1))] {
        let mut rule = rule(&stage, tools);
        rule.rule.position =
            stage.store.add_rule(organization, rule.clone(), position, stage.note()).await.unwrap();
        expected.push(rule);
    }
    expected.rotate_right(1);
    assert_eq!(stage.store.rules(organization, stage.tenant.workspace).await.unwrap(), expected);
    stage.store.remove_rule(organization, expected[0].rule.id, stage.note()).await.unwrap();
    assert_eq!(stage.store.rules(organization, stage.tenant.workspace).await.unwrap(), expected[1..]);
}

async fn a_rule_is_moved(stage: Stage) {
    let organization = stage.tenant.organization;
    let mut ids = Vec::new();
    for tools in ["a.*", "b.*", "c.*", "d.*"] {
        let rule = rule(&stage, tools);
        ids.push(rule.rule.id);
        stage.store.add_rule(organization, rule, None, stage.note()).await.unwrap();
    }
    let order = async || {
        let rules = stage.store.rules(organization, stage.tenant.workspace).await.unwrap();
        rules.into_iter().map(|stored| stored.rule.tools.to_string()[..1].to_owned()).collect::<String>()
    };
    let table = [
        (3, Place::First, "dabc"),
        (0, Place::Last, "dbca"),
        (0, Place::Before(ids[1]), "dabc"),
        (2, Place::After(ids[0]), "dacb"),
        (1, Place::Position(-1_000), "bdac"),
        (1, Place::Before(ids[1]), "bdac"),
    ];
    for (index, place, expected) in table {
        let moved = stage.store.move_rule(organization, ids[index], place, stage.note()).await;
        match place {
            Place::Before(id) if id == ids[index] => assert_eq!(moved, Err(Error::NotFound("rule"))),
            _ => assert_eq!(moved.map(|_| ()), Ok(())),
        }
        assert_eq!(order().await, expected, "{place:?}");
    }
    // There is room for some between two; then all are spread again.
    for round in 0..20 {
        let (moved, before) = if round % 2 == 0 { (2, 0) } else { (0, 2) };
        stage
            .store
            .move_rule(organization, ids[moved], Place::Before(ids[before]), stage.note())
            .await
            .unwrap();
        let expected = if round % 2 == 0 { "ca" } else { "ac" };
        assert_eq!(order().await, format!("bd{expected}"), "{round}");
    }
    let other = stage.another_tenant().await.organization;
    assert_eq!(
        stage.store.move_rule(other, ids[0], Place::First, stage.note()).await,
        Err(Error::NotFound("rule"))
    );
}

/// Each takes the place after the last one that it sees, so that two that see the same would share it.
async fn eight_writers_of_fifty_rules_lose_nothing(stage: Stage) {
    let writers = (0..8).map(|writer| {
        let stage = stage.clone();
        tokio::spawn(async move {
            for n in 0..50 {
                let rule = rule(&stage, &format!("source{writer}.tool{n}"));
                stage.store.add_rule(stage.tenant.organization, rule, None, stage.note()).await.unwrap();
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|ended| ended.unwrap());
    let rules = stage.store.rules(stage.tenant.organization, stage.tenant.workspace).await.unwrap();
    assert_eq!(rules.len(), 400);
    assert_eq!(rules.iter().map(|stored| stored.rule.position).collect::<BTreeSet<_>>().len(), 400);
}
