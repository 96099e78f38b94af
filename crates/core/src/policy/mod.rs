//! Layered policy: which rule decides about a call, and why.
//!
//! The lowest layer is the tool's own default. Organization and workspace rules may loosen or tighten it; account
//! rules only tighten. Within a layer the first matching rule by position decides; across layers the most
//! restrictive effect wins, so that a denial can never lose. A tool that its source's refresh changed asks besides,
//! whatever rules say, until a person has accepted the change.

pub mod condition;
mod decision;
mod rule;
mod rule_set;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use condition::{Condition, InvalidCondition};
pub use decision::{Considered, Decision, Voice};
pub use rule::{BoundConnection, CallerMatch, ConnectionMatch, InvalidConnectionMatch, Rule, Subject};
pub use rule_set::RuleSet;

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
