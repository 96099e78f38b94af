//! Layered policy: which rule decides about a call, and why.
//!
//! The lowest layer is the tool's own default. Organization and workspace rules may loosen or tighten it; account
//! rules only tighten. Within a layer the first matching rule by position decides; across layers the most
//! restrictive effect wins, so that a denial can never lose.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::approval::ApproverCondition;
use crate::id::{AccountId, ConnectionId, RuleId};
use crate::path::{ToolPath, ToolPattern};
use crate::tool::SideEffect;

/// What a rule does with a call. The order is by restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The call goes ahead.
    Allow,
    /// A person decides.
    RequireApproval,
    /// The call is refused.
    Deny,
}

impl Effect {
    /// Every effect.
    pub const ALL: [Effect; 3] = [Effect::Allow, Effect::RequireApproval, Effect::Deny];

    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "allow",
            Effect::RequireApproval => "require_approval",
            Effect::Deny => "deny",
        }
    }

    /// The effect of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == name)
    }
}

/// Who set a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The organization: for all of its workspaces.
    Organization,
    /// The workspace.
    Workspace,
    /// An account, for its own tasks.
    Account,
}

impl Layer {
    /// Every layer that has rules.
    pub const ALL: [Layer; 3] = [Layer::Organization, Layer::Workspace, Layer::Account];

    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Organization => "organization",
            Layer::Workspace => "workspace",
            Layer::Account => "account",
        }
    }

    /// The layer of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.as_str() == name)
    }
}

/// One rule. What is `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Who set it.
    pub layer: Layer,
    /// Its place in the layer; the lowest is asked first.
    pub position: i64,
    /// What it does.
    pub effect: Effect,
    /// Which tools it is about.
    pub tools: ToolPattern,
    /// Which connection it is about.
    pub connection: Option<ConnectionId>,
    /// Whose tasks it is about.
    pub caller: Option<AccountId>,
}

impl Rule {
    fn matches(&self, call: &Subject<'_>) -> bool {
        self.tools.matches(call.path)
            && self.connection.is_none_or(|wanted| call.connection == Some(wanted))
            && self.caller.is_none_or(|wanted| call.caller == wanted)
    }
}

/// What rules see of a call.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The tool's canonical path.
    pub path: &'a ToolPath,
    /// What the tool does to the world; gives the default.
    pub side_effect: SideEffect,
    /// The connection that the call is bound to.
    pub connection: Option<ConnectionId>,
    /// Whose task it is.
    pub caller: AccountId,
}

/// What was decided about a call, and every voice that was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What happens to the call.
    pub effect: Effect,
    /// The voice that decided.
    pub decided_by: Voice,
    /// All voices, the default first and then by layer.
    pub voices: Vec<Voice>,
    /// Who may approve: each of these has to be met. Empty unless a person decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<ApproverCondition>,
}

/// One layer's say about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Voice {
    /// The layer; none is the tool's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// What it says.
    pub effect: Effect,
    /// A sentence for people.
    pub reason: String,
}

/// Decides about a call. `rules` may be in any order.
pub fn decide(rules: &[Rule], call: &Subject<'_>) -> Decision {
    let default = default_voice(call.side_effect);
    let heard = |layer| {
        rules
            .iter()
            .filter(|rule| rule.layer == layer && rule.matches(call))
            .min_by_key(|rule| (rule.position, rule.id))
            .map(Voice::of)
    };
    let organization = heard(Layer::Organization);
    let workspace = heard(Layer::Workspace);
    let account = heard(Layer::Account);

    // Among equals the broader layer is named: it is the one that has to change for another outcome.
    let stricter = |one: Voice, other: Voice| if other.effect > one.effect { other } else { one };
    let granted = match (organization.clone(), workspace.clone()) {
        (Some(organization), Some(workspace)) => stricter(organization, workspace),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => default.clone(),
    };
    let decided_by = match account.clone() {
        Some(account) => stricter(granted, account),
        None => granted,
    };
    let voices =
        std::iter::once(default).chain([organization, workspace, account].into_iter().flatten()).collect();
    let approvers = match decided_by.effect {
        Effect::RequireApproval => vec![ApproverCondition::default()],
        Effect::Allow | Effect::Deny => Vec::new(),
    };
    Decision { effect: decided_by.effect, decided_by, voices, approvers }
}

fn default_voice(side_effect: SideEffect) -> Voice {
    let (effect, reason) = match side_effect {
        SideEffect::None => (Effect::Allow, "Tools that only read are allowed by default."),
        SideEffect::Idempotent | SideEffect::Write => {
            (Effect::RequireApproval, "Tools that write need approval by default.")
        }
    };
    Voice { layer: None, rule: None, effect, reason: reason.to_owned() }
}

impl Voice {
    fn of(rule: &Rule) -> Self {
        let says = match rule.effect {
            Effect::Allow => "allows",
            Effect::RequireApproval => "wants approval for",
            Effect::Deny => "denies",
        };
        Self {
            layer: Some(rule.layer),
            rule: Some(rule.id),
            effect: rule.effect,
            reason: format!("Rule {} of the {} {says} `{}`.", rule.id, rule.layer.as_str(), rule.tools),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn rule(number: u128, layer: Layer, effect: Effect, tools: &str) -> Rule {
        Rule {
            id: Uuid::from_u128(number).into(),
            layer,
            position: i64::try_from(number).unwrap(),
            effect,
            tools: tools.parse().unwrap(),
            connection: None,
            caller: None,
        }
    }

    fn judge(rules: &[Rule], side_effect: SideEffect) -> Effect {
        let path = "github.issues.create".parse().unwrap();
        decide(rules, &Subject { path: &path, side_effect, connection: None, caller: Uuid::nil().into() })
            .effect
    }

    #[test]
    fn layers_decide_as_documented() {
        use Effect::{Allow, Deny, RequireApproval};
        use Layer::{Account, Organization, Workspace};
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
            assert_eq!(judge(&rules, *side_effect), *expected, "{name}");
        }
    }

    #[test]
    fn the_decision_names_the_rule_that_made_it() {
        let rules = [
            rule(1, Layer::Organization, Effect::Allow, "*"),
            rule(2, Layer::Account, Effect::Deny, "github.*"),
        ];
        let path = "github.issues.create".parse().unwrap();
        let decision = decide(
            &rules,
            &Subject {
                path: &path,
                side_effect: SideEffect::None,
                connection: None,
                caller: Uuid::nil().into(),
            },
        );
        assert_eq!(decision.decided_by.rule, Some(rules[1].id));
        assert_eq!(decision.voices.len(), 3);
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        let patterns =
            prop::sample::select(vec!["*", "github.*", "github.issues.create", "gitlab.*", "*.issues.*"]);
        (
            0..40u128,
            prop::sample::select(Layer::ALL.to_vec()),
            prop::sample::select(Effect::ALL.to_vec()),
            patterns,
        )
            .prop_map(|(number, layer, effect, tools)| rule(number, layer, effect, tools))
    }

    proptest! {
        #[test]
        fn rules_of_an_account_only_tighten(rules in prop::collection::vec(any_rule(), 0..12), write: bool) {
            let side_effect = if write { SideEffect::Write } else { SideEffect::None };
            let others: Vec<_> = rules.iter().filter(|rule| rule.layer != Layer::Account).cloned().collect();
            prop_assert!(judge(&rules, side_effect) >= judge(&others, side_effect));
        }

        #[test]
        fn the_order_of_the_list_does_not_matter(rules in prop::collection::vec(any_rule(), 0..12)) {
            let mut unique = rules;
            unique.sort_by_key(|rule| rule.id);
            unique.dedup_by_key(|rule| rule.id);
            let reversed: Vec<_> = unique.iter().rev().cloned().collect();
            prop_assert_eq!(judge(&unique, SideEffect::Write), judge(&reversed, SideEffect::Write));
        }
    }
}
