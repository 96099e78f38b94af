//! Tasks, as they are submitted and shown.

use executor_core::journal::{ConsoleLine, Emitted};
use executor_core::task::{TaskError, TaskStatus, Warning};
use executor_core::{AccountId, ConnectionId, Json, TaskId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApprovalView;

/// Code to run.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Submission {
    /// TypeScript.
    pub code: String,
    /// How long it may take, in milliseconds; a person's thinking does not count.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// The same key means the same task, for seven days.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// Anything; it is kept with the task.
    #[serde(default)]
    pub metadata: Option<Json>,
    /// How long to wait for the end before answering, in milliseconds; 0 if not said, 120,000 at most.
    #[serde(default)]
    pub wait_ms: Option<u64>,
    /// Where the code runs; `quickjs` if not said.
    #[serde(default)]
    pub runtime: Option<String>,
}

/// A task in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskSummary {
    /// Its id.
    pub id: TaskId,
    /// Where it belongs.
    pub workspace: WorkspaceId,
    /// Whose it is.
    pub account: AccountId,
    /// The program that it came with, as that named itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was first taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The beginning of its code, on one line.
    pub title: String,
    /// Whether it has called a tool that is marked as sensitive. Then what it carries is encrypted in the database, and
    /// left out for all but whose task it is and the organization's owners and admins.
    #[serde(rename = "sensitive", skip_serializing_if = "std::ops::Not::not")]
    pub is_sensitive: bool,
}

/// A task in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: TaskSummary,
    /// Its code.
    pub code: String,
    /// How often it was taken up.
    pub attempts: u32,
    /// What came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
    /// What the program returned; absent while it runs, and `null` if it returned nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// Why there is no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError>,
    /// What its author should know although it ended well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What the program wrote to its console.
    #[schema(value_type = Vec<Object>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<ConsoleLine>,
    /// What the program showed to its user.
    #[schema(value_type = Vec<Object>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emitted: Vec<Emitted>,
    /// What a person has to decide before it can go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalView>,
    /// Calls of which only a person can tell what became of them, and for which it waits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_calls: Vec<CallView>,
    /// What to do while there is no result yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One call of a task.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// Its number in the task.
    pub number: u32,
    /// The tool's path.
    pub path: String,
    /// Where it stands.
    pub state: executor_core::call::CallState,
    /// The connection that it went over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// When its request could first leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

impl From<executor_store::CallRow> for CallView {
    fn from(call: executor_store::CallRow) -> Self {
        Self {
            number: call.number,
            path: call.path,
            state: call.state,
            connection: call.connection,
            started_at: call.started_at,
            settled_at: call.settled_at,
        }
    }
}
