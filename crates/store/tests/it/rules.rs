//! Policy rules and their order.

use std::collections::BTreeSet;

use executor_core::policy::{Effect, Layer, Rule};
use executor_core::{RuleId, Timestamp};
use executor_store::StoredRule;
use futures::future::join_all;

use crate::stage::{Stage, new};
use crate::story::stories;

stories![rules_are_asked_in_order, eight_writers_of_fifty_rules_lose_nothing];

fn rule(stage: &Stage, tools: &str) -> StoredRule {
    StoredRule {
        rule: Rule {
            id: new!(stage, RuleId),
            layer: Layer::Workspace,
            position: 0,
            effect: Effect::RequireApproval,
            tools: tools.parse().unwrap(),
            connection: None,
            caller: Some(stage.tenant.account),
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
