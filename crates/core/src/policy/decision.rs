//! What the rules decide about a call.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::condition::Facts;
use super::{Effect, Layer, Rule, RuleSet, Subject};
use crate::approval::ApproverCondition;
use crate::id::RuleId;
use crate::tool::SideEffect;

/// What was decided about a call, and every voice that was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What happens to the call.
    pub effect: Effect,
    /// The voice that decided.
    pub decided_by: Voice,
    /// All voices, the default first, then by layer, and the review last.
    pub voices: Vec<Voice>,
    /// Who may approve: each of these has to be met. Empty unless a person decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<ApproverCondition>,
}

/// One layer's say about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Voice {
    /// The layer; none is the tool's default, or the review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// Whether it is the review of a refreshed source that speaks, which no rule loosens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub review: bool,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// What it says.
    pub effect: Effect,
    /// A sentence for people.
    pub reason: String,
}

/// A rule that is about the tool, and whether it is about the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Considered {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// Whether it matches the call.
    pub matches: bool,
    /// What its condition gave, if it could be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition_value: Option<bool>,
    /// Why it matches or does not, as a sentence.
    pub reason: String,
}

/// Whether a rule is about a call.
enum Fit {
    No(Misfit),
    Yes,
    /// Its condition holds.
    Holds,
    /// Its condition cannot be evaluated, and that counts against the call.
    Failed(String),
}

enum Misfit {
    Connection,
    Caller,
    Condition,
    Unknown,
    Failed(String),
}

impl RuleSet {
    /// Decides about a call.
    pub fn decide(&self, call: &Subject<'_>) -> Decision {
        let path = call.path.folded();
        let facts = LazyFacts::new(call);
        let heard = |layer| {
            self.about(layer, call.caller.account, &path).find_map(|rule| match fit(rule, call, &facts) {
                Fit::No(_) => None,
                fit => Some((Voice::of(rule, &fit), rule.approvers.clone().unwrap_or_default())),
            })
        };
        let default = (default_voice(call.side_effect), ApproverCondition::default());
        let [organization, workspace, account] = Layer::ALL.map(heard);
        let review = call.review.map(|reason| (review_voice(reason), ApproverCondition::default()));
        let voices: Vec<Voice> = std::iter::once(&default)
            .chain([&organization, &workspace, &account, &review].into_iter().flatten())
            .map(|(voice, _)| voice.clone())
            .collect();

        let mut in_force: Vec<_> = organization.into_iter().chain(workspace).collect();
        if in_force.is_empty() && !(self.account_rules_loosen() && account.is_some()) {
            in_force.push(default.clone());
        }
        in_force.extend(account);
        in_force.extend(review);
        let effect = in_force.iter().map(|(voice, _)| voice.effect).max().unwrap_or(default.0.effect);
        // Among equals the broader layer is named: it is the one that has to change for another outcome.
        let decided_by = in_force.iter().find(|(voice, _)| voice.effect == effect);
        let decided_by = decided_by.map_or(default.0, |(voice, _)| voice.clone());
        let mut approvers = Vec::new();
        for (_, condition) in in_force.into_iter().filter(|(voice, _)| voice.effect == effect) {
            if effect == Effect::RequireApproval && !approvers.contains(&condition) {
                approvers.push(condition);
            }
        }
        Decision { effect, decided_by, voices, approvers }
    }

    /// Whether every call of the tool by this caller is denied, whatever its arguments and connection.
    pub fn hides(&self, call: &Subject<'_>) -> bool {
        let path = call.path.folded();
        Layer::ALL.into_iter().any(|layer| {
            for rule in self.about(layer, call.caller.account, &path) {
                if !rule.admits_caller(call.caller) {
                    continue;
                }
                if rule.effect != Effect::Deny {
                    return false;
                }
                if rule.condition.is_none() && rule.connection.is_none() {
                    return true;
                }
            }
            false
        })
    }

    /// Every rule that is about the tool, in the order in which they are asked, and what came of it.
    pub fn consider(&self, call: &Subject<'_>) -> Vec<Considered> {
        let path = call.path.folded();
        let facts = LazyFacts::new(call);
        let mut considered = Vec::new();
        for layer in Layer::ALL {
            let mut decided = false;
            for rule in self.about(layer, call.caller.account, &path) {
                let fit = fit(rule, call, &facts);
                let matches = !matches!(fit, Fit::No(_));
                let condition_value = match fit {
                    Fit::Holds => Some(true),
                    Fit::No(Misfit::Condition) => Some(false),
                    _ => None,
                };
                let mut reason = fit.to_string();
                if matches && decided {
                    reason.push_str(" A rule before it has decided.");
                }
                decided |= matches;
                considered.push(Considered { rule: rule.clone(), matches, condition_value, reason });
            }
        }
        considered
    }
}

fn fit(rule: &Rule, call: &Subject<'_>, facts: &LazyFacts<'_>) -> Fit {
    if !rule.admits_caller(call.caller) {
        return Fit::No(Misfit::Caller);
    }
    if !rule.admits_connection(call.connection.as_ref()) {
        return Fit::No(Misfit::Connection);
    }
    let Some(condition) = &rule.condition else { return Fit::Yes };
    let Some(facts) = facts.get() else { return Fit::No(Misfit::Unknown) };
    match (condition.holds(facts), rule.effect) {
        (Ok(true), _) => Fit::Holds,
        (Ok(false), _) => Fit::No(Misfit::Condition),
        (Err(reason), Effect::Allow) => Fit::No(Misfit::Failed(reason)),
        (Err(reason), Effect::RequireApproval | Effect::Deny) => Fit::Failed(reason),
    }
}

impl std::fmt::Display for Fit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fit::Yes => formatter.write_str("It matches."),
            Fit::Holds => formatter.write_str("Its condition holds."),
            Fit::Failed(reason) => {
                write!(formatter, "Its condition cannot be evaluated, which counts as a match: {reason}.")
            }
            Fit::No(Misfit::Connection) => formatter.write_str("It is about another connection."),
            Fit::No(Misfit::Caller) => formatter.write_str("It is about other callers."),
            Fit::No(Misfit::Condition) => formatter.write_str("Its condition does not hold."),
            Fit::No(Misfit::Unknown) => formatter.write_str("Its condition needs the arguments of a call."),
            Fit::No(Misfit::Failed(reason)) => {
                write!(formatter, "Its condition cannot be evaluated, so it allows nothing: {reason}.")
            }
        }
    }
}

/// What conditions see, made when the first one is asked.
struct LazyFacts<'a> {
    call: &'a Subject<'a>,
    facts: OnceCell<Option<Facts<'a>>>,
}

impl<'a> LazyFacts<'a> {
    fn new(call: &'a Subject<'a>) -> Self {
        Self { call, facts: OnceCell::new() }
    }

    fn get(&self) -> Option<&Facts<'a>> {
        let call = self.call;
        let facts = self.facts.get_or_init(|| {
            Some(Facts {
                args: call.arguments?,
                tool: json!({
                    "path": call.path,
                    "source": call.path.source(),
                    "sideEffect": call.side_effect,
                }),
                connection: call.connection.map_or(serde_json::Value::Null, |connection| {
                    json!({ "id": connection.id, "name": connection.name, "owner": connection.owner })
                }),
                caller: json!({
                    "account": call.caller.account,
                    "roles": call.caller.roles,
                    "groups": call.caller.groups,
                    "client": call.caller.client,
                    "toolkit": call.caller.toolkit,
                }),
            })
        });
        facts.as_ref()
    }
}

fn default_voice(side_effect: SideEffect) -> Voice {
    let (effect, reason) = match side_effect {
        SideEffect::None => (Effect::Allow, "Tools that only read are allowed by default."),
        SideEffect::Idempotent | SideEffect::Write => {
            (Effect::RequireApproval, "Tools that write need approval by default.")
        }
    };
    Voice { layer: None, review: false, rule: None, effect, reason: reason.to_owned() }
}

fn review_voice(reason: &str) -> Voice {
    let effect = Effect::RequireApproval;
    Voice { layer: None, review: true, rule: None, effect, reason: reason.to_owned() }
}

impl Voice {
    fn of(rule: &Rule, fit: &Fit) -> Self {
        let says = match rule.effect {
            Effect::Allow => "allows",
            Effect::RequireApproval => "wants approval for",
            Effect::Deny => "denies",
        };
        let mut reason = format!("Rule {} of the {} {says} `{}`.", rule.id, rule.layer.as_str(), rule.tools);
        if rule.condition.is_some() {
            reason.push_str(&format!(" {fit}"));
        }
        Self { layer: Some(rule.layer), review: false, rule: Some(rule.id), effect: rule.effect, reason }
    }
}
