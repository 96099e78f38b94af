//! Conditions of rules: read, and asked about a call.

use executor_core::policy::{Condition, Effect, Layer, Rule, RuleSet, Subject};
use executor_core::tool::SideEffect;
use executor_core::{Principal, ToolPattern};
use serde_json::json;

use crate::Target;
use crate::nested::LEVELS;

pub(super) const TARGET: Target = Target { name: "condition", run, deep };

fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(condition) = Condition::parse(text) else { return };
    let rule = Rule {
        id: uuid::Uuid::nil().into(),
        layer: Layer::Workspace,
        position: 0,
        effect: Effect::Deny,
        tools: ToolPattern::everything(),
        connection: None,
        caller: None,
        condition: Some(condition),
        approvers: None,
    };
    let caller = Principal {
        account: uuid::Uuid::nil().into(),
        organization: uuid::Uuid::nil().into(),
        workspace: None,
        roles: Default::default(),
        groups: Default::default(),
        scopes: Default::default(),
        key: None,
        client: None,
        toolkit: None,
    };
    let arguments = json!({ "a": [1, "x", null, { "b": true }], "b": 2.5, "c": "text" });
    let path = "a.b".parse().expect("a path");
    let subject = Subject {
        path: &path,
        side_effect: SideEffect::None,
        connection: None,
        caller: &caller,
        arguments: Some(&arguments),
        review: None,
    };
    let decision = RuleSet::new([(rule, None)]).decide(&subject);
    assert_ne!(decision.effect, Effect::RequireApproval, "a read is allowed or the rule denies it");
}

fn deep() -> Vec<Vec<u8>> {
    ["(", "[", "{1:", "!", "-", "args[", "size(", "true?", "1+(", "[1].map(x,"]
        .map(|open| open.repeat(LEVELS).into_bytes())
        .into()
}
