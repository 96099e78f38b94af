//! Approvals and unknown calls, as they are shown and decided.

use executor_core::approval::{ApprovalStatus, ApproverCondition, Question, Verdict, Vote};
use executor_core::call::{RequestSummary, Resolution};
use executor_core::{
    AccountId, ApprovalId, ConnectionId, Json, RuleId, TaskId, Timestamp, ToolPath, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallView, NewRule};

/// What a person has to decide about one call, or has decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    /// Its id.
    pub id: ApprovalId,
    /// The page on which a person decides about it.
    pub url: String,
    /// Where it belongs.
    pub workspace: WorkspaceId,
    /// The task that waits.
    pub task: TaskId,
    /// The number of the call.
    pub call: u32,
    /// Whose task it is.
    pub submitter: AccountId,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// The tool.
    pub path: ToolPath,
    /// Where the request will go: scheme, host and port.
    pub origin: String,
    /// The connection whose credential is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// What will be sent, by the tool's own names. What is named like a secret is left out.
    pub arguments: Json,
    /// The request, without what the credential adds; none where it is a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestSummary>,
    /// The question that the code asks a person, where it is not about a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// Why it is asked for.
    pub reason: String,
    /// The rule that wants it, if it was a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// Who may approve: each of these has to be met.
    pub approvers: Vec<ApproverCondition>,
    /// What people have said so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<ApproverVote>,
    /// Whether whoever asks may decide now.
    pub may_decide: bool,
    /// Whether the rules let the agent itself carry the decision.
    pub model_may_decide: bool,
    /// The line of the code that makes the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When nobody may decide any more.
    pub expires_at: Timestamp,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// The rule that `remember: "rule"` saves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_rule: Option<NewRule>,
    /// The task's code; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The task's other calls; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_so_far: Option<Vec<CallView>>,
}

/// What one person said.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApproverVote {
    /// Who.
    pub account: AccountId,
    /// What.
    pub verdict: Verdict,
    /// Why, if they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl From<&Vote> for ApproverVote {
    fn from(vote: &Vote) -> Self {
        Self {
            account: vote.decider.account,
            verdict: vote.verdict,
            reason: vote.reason.clone(),
            at: vote.at,
        }
    }
}

/// How far a decision reaches beyond its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remember {
    /// To all further calls of the same operation over the same connection in this task, whatever their arguments.
    Task,
    /// To all such calls in the workspace: the approval's `proposedRule` is saved (needs the scope `manage`).
    Rule,
}

/// A decision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveApproval {
    /// What.
    pub decision: Verdict,
    /// Why; the code learns it with a denial.
    #[serde(default)]
    pub reason: Option<String>,
    /// How far it reaches; to this call only if not said.
    #[serde(default)]
    pub remember: Option<Remember>,
    /// All of the arguments, to send in place of those that the code gave.
    #[serde(default)]
    pub arguments: Option<Json>,
    /// What is answered, where a question is approved: what its `schema` wants, else a text.
    #[serde(default)]
    pub answer: Option<Json>,
}

impl ResolveApproval {
    /// The decision and nothing else.
    pub fn plain(decision: Verdict) -> Self {
        Self { decision, reason: None, remember: None, arguments: None, answer: None }
    }
}

/// What became of a call of which nobody could tell.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveCall {
    /// What became of it.
    pub outcome: CallOutcome,
    /// With `completed`: what the code gets; `null` if not said.
    #[serde(default)]
    pub result: Option<Json>,
    /// How you know, for the record.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It took effect.
    Completed,
    /// It did not, and is to be made again.
    Retry,
    /// It did not, and is not to be made again: the code is thrown an error.
    Failed,
}

impl From<&ResolveCall> for Resolution {
    fn from(wanted: &ResolveCall) -> Self {
        match wanted.outcome {
            CallOutcome::Completed => Resolution::Completed(wanted.result.clone().unwrap_or_else(Json::null)),
            CallOutcome::Retry => Resolution::Retry,
            CallOutcome::Failed => Resolution::Failed,
        }
    }
}
