//! Policies, as they are shown and taken.

use executor_core::approval::ApproverCondition;
use executor_core::policy::{CallerMatch, ConnectionMatch, Considered, Decision, Effect, Layer, Rule};
use executor_core::{ConnectionId, Json, RuleId, TaskId, Timestamp, ToolPath, ToolPattern};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule to add.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRule {
    /// Which tools: `github.issues.*`.
    pub tools: ToolPattern,
    /// What happens to their calls.
    pub effect: Effect,
    /// Whose rule it is; the workspace's if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// Before which rules it is asked; after all others of its layer if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// Only calls over this connection: its id, or `workspace/work`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionMatch>,
    /// Only calls of these callers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerMatch>,
    /// Only calls of which this holds: CEL over `args`, `tool`, `connection` and `caller`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Who may approve, for a rule that requires approval; an owner or admin if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvers: Option<ApproverCondition>,
}

/// A rule as it was saved.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its author should know: that it matches nothing at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Where a rule is to go in its layer. Exactly one is said.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleMove {
    /// Just before this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<RuleId>,
    /// Just after this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RuleId>,
    /// Before or after all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<LayerEnd>,
    /// At this position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
}

/// An end of a layer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LayerEnd {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// The call that is asked about.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallInQuestion {
    /// The tool's path, in any spelling.
    pub path: String,
    /// The connection's id or name; the one that a call would take if not said.
    #[serde(default)]
    pub connection: Option<String>,
    /// The arguments. Without them rules with a condition are not heard.
    #[serde(default)]
    pub arguments: Option<Json>,
}

/// What policy would say about a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The tool.
    pub path: ToolPath,
    /// The connection that the call would go over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// What would happen and why.
    #[serde(flatten)]
    pub decision: Decision,
    /// Whether the tool is not shown in searches: every call of it is denied.
    pub hidden: bool,
    /// Each rule about the tool in the order in which they are asked, and whether it is about this call.
    pub rules: Vec<Considered>,
}

/// Rules to try on the calls of the past. Nothing is saved.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DryRun {
    /// Rules that would be added.
    #[serde(default)]
    pub add: Vec<NewRule>,
    /// Rules that would be removed.
    #[serde(default)]
    pub remove: Vec<RuleId>,
    /// On how many calls, the latest first: 1,000 if not said, 10,000 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// What the rules would have done.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DryRunReport {
    /// How many calls were judged.
    pub calls: u64,
    /// Of how many the decision would have been the same.
    pub unchanged: u64,
    /// By what was decided and what would have been, the most frequent first.
    pub outcomes: Vec<DryRunOutcome>,
}

/// Calls that were decided alike and would have been decided alike.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DryRunOutcome {
    /// What was decided.
    pub recorded: Effect,
    /// What would have been decided.
    pub now: Effect,
    /// How many.
    pub calls: u64,
    /// Some of them, the latest first.
    pub examples: Vec<DryRunExample>,
}

/// A call of the past.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DryRunExample {
    /// The task.
    pub task: TaskId,
    /// The call's number in it.
    pub call: u32,
    /// The tool.
    pub path: ToolPath,
    /// Why it would have been decided so.
    pub reason: String,
}
