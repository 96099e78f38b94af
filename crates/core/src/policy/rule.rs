//! A rule: which calls it is about and what it does with them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::condition::Condition;
use super::{Effect, Layer};
use crate::access::{Principal, Role};
use crate::approval::ApproverCondition;
use crate::error::{ErrorCode, Failure};
use crate::id::{AccountId, ConnectionId, RuleId};
use crate::path::{ToolPath, ToolPattern};
use crate::tool::SideEffect;

/// The most people that a rule may want to approve one call.
const MOST_APPROVERS: u32 = 100;

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionMatch>,
    /// Whose calls it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerMatch>,
    /// What has to hold of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Who may approve, for a rule that requires approval; an owner or admin if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvers: Option<ApproverCondition>,
}

impl Rule {
    /// Fails with [`ErrorCode::InvalidRequest`] where the parts of the rule do not go together.
    pub fn check(&self) -> Result<(), Failure> {
        let invalid = |message: &str, hint: &str| {
            Err(Failure::new(ErrorCode::InvalidRequest, message).with_hint(hint.to_owned()))
        };
        if self.caller.as_ref().is_some_and(CallerMatch::is_empty) {
            return invalid("`caller` names nobody.", "Leave it out for a rule about everybody.");
        }
        let Some(approvers) = &self.approvers else { return Ok(()) };
        if self.effect != Effect::RequireApproval {
            let hint = "Leave them out, or make the effect `require_approval`.";
            return invalid("Only a rule that requires approval has approvers.", hint);
        }
        if approvers.roles.is_empty() && approvers.accounts.is_empty() && approvers.groups.is_empty() {
            return invalid("Nobody could approve: the rule names no role, account or group.", "Name some.");
        }
        if !(1..=MOST_APPROVERS).contains(&approvers.count) {
            return invalid("`count` is the number of people who have to approve.", "Give 1 to 100.");
        }
        Ok(())
    }
}

/// Which connection: one by its id, or each of this name that this owner keeps. As a text: an id, or `workspace/work`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ConnectionMatch {
    /// This one.
    Id(ConnectionId),
    /// Those of this name.
    Named {
        /// Who keeps it.
        owner: Layer,
        /// Its name.
        name: String,
    },
}

impl ConnectionMatch {
    /// Whether it is this connection.
    pub fn admits(&self, connection: &BoundConnection<'_>) -> bool {
        match self {
            ConnectionMatch::Id(id) => *id == connection.id,
            ConnectionMatch::Named { owner, name } => *owner == connection.owner && name == connection.name,
        }
    }
}

/// A text that names no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no connection: write its id, or its owner and name as `workspace/work`")]
pub struct InvalidConnectionMatch(String);

impl FromStr for ConnectionMatch {
    type Err = InvalidConnectionMatch;

    fn from_str(text: &str) -> Result<Self, InvalidConnectionMatch> {
        let invalid = || InvalidConnectionMatch(text.chars().take(120).collect());
        match text.split_once('/') {
            None => text.parse().map(Self::Id).map_err(|_| invalid()),
            Some((owner, name)) if !name.is_empty() => {
                let owner = Layer::from_name(owner).ok_or_else(invalid)?;
                Ok(Self::Named { owner, name: name.to_owned() })
            }
            Some(_) => Err(invalid()),
        }
    }
}

impl TryFrom<String> for ConnectionMatch {
    type Error = InvalidConnectionMatch;

    fn try_from(text: String) -> Result<Self, InvalidConnectionMatch> {
        text.parse()
    }
}

impl From<ConnectionMatch> for String {
    fn from(connection: ConnectionMatch) -> Self {
        connection.to_string()
    }
}

impl fmt::Display for ConnectionMatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConnectionMatch::Id(id) => id.fmt(formatter),
            ConnectionMatch::Named { owner, name } => write!(formatter, "{}/{name}", owner.as_str()),
        }
    }
}

/// Whose calls: everything that is named has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CallerMatch {
    /// This account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Whoever has this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Members of this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Tasks that come from this program, as it names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Tasks that came through this toolkit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toolkit: Option<String>,
}

impl CallerMatch {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn admits(&self, caller: &Principal) -> bool {
        self.account.is_none_or(|account| account == caller.account)
            && self.role.is_none_or(|role| caller.roles.contains(&role))
            && self.group.as_ref().is_none_or(|group| caller.groups.contains(group))
            && self.client.as_ref().is_none_or(|client| caller.client.as_ref() == Some(client))
            && self.toolkit.as_ref().is_none_or(|toolkit| caller.toolkit.as_ref() == Some(toolkit))
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
    pub connection: Option<BoundConnection<'a>>,
    /// In whose name it is made.
    pub caller: &'a Principal,
    /// Its canonical arguments. Where they are not known, rules with a condition are not heard.
    pub arguments: Option<&'a serde_json::Value>,
    /// Why a person has to have seen the tool first, if its source's refresh changed it: a voice that no rule loosens.
    pub review: Option<&'a str>,
}

/// What rules see of a connection.
#[derive(Debug, Clone, Copy)]
pub struct BoundConnection<'a> {
    /// Its id.
    pub id: ConnectionId,
    /// Who keeps it.
    pub owner: Layer,
    /// Its name.
    pub name: &'a str,
}

impl Rule {
    /// Whether the rule is about this caller.
    pub(super) fn admits_caller(&self, caller: &Principal) -> bool {
        self.caller.as_ref().is_none_or(|wanted| wanted.admits(caller))
    }

    /// Whether the rule is about calls over this connection.
    pub(super) fn admits_connection(&self, connection: Option<&BoundConnection<'_>>) -> bool {
        self.connection.as_ref().is_none_or(|wanted| connection.is_some_and(|given| wanted.admits(given)))
    }
}
