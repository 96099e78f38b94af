//! A workspace, entered in somebody's name.

mod approvals;
mod connections;
mod dry_run;
mod first_connection;
mod limits;
mod policies;
mod replay;
mod request_states;
mod sensitive_tools;
mod sources;
mod tasks;
mod toolkits;
mod tools;
mod webhooks;

pub use tasks::Until;

use std::sync::Arc;

use executor_core::journal::Entry;
use executor_core::{Failure, Principal, Scope, WorkspaceId};
use futures::stream::BoxStream;

pub(crate) use tasks::bad_cursor;

use crate::Inner;
use crate::directory::Snapshot;
use crate::failure::StoreResult;

/// A workspace, entered in somebody's name. Each method says which scope it wants.
#[derive(Clone)]
pub struct Workspace {
    pub(crate) engine: Arc<Inner>,
    pub(crate) id: WorkspaceId,
    pub(crate) principal: Principal,
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

impl Workspace {
    /// Its id.
    pub fn id(&self) -> WorkspaceId {
        self.id
    }

    /// In whose name.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, Failure> {
        self.engine.directory.snapshot(self.principal.organization, self.id).await.shown()
    }

    /// Who may do something for everybody has to have the scope `manage`; for oneself `run` is enough.
    fn require_for(&self, own: bool) -> Result<(), Failure> {
        self.principal.require(if own { Scope::Run } else { Scope::Manage })
    }
}
