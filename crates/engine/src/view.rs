//! What the engine shows and takes: the shapes of the API, the command line and the MCP surface.

mod approvals;
mod changes;
mod policies;
mod replay;
mod sensitive_tools;
mod toolkits;
mod webhooks;

use executor_core::journal::{ConsoleLine, Emitted};
use executor_core::policy::Effect;
use executor_core::task::{TaskError, TaskStatus, Warning};
use executor_core::tool::{CredentialSlot, Placement, SideEffect, SourceKind};
use executor_core::{
    AccountId, ConnectionId, Failure, Json, KeyId, OrganizationId, Role, Scope, Server, SourceId, TaskId,
    Timestamp, ToolPath, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use approvals::{ApprovalView, ApproverVote, CallOutcome, Remember, ResolveApproval, ResolveCall};
pub use changes::{AcceptTools, ChangedTool, SourceChanges};
pub use policies::{
    CallInQuestion, DryRun, DryRunExample, DryRunOutcome, DryRunReport, Explanation, LayerEnd, NewRule,
    RuleMove, RuleView,
};
pub use webhooks::{CreatedWebhook, DeliveryView, NewWebhook, WebhookView};

pub use executor_core::limits::WorkspaceLimits;
pub use executor_core::toolkit::Toolkit;
pub use replay::{
    Learned, ReplayDifference, ReplayDivergence, ReplayEnd, ReplayStep, ReplayedCall, ReplayedTimer,
    TaskReplay,
};
pub use sensitive_tools::SensitiveTools;
pub use toolkits::ToolkitChange;

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

/// A source to add: where its document is, or the document itself.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSource {
    /// The first segment of its tools' paths; made from the document's title if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Where the document is.
    #[serde(default)]
    pub url: Option<String>,
    /// The document itself, JSON or YAML.
    #[serde(default)]
    pub document: Option<String>,
    /// Its kind; found out if not said.
    #[serde(default)]
    pub kind: Option<SourceKind>,
    /// Where the API is, if the document does not say or is wrong.
    #[serde(default)]
    pub base_url: Option<String>,
    /// A well-known API, by its id; what else is said goes before what it says.
    #[serde(default)]
    pub preset: Option<String>,
    /// Which operations are taken: those whose path begins with one of these, or whose tag does where it is no path. All
    /// if there is none.
    #[serde(default)]
    pub include: Vec<String>,
    /// Whether what the source says of its tools' effects is believed: MCP servers may say that a tool only reads.
    #[serde(default)]
    pub trusted: bool,
    /// In how many hours the document is read again, each time; 0 is never. As the server is set up if not said.
    #[serde(default)]
    pub refresh_every_hours: Option<u32>,
    /// Which of the document's servers is used: its URL as the document writes it, or its number from 0.
    #[serde(default)]
    pub server: Option<String>,
    /// Values of that server's variables, where they are not the default ones.
    #[serde(default)]
    pub server_variables: std::collections::BTreeMap<String, String>,
    /// How long a call of its tools may take, in milliseconds: 60,000 if not said, 600,000 at most.
    #[serde(default)]
    pub call_timeout_ms: Option<u64>,
    /// A first connection to it, with whose credential the document is read as well.
    #[serde(default)]
    pub connection: Option<NewSourceConnection>,
}

/// The connection that a source is added with. The secret is in `values`, or `provider` and `reference` say where it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSourceConnection {
    /// The connection's name; `default` if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Where the secret goes; a bearer token if not said.
    #[serde(default)]
    pub placement: Option<Placement>,
    /// The secret: `{"token": "…"}`, or `{"username": "…", "password": "…"}`.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub values: std::collections::BTreeMap<String, secrecy::SecretString>,
    /// What keeps the secret; `managed` if not said.
    #[serde(default)]
    pub provider: Option<String>,
    /// Where a provider other than `managed` finds it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// What is said while a source is added.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "stage")]
pub enum ImportProgress {
    /// The document is on its way.
    Fetching {
        /// Bytes so far.
        received: u64,
        /// Bytes in all, if the server says.
        total: Option<u64>,
    },
    /// Operations are made tools.
    Importing {
        /// Operations so far.
        done: u64,
        /// Operations in all.
        total: u64,
    },
    /// Tools are stored.
    Storing {
        /// Tools in all.
        tools: u64,
    },
}

/// A source.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    /// Its id.
    pub id: SourceId,
    /// The first segment of its tools' paths.
    pub name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// The document's title.
    pub title: String,
    /// Where the document came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the API is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The document's own version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many tools it has.
    pub tools: u64,
    /// Operations that became no tool, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedOperation>,
    /// The ways in which it lets callers sign in; none for a public one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<AuthenticationMethod>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its document was last read.
    pub refreshed_at: Timestamp,
    /// Whether what it says of its tools' effects is believed.
    pub trusted: bool,
    /// When its document is read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_refresh_at: Option<Timestamp>,
    /// Why its document could not be read when that was last tried. Its tools are as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_failure: Option<Failure>,
    /// The servers that its document names, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
    /// The one that was chosen, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The values of its variables that were given.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub server_variables: std::collections::BTreeMap<String, String>,
    /// How long a call of its tools may take, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_timeout_ms: Option<u64>,
}

/// An operation that became no tool.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkippedOperation {
    /// Which.
    pub operation: String,
    /// Why.
    pub reason: String,
}

/// A way in which a source lets callers sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationMethod {
    /// Its name in the document.
    pub name: String,
    /// What the document says about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it wants, and where that goes.
    pub slots: Vec<CredentialSlot>,
}

/// Who keeps a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionOwner {
    /// One account.
    Account,
    /// Everybody in the workspace.
    #[default]
    Workspace,
    /// Everybody in the organization.
    Organization,
}

/// A connection to add. The secret is in `values`, or `provider` and `reference` say where it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConnection {
    /// The source's name or id.
    pub source: String,
    /// The connection's name; `default` if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Who keeps it; the workspace if not said.
    #[serde(default)]
    pub owner: ConnectionOwner,
    /// Which of the source's methods; the first that `values` fit if not said.
    #[serde(default)]
    pub method: Option<String>,
    /// The secrets: `{"token": "…"}`, `{"username": "…", "password": "…"}`, or by the method's slots.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub values: std::collections::BTreeMap<String, secrecy::SecretString>,
    /// What keeps the secret; `managed` if not said.
    #[serde(default)]
    pub provider: Option<String>,
    /// Where a provider other than `managed` finds it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// A connection. Its secret is never shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its source.
    pub source: SourceId,
    /// Its source's name.
    pub source_name: String,
    /// Its name.
    pub name: String,
    /// Who keeps it.
    pub owner: ConnectionOwner,
    /// The source's method that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What keeps its secret.
    pub provider: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A tool in a search or a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolSummary {
    /// Its path.
    pub path: ToolPath,
    /// One line about it.
    pub summary: String,
    /// A short TypeScript signature.
    pub signature: String,
    /// What calling it does.
    pub side_effect: SideEffect,
    /// What policy says about calling it, as far as that is known without arguments.
    pub policy: Effect,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// The tools, best first.
    pub items: Vec<ToolSummary>,
    /// What to try if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A tool in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolView {
    /// What a search shows.
    #[serde(flatten)]
    pub summary: ToolSummary,
    /// As much as the source says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// TypeScript of what it takes and gives.
    pub typescript: String,
    /// JSON Schema of its arguments.
    pub input: Json,
    /// JSON Schema of its payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    /// Whether the source wants it used no more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// An account's place in the organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its address, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its role.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// A member to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMember {
    /// The name.
    pub name: String,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// The role.
    pub role: Role,
}

/// An API key to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// Whose it is; the asker's own if not said.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// What it may be used for: `read` and `run` if not said.
    #[serde(default)]
    pub scopes: Option<Vec<Scope>>,
    /// The only workspace that it opens, by id or slug.
    #[serde(default)]
    pub workspace: Option<String>,
    /// When it ends by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// An API key, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub account: AccountId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The only workspace that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// How it begins, to know it by.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// A key just made: the only time that its secret is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyView,
    /// What to send as a bearer.
    pub secret: String,
}

/// What a document was found to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detection {
    /// The kind of source that it would make.
    pub kind: SourceKind,
    /// How sure that is, from 0 to 1.
    pub confidence: f32,
    /// The document's title.
    pub title: String,
    /// The name that the source would get.
    pub name: String,
    /// Where the API is, if the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The servers that it names, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
    /// How many operations it has.
    pub operations: u64,
    /// The ways in which it lets callers sign in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<AuthenticationMethod>,
}

/// What tools are looked for.
#[derive(Debug, Clone, Default)]
pub struct ToolQuery {
    /// The intent, in words.
    pub query: String,
    /// At most this many: 10 if not said, 50 at most.
    pub limit: Option<u32>,
    /// Only tools of this source.
    pub source: Option<String>,
    /// Only tools of sources of this kind.
    pub kind: Option<SourceKind>,
    /// Only tools with this side effect: `none` for those that only read.
    pub side_effect: Option<SideEffect>,
}
