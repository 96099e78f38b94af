//! What the engine shows and takes: the shapes of the API, the command line and the MCP surface.

mod approvals;
mod changes;
mod connections;
mod members;
mod policies;
mod replay;
mod sensitive_tools;
mod sources;
mod tasks;
mod toolkits;
mod tools;
mod webhooks;

use executor_core::{OrganizationId, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use approvals::{ApprovalView, ApproverVote, CallOutcome, Remember, ResolveApproval, ResolveCall};
pub use changes::{AcceptTools, ChangedTool, SourceChanges};
pub use connections::{ConnectionOwner, ConnectionView, NewConnection};
pub use executor_core::limits::WorkspaceLimits;
pub use executor_core::toolkit::Toolkit;
pub use members::{CreatedKey, KeyView, MemberView, NewKey, NewMember};
pub use policies::{
    CallInQuestion, DryRun, DryRunExample, DryRunOutcome, DryRunReport, Explanation, LayerEnd, NewRule,
    RuleMove, RuleView,
};
pub use replay::{
    Learned, ReplayDifference, ReplayDivergence, ReplayEnd, ReplayStep, ReplayedCall, ReplayedTimer,
    TaskReplay,
};
pub use sensitive_tools::SensitiveTools;
pub use sources::{
    AuthenticationMethod, Detection, ImportProgress, NewSource, NewSourceConnection, SkippedOperation,
    SourceView,
};
pub use tasks::{CallView, Submission, TaskSummary, TaskView};
pub use toolkits::ToolkitChange;
pub use tools::{SearchAnswer, ToolQuery, ToolSummary, ToolView};
pub use webhooks::{CreatedWebhook, DeliveryView, NewWebhook, WebhookView};

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the list's own order.
    pub items: Vec<T>,
    /// What to ask for the next page with; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageRequest {
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// At most this many items: 50 if not said, 200 at most.
    pub limit: Option<u32>,
}

impl PageRequest {
    /// The number of items, within bounds.
    pub fn size(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }
}

/// A workspace.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceView {
    /// Its id.
    pub id: WorkspaceId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The short name in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
}
