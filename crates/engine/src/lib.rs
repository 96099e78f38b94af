//! A task's life: schedule, run, gate, record, finish.
//!
//! [`Executor`] composes store, sandbox, sources, vault, catalog and egress. It is the library for those who embed the
//! product, and all that the HTTP API, the MCP surface and the command line call. Nobody acts without a
//! [`Principal`]: [`Executor::enter`] gives a [`Workspace`] in its name, and every operation is a method of that.
//!
//! Invariants:
//! - Only the holder of a task's lease appends to its journal.
//! - A request that is not read-only leaves only after everything that led to it is durable.
//! - What came back is recorded before the code learns it; nothing leaves the process before it is durable.
//! - The gate is one function, in one place, and sees the rights and rules of today.
//! - No secret is ever held here: the vault gives an opaque injection, and egress joins it at the socket.

mod organization;
mod view;
mod workspace;

pub use organization::Organization;
pub use view::*;
pub use workspace::{Workspace, EventFilter, Followed};

use executor_core::{Failure, Principal, ErrorCode};
use std::sync::Arc;
use std::time::Duration;

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    inner: Arc<()>,
}

/// Whether the engine can work.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Whether all of it is well.
    pub ready: bool,
    /// The database answers.
    pub database: bool,
    /// Workers can be started.
    pub workers: bool,
    /// The catalog is loaded.
    pub catalog: bool,
}

impl Executor {
    /// Whether the engine can work: asks the database.
    pub async fn readiness(&self) -> Readiness {
        let _ = &self.inner;
        Readiness { ready: false, database: false, workers: false, catalog: false }
    }

    /// Who carries this API key. [`ErrorCode::Unauthorized`] if nobody does, or no more.
    pub async fn authenticate(&self, _key: &str) -> Result<Principal, Failure> {
        Err(Failure::new(ErrorCode::Unauthorized, "No such key."))
    }

    /// The person at this machine: the owner of the first organization, without the right to decide approvals unless
    /// `with_token`, that is, unless the request came with the local owner's token.
    pub async fn local_owner(&self, _with_token: bool) -> Result<Principal, Failure> {
        Err(Failure::new(ErrorCode::Unauthorized, "No such key."))
    }

    /// The workspaces that the principal may see.
    pub async fn workspaces(&self, _principal: &Principal) -> Result<Vec<WorkspaceView>, Failure> {
        Ok(Vec::new())
    }

    /// A workspace, by its id or its slug, to act in it in the principal's name.
    pub async fn enter(&self, _principal: &Principal, _workspace: &str) -> Result<Workspace, Failure> {
        Err(Failure::new(ErrorCode::NotFound, "No such workspace."))
    }

    /// The principal's organization, to act in it in the principal's name.
    pub async fn organization(&self, _principal: &Principal) -> Result<Organization, Failure> {
        Err(Failure::new(ErrorCode::NotFound, "No such organization."))
    }

    /// Takes no more work, lets live calls finish for as long as `grace`, and journals the rest.
    pub async fn shutdown(&self, _grace: Duration) {}
}
