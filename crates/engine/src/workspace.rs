//! A workspace, entered in somebody's name.

use std::time::Duration;

use executor_core::journal::Entry;
use executor_core::task::TaskStatus;
use executor_core::{ConnectionId, ErrorCode, Failure, Principal, RuleId, SourceId, TaskId, WorkspaceId};
use executor_core::tool::SideEffect;
use futures::stream::BoxStream;
use secrecy::SecretString;
use std::collections::BTreeMap;

use crate::view::*;

/// A workspace, entered in somebody's name. Each method says which scope it wants.
#[derive(Clone)]
pub struct Workspace {
    id: WorkspaceId,
    principal: Principal,
}

/// Which part of a journal.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter {
    /// Only events with a greater number.
    pub after: u64,
    /// At most this many: 200 if not said, 1,000 at most.
    pub limit: Option<u32>,
}

/// The journal as it grows: ends after the task's last event.
pub type Followed = BoxStream<'static, Result<Entry, Failure>>;

fn not_yet<T>() -> Result<T, Failure> {
    Err(Failure::new(ErrorCode::Internal, "Not written yet."))
}

impl Workspace {
    /// Its id.
    pub fn id(&self) -> WorkspaceId { self.id }
    /// In whose name.
    pub fn principal(&self) -> &Principal { &self.principal }

    /// Accepts code to run (scope `run`), and waits for its end as long as the submission says.
    pub async fn submit(&self, _submission: Submission) -> Result<TaskView, Failure> { not_yet() }
    /// A task (scope `read`).
    pub async fn task(&self, _task: TaskId) -> Result<TaskView, Failure> { not_yet() }
    /// A task, at its end or after `timeout` (scope `read`).
    pub async fn wait(&self, _task: TaskId, _timeout: Duration) -> Result<TaskView, Failure> { not_yet() }
    /// The tasks, newest first (scope `read`).
    pub async fn tasks(&self, _status: Option<TaskStatus>, _page: &PageRequest) -> Result<Page<TaskSummary>, Failure> { not_yet() }
    /// A page of a task's journal (scope `read`).
    pub async fn events(&self, _task: TaskId, _filter: EventFilter) -> Result<Vec<Entry>, Failure> { not_yet() }
    /// A task's journal from the entry after `after` on, and then as it grows (scope `read`).
    pub async fn follow(&self, _task: TaskId, _after: u64) -> Result<Followed, Failure> { not_yet() }
    /// The calls of a task (scope `read`).
    pub async fn calls(&self, _task: TaskId) -> Result<Vec<CallView>, Failure> { not_yet() }
    /// Ends a task (scope `run`). [`ErrorCode::AlreadyEnded`] if it has ended.
    pub async fn cancel(&self, _task: TaskId, _reason: Option<String>) -> Result<TaskView, Failure> { not_yet() }
    /// The same code as a new task, in the asker's name (scope `run`).
    pub async fn rerun(&self, _task: TaskId, _wait_ms: Option<u64>) -> Result<TaskView, Failure> { not_yet() }

    /// Reads a document and makes its operations tools (scope `manage`).
    pub async fn add_source(&self, _source: NewSource, _progress: &(dyn Fn(ImportProgress) + Send + Sync)) -> Result<SourceView, Failure> { not_yet() }
    /// Reads a source's document again (scope `manage`).
    pub async fn refresh_source(&self, _source: &str, _progress: &(dyn Fn(ImportProgress) + Send + Sync)) -> Result<SourceView, Failure> { not_yet() }
    /// What a document is, without adding it (scope `manage`).
    pub async fn detect_source(&self, _url: &str) -> Result<Detection, Failure> { not_yet() }
    /// The sources, by name (scope `read`).
    pub async fn sources(&self) -> Result<Vec<SourceView>, Failure> { not_yet() }
    /// A source, by its id or its name (scope `read`).
    pub async fn source(&self, _source: &str) -> Result<SourceView, Failure> { not_yet() }
    /// Removes a source with its tools and connections (scope `manage`).
    pub async fn remove_source(&self, _source: SourceId) -> Result<(), Failure> { not_yet() }

    /// The connections that the caller may use (scope `read`).
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, Failure> { not_yet() }
    /// Adds a connection (scope `manage`; scope `run` for one of the caller's own account).
    pub async fn add_connection(&self, _connection: NewConnection) -> Result<ConnectionView, Failure> { not_yet() }
    /// Replaces a connection's secret.
    pub async fn rotate_connection(&self, _connection: ConnectionId, _values: BTreeMap<String, SecretString>) -> Result<ConnectionView, Failure> { not_yet() }
    /// Removes a connection.
    pub async fn remove_connection(&self, _connection: ConnectionId) -> Result<(), Failure> { not_yet() }

    /// The best matching tools (scope `read`).
    pub async fn search(&self, _query: &ToolQuery) -> Result<SearchAnswer, Failure> { not_yet() }
    /// The tools, by path (scope `read`).
    pub async fn tools(&self, _source: Option<&str>, _page: &PageRequest) -> Result<Page<ToolSummary>, Failure> { not_yet() }
    /// A tool with its schemas and its TypeScript (scope `read`). `path` may be in any spelling.
    pub async fn describe(&self, _path: &str) -> Result<ToolView, Failure> { not_yet() }

    /// The rules that are heard in this workspace, in the order in which they are asked (scope `read`).
    pub async fn rules(&self) -> Result<Vec<RuleView>, Failure> { not_yet() }
    /// Adds a rule (scope `manage`; scope `run` for one of the caller's own account).
    pub async fn add_rule(&self, _rule: NewRule) -> Result<RuleView, Failure> { not_yet() }
    /// Removes a rule.
    pub async fn remove_rule(&self, _rule: RuleId) -> Result<(), Failure> { not_yet() }
    /// What policy says about a call (scope `read`).
    pub async fn explain(&self, _path: &str, _connection: Option<&str>) -> Result<Explanation, Failure> { not_yet() }
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
    /// Only tools with this side effect: `none` for those that only read.
    pub side_effect: Option<SideEffect>,
}
