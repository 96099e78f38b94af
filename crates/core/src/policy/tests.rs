//! The rules as documented, and against a reference that is too simple to be wrong.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Effect::{Allow, Deny, RequireApproval};
use super::Layer::{Account, Organization, Workspace};
use super::*;
use crate::access::{Principal, Role};
use crate::approval::ApproverCondition;
use crate::error::ErrorCode;
use crate::id::{AccountId, ConnectionId};
use crate::path::ToolPath;
use crate::tool::SideEffect;

fn account(number: u128) -> AccountId {
    Uuid::from_u128(number).into()
}

fn principal(role: Role) -> Principal {
    Principal {
        account: account(1),
        organization: Uuid::nil().into(),
        workspace: None,
        roles: [role].into(),
        groups: ["ops".to_owned()].into(),
        scopes: Default::default(),
        key: None,
        client: Some("cli".to_owned()),
        toolkit: None,
    }
}

fn rule(number: u128, layer: Layer, effect: Effect, tools: &str) -> Rule {
    Rule {
        id: Uuid::from_u128(number).into(),
        layer,
        position: i64::try_from(number).unwrap(),
        effect,
        tools: tools.parse().unwrap(),
        connection: None,
        caller: None,
        condition: None,
        approvers: None,
    }
}

fn set(rules: &[Rule]) -> RuleSet {
    RuleSet::new(rules.iter().map(|rule| (rule.clone(), (rule.layer == Account).then(|| account(1)))))
}

/// A call over the workspace's connection `work`.
#[derive(Debug)]
struct Call {
    path: ToolPath,
    side_effect: SideEffect,
    caller: Principal,
    arguments: Option<Value>,
    review: Option<&'static str>,
}

impl Call {
    fn new(side_effect: SideEffect) -> Self {
        let path = "github.issues.create".parse().unwrap();
        Self {
            path,
            side_effect,
            caller: principal(Role::Member),
            arguments: Some(json!({ "amount": 50 })),
            review: None,
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            path: &self.path,
            side_effect: self.side_effect,
            connection: Some(BoundConnection {
                id: Uuid::from_u128(9).into(),
                owner: Workspace,
                name: "work",
            }),
            caller: &self.caller,
            arguments: self.arguments.as_ref(),
            review: self.review,
        }
    }

    fn judge(&self, rules: &[Rule]) -> Decision {
        set(rules).decide(&self.subject())
    }
}

#[test]
fn layers_decide_as_documented() {
    type Rules<'a> = &'a [(Layer, Effect, &'a str)];
    let table: &[(&str, Rules<'_>, SideEffect, Effect)] = &[
        ("reads are allowed", &[], SideEffect::None, Allow),
        ("writes ask", &[], SideEffect::Write, RequireApproval),
        ("idempotent writes ask too", &[], SideEffect::Idempotent, RequireApproval),
        ("a workspace may loosen", &[(Workspace, Allow, "github.*")], SideEffect::Write, Allow),
        ("an account may not", &[(Account, Allow, "github.*")], SideEffect::Write, RequireApproval),
        ("an account may tighten", &[(Account, Deny, "*")], SideEffect::None, Deny),
        (
            "the first rule of a layer decides",
            &[(Workspace, Allow, "github.issues.*"), (Workspace, Deny, "*")],
            SideEffect::Write,
            Allow,
        ),
        (
            "also where the wider one is first",
            &[(Workspace, Deny, "*"), (Workspace, Allow, "github.issues.*")],
            SideEffect::Write,
            Deny,
        ),
        (
            "a denial of the organization wins",
            &[(Organization, Deny, "github.*"), (Workspace, Allow, "*")],
            SideEffect::Write,
            Deny,
        ),
        (
            "a denial of the workspace wins",
            &[(Organization, Allow, "*"), (Workspace, Deny, "*.issues.*")],
            SideEffect::None,
            Deny,
        ),
        (
            "a rule about something else is not heard",
            &[(Organization, Deny, "gitlab.*")],
            SideEffect::None,
            Allow,
        ),
    ];
    for (name, rules, side_effect, expected) in table {
        let rules: Vec<_> = rules
            .iter()
            .enumerate()
            .map(|(n, (layer, effect, tools))| rule(n as u128, *layer, *effect, tools))
            .collect();
        assert_eq!(Call::new(*side_effect).judge(&rules).effect, *expected, "{name}");
    }
}

#[test]
fn one_alone_in_an_organization_may_loosen_the_default_and_nothing_else() {
    let call = Call::new(SideEffect::Write);
    let own = rule(1, Account, Allow, "*");
    let judge = |rules: &[Rule]| set(rules).with_loosening_account_rules(true).decide(&call.subject()).effect;
    assert_eq!(judge(std::slice::from_ref(&own)), Allow);
    assert_eq!(judge(&[]), RequireApproval);
    assert_eq!(judge(&[own.clone(), rule(2, Workspace, RequireApproval, "*")]), RequireApproval);
    assert_eq!(judge(&[own, rule(2, Organization, Deny, "*")]), Deny);
}

#[test]
fn rules_are_about_callers_connections_and_arguments() {
    let base = rule(1, Workspace, Deny, "*");
    let caller = |caller| Rule { caller: Some(caller), ..base.clone() };
    let connection = |text: &str| Rule { connection: Some(text.parse().unwrap()), ..base.clone() };
    let condition = |text| Rule { condition: Some(Condition::parse(text).unwrap()), ..base.clone() };
    let any = CallerMatch::default;
    let table = [
        ("account", caller(CallerMatch { account: Some(account(1)), ..any() }), true),
        ("another account", caller(CallerMatch { account: Some(account(2)), ..any() }), false),
        ("role", caller(CallerMatch { role: Some(Role::Member), ..any() }), true),
        ("another role", caller(CallerMatch { role: Some(Role::Owner), ..any() }), false),
        ("group", caller(CallerMatch { group: Some("ops".into()), ..any() }), true),
        ("client", caller(CallerMatch { client: Some("cli".into()), ..any() }), true),
        ("another client", caller(CallerMatch { client: Some("web".into()), ..any() }), false),
        ("no toolkit", caller(CallerMatch { toolkit: Some("x".into()), ..any() }), false),
        (
            "all that is named has to fit",
            caller(CallerMatch { role: Some(Role::Member), client: Some("web".into()), ..any() }),
            false,
        ),
        ("connection by id", connection(&ConnectionId::from(Uuid::from_u128(9)).to_string()), true),
        ("connection by name", connection("workspace/work"), true),
        ("another owner's", connection("organization/work"), false),
        ("another name", connection("workspace/home"), false),
        ("condition", condition("args.amount < 100 && connection.name == 'work'"), true),
        ("another amount", condition("args.amount > 100"), false),
        ("caller in a condition", condition("'member' in caller.roles && tool.source == 'github'"), true),
    ];
    let call = Call::new(SideEffect::None);
    for (name, rule, matches) in table {
        let expected = if matches { Deny } else { Allow };
        assert_eq!(call.judge(std::slice::from_ref(&rule)).effect, expected, "{name}");
        let considered = set(std::slice::from_ref(&rule)).consider(&call.subject());
        assert_eq!(considered[0].matches, matches, "{name}");
        assert!(!set(std::slice::from_ref(&rule)).hides(&call.subject()) || rule.caller.is_some(), "{name}");
    }
    for bad in ["work", "team/work", "workspace/", ""] {
        assert!(bad.parse::<ConnectionMatch>().is_err(), "{bad}");
    }
}

#[test]
fn a_condition_that_fails_counts_against_the_call() {
    let failing = |effect| Rule {
        condition: Some(Condition::parse("args.missing > 1").unwrap()),
        ..rule(1, Workspace, effect, "*")
    };
    let call = Call::new(SideEffect::Write);
    assert_eq!(call.judge(&[failing(Allow)]).effect, RequireApproval, "an allow rule does not match");
    let denied = call.judge(&[failing(Deny)]);
    assert_eq!(denied.effect, Deny);
    assert!(denied.decided_by.reason.contains("cannot be evaluated"), "{}", denied.decided_by.reason);
    assert!(denied.decided_by.reason.contains("`missing`"), "{}", denied.decided_by.reason);
    assert_eq!(Call::new(SideEffect::None).judge(&[failing(RequireApproval)]).effect, RequireApproval);
}

#[test]
fn only_what_is_denied_in_every_case_is_hidden() {
    let when = |text, rule| Rule { condition: Some(Condition::parse(text).unwrap()), ..rule };
    let over = |rule| Rule { connection: Some("workspace/work".parse().unwrap()), ..rule };
    let table = [
        ("an unconditional denial", vec![rule(1, Workspace, Deny, "github.*")], true),
        ("under a condition", vec![when("true", rule(1, Workspace, Deny, "*"))], false),
        ("over one connection", vec![over(rule(1, Workspace, Deny, "*"))], false),
        (
            "a condition allows something first",
            vec![when("false", rule(1, Workspace, Allow, "*")), rule(2, Workspace, Deny, "*")],
            false,
        ),
        (
            "narrower denials first",
            vec![when("false", rule(1, Workspace, Deny, "*")), rule(2, Workspace, Deny, "*")],
            true,
        ),
        (
            "another layer denies",
            vec![rule(1, Workspace, Allow, "*"), rule(2, Organization, Deny, "*")],
            true,
        ),
        ("one's own rule", vec![rule(1, Account, Deny, "*")], true),
    ];
    let call = Call::new(SideEffect::None);
    for (name, rules, hidden) in table {
        assert_eq!(set(&rules).hides(&call.subject()), hidden, "{name}");
    }
}

#[test]
fn the_decision_names_the_rule_that_made_it_and_all_who_have_to_approve() {
    let two = ApproverCondition { count: 2, ..ApproverCondition::default() };
    let asking = |number, layer, approvers| Rule { approvers, ..rule(number, layer, RequireApproval, "*") };
    let call = Call::new(SideEffect::Write);
    let decision = call.judge(&[rule(1, Organization, Allow, "*"), rule(2, Account, Deny, "github.*")]);
    assert_eq!(decision.decided_by.rule, Some(Uuid::from_u128(2).into()));
    assert_eq!((decision.voices.len(), decision.approvers.len()), (3, 0));

    assert_eq!(call.judge(&[]).approvers, [ApproverCondition::default()]);
    let both = call.judge(&[asking(1, Organization, Some(two.clone())), asking(2, Workspace, None)]);
    assert_eq!(both.decided_by.layer, Some(Organization));
    assert_eq!(both.approvers, [two.clone(), ApproverCondition::default()]);
    let same =
        call.judge(&[asking(1, Organization, Some(two.clone())), asking(2, Account, Some(two.clone()))]);
    assert_eq!(same.approvers, std::slice::from_ref(&two));
    let loosened = call.judge(&[rule(1, Organization, Allow, "*"), asking(2, Account, Some(two.clone()))]);
    assert_eq!(loosened.approvers, [two]);
}

#[test]
fn a_rule_whose_parts_do_not_go_together_is_refused() {
    let with = |effect, approvers| Rule { approvers: Some(approvers), ..rule(1, Workspace, effect, "*") };
    let default = ApproverCondition::default;
    assert!(with(RequireApproval, default()).check().is_ok());
    let bad = [
        with(Allow, default()),
        with(Deny, default()),
        with(RequireApproval, ApproverCondition { roles: Default::default(), ..default() }),
        with(RequireApproval, ApproverCondition { count: 0, ..default() }),
        with(RequireApproval, ApproverCondition { count: 101, ..default() }),
        Rule { caller: Some(CallerMatch::default()), ..rule(1, Workspace, Deny, "*") },
    ];
    for rule in bad {
        assert_eq!(rule.check().unwrap_err().code, ErrorCode::InvalidRequest, "{rule:?}");
    }
}

/// Conditions and what they are for an amount, said independently; `None` is a failure.
type Told = (&'static str, fn(f64) -> Option<bool>);
const CONDITIONS: [Told; 6] = [
    ("args.amount > 50", |amount| Some(amount > 50.0)),
    ("args.amount <= 50", |amount| Some(amount <= 50.0)),
    ("args.amount % 2 == 0", |amount| Some(amount % 2.0 == 0.0)),
    ("args.missing == 1", |_| None),
    ("args.missing == 1 || args.amount > 20", |amount| (amount > 20.0).then_some(true)),
    ("'member' in caller.roles && tool.path == 'github.issues.create'", |_| Some(true)),
];

fn any_rule() -> impl Strategy<Value = Rule> {
    let patterns = prop::sample::select(vec![
        "*",
        "github.*",
        "github.issues.create",
        "Git_Hub.is*.*",
        "gitlab.*",
        "*.issues.*",
    ]);
    let approvers = prop::sample::select(vec![1, 2, 3])
        .prop_map(|count| ApproverCondition { count, ..Default::default() });
    let caller = prop::sample::select(vec![
        CallerMatch { account: Some(account(1)), ..Default::default() },
        CallerMatch { role: Some(Role::Owner), ..Default::default() },
        CallerMatch { client: Some("cli".into()), role: Some(Role::Member), ..Default::default() },
    ]);
    let connection = prop::sample::select(vec!["workspace/work", "account/work"]);
    (
        (0..60u128, -3..4i64),
        prop::sample::select(Layer::ALL.to_vec()),
        prop::sample::select(Effect::ALL.to_vec()),
        patterns,
        prop::option::weighted(0.4, prop::sample::select(CONDITIONS.to_vec())),
        (
            prop::option::weighted(0.3, caller),
            prop::option::weighted(0.2, connection),
            prop::option::of(approvers),
        ),
    )
        .prop_map(
            |((number, position), layer, effect, tools, condition, (caller, connection, approvers))| Rule {
                position,
                condition: condition.map(|(text, _)| Condition::parse(text).unwrap()),
                caller,
                connection: connection.map(|text| text.parse().unwrap()),
                approvers: approvers.filter(|_| effect == RequireApproval),
                ..rule(number, layer, effect, tools)
            },
        )
}

/// The rules said once more, as plainly as can be: what happens, and who has to approve.
fn reference(rules: &[Rule], side_effect: SideEffect, amount: f64) -> (Effect, Vec<ApproverCondition>) {
    let matches = |rule: &Rule| {
        let tools = !rule.tools.as_str().starts_with("gitlab");
        let caller = rule.caller.as_ref().is_none_or(|caller| caller.role != Some(Role::Owner));
        let connection = rule.connection.as_ref().is_none_or(|wanted| wanted.to_string() == "workspace/work");
        let holds = match &rule.condition {
            None => true,
            Some(condition) => {
                let (_, told) = CONDITIONS.iter().find(|(text, _)| *text == condition.as_str()).unwrap();
                told(amount).unwrap_or(rule.effect != Allow)
            }
        };
        tools && caller && connection && holds
    };
    let first = |layer| {
        let mut of_layer: Vec<_> = rules.iter().filter(|rule| rule.layer == layer && matches(rule)).collect();
        of_layer.sort_by_key(|rule| (rule.position, rule.id));
        of_layer.first().map(|rule| (rule.effect, rule.approvers.clone().unwrap_or_default()))
    };
    let default = if side_effect == SideEffect::None { Allow } else { RequireApproval };
    let mut voices: Vec<_> = [first(Organization), first(Workspace)].into_iter().flatten().collect();
    if voices.is_empty() {
        voices.push((default, ApproverCondition::default()));
    }
    voices.extend(first(Account));
    let effect = voices.iter().map(|(effect, _)| *effect).max().unwrap();
    let mut approvers = Vec::new();
    for (_, approver) in voices.into_iter().filter(|(said, _)| effect == RequireApproval && *said == effect) {
        if !approvers.contains(&approver) {
            approvers.push(approver);
        }
    }
    (effect, approvers)
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec(any_rule(), 0..14).prop_map(|mut rules| {
        rules.sort_by_key(|rule| rule.id);
        rules.dedup_by_key(|rule| rule.id);
        rules
    })
}

fn any_call() -> impl Strategy<Value = (Call, f64)> {
    let side_effects =
        prop::sample::select(vec![SideEffect::None, SideEffect::Idempotent, SideEffect::Write]);
    (side_effects, 0..100u32).prop_map(|(side_effect, amount)| {
        let arguments = Some(json!({ "amount": amount }));
        (Call { arguments, ..Call::new(side_effect) }, f64::from(amount))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn decisions_are_those_of_the_reference(rules in any_rules(), (call, amount) in any_call()) {
        let decision = call.judge(&rules);
        let expected = reference(&rules, call.side_effect, amount);
        prop_assert_eq!((decision.effect, decision.approvers), expected);
        prop_assert_eq!(decision.decided_by.effect, decision.effect);
        let considered = set(&rules).consider(&call.subject());
        for voice in decision.voices.iter().filter(|voice| voice.rule.is_some()) {
            prop_assert!(considered.iter().any(|one| Some(one.rule.id) == voice.rule && one.matches));
        }
    }

    #[test]
    fn a_layer_more_never_loses_a_denial_and_an_account_only_tightens(rules in any_rules(), (call, _) in any_call()) {
        let without = |layer| rules.iter().filter(|rule| rule.layer != layer).cloned().collect::<Vec<_>>();
        let all = call.judge(&rules).effect;
        prop_assert!(all >= call.judge(&without(Account)).effect);
        for layer in Layer::ALL {
            let fewer = call.judge(&without(layer)).effect;
            prop_assert!(fewer != Deny || all == Deny);
        }
    }

    #[test]
    fn what_is_hidden_is_denied_in_every_case(rules in any_rules(), (call, _) in any_call()) {
        if set(&rules).hides(&call.subject()) {
            prop_assert_eq!(call.judge(&rules).effect, Deny);
            let other = Subject { connection: None, arguments: None, ..call.subject() };
            prop_assert_eq!(set(&rules).decide(&other).effect, Deny);
        }
    }

    #[test]
    fn the_review_only_narrows_and_no_rule_loosens_it(rules in any_rules(), (call, _) in any_call(), alone: bool) {
        let reviewed = Call { review: Some("It was changed."), arguments: call.arguments.clone(), ..Call::new(call.side_effect) };
        let rules = set(&rules).with_loosening_account_rules(alone);
        let (without, with) = (rules.decide(&call.subject()), rules.decide(&reviewed.subject()));
        prop_assert_eq!(with.effect, without.effect.max(RequireApproval));
        prop_assert!(with.voices.iter().any(|voice| voice.review && voice.reason == "It was changed."));
        if with.effect == RequireApproval {
            prop_assert!(without.approvers.iter().all(|wanted| with.approvers.contains(wanted)));
            prop_assert!(with.approvers.contains(&ApproverCondition::default()));
        }
        prop_assert!(with.decided_by.review == (without.effect == Allow));
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(rules in any_rules(), (call, _) in any_call()) {
        let reversed: Vec<_> = rules.iter().rev().cloned().collect();
        prop_assert_eq!(call.judge(&rules), call.judge(&reversed));
    }
}
