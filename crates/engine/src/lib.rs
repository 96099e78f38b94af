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

mod aliases;
mod approvals;
mod audit;
mod builtin;
mod calls;
mod catalog;
mod dialogue;
mod directory;
mod failure;
mod files;
mod gate;
mod hold;
mod import;
mod injection;
mod organization;
mod parts;
mod question;
mod redact;
mod refresher;
mod review;
mod run;
mod sealing;
mod sight;
mod tools;
mod type_check;
mod view;
mod webhooks;
mod workspace;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use executor_core::{
    AccountId, Actor, AuditAction, AuditEntry, Clock, Digest, ErrorCode, Failure, IdSource, MembershipId,
    OrganizationId, Principal, Scope, SourceId, Timestamp, WorkspaceId,
};
use executor_egress::Client;
use executor_sandbox::type_check::TypeChecker;
use executor_sandbox::{JailReport, Sandbox};
use executor_sources::Kinds;
use executor_store::{Account, AccountKind, Authority, Blobs, Bootstrap, Store};
use executor_vault::Vault;

use crate::audit::sealer::VaultTags;
use crate::audit::{retention, sealer};
use crate::catalog::Catalog;
use crate::directory::Directory;
use crate::failure::StoreResult;
use crate::run::fair_share::FairShare;
use crate::run::live::LiveTasks;
use crate::run::quota::Quota;
use crate::run::scheduler::{self, Scheduler};
use crate::sealing::VaultSealer;
use crate::webhooks::courier;

pub use executor_sources::{Preset, presets};

pub use audit::{AuditEntryView, AuditExport, AuditHeadView, AuditLine, AuditQuery};
pub use organization::Organization;
pub use parts::{Parts, Settings};
pub use redact::REDACTED;
pub use type_check::TypeCheck;
pub use view::*;
pub use workspace::{EventFilter, Followed, Until, Workspace};

/// The engine. Cheap to clone; with the last clone it takes no more work.
#[derive(Clone)]
pub struct Executor {
    inner: Arc<Inner>,
    _open: Arc<Open>,
}

/// Keeps the engine at work.
struct Open(Arc<Inner>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.scheduler.close();
    }
}

/// What everything in here shares.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) sandbox: Sandbox,
    pub(crate) egress: Client,
    pub(crate) kinds: Kinds,
    pub(crate) vault: Vault,
    pub(crate) type_checker: Option<TypeChecker>,
    /// Authenticates the heads of audit logs.
    pub(crate) head_tags: Arc<VaultTags>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Settings,
    pub(crate) catalog: Catalog,
    pub(crate) directory: Directory,
    pub(crate) live: LiveTasks,
    pub(crate) scheduler: Scheduler,
    pub(crate) quota: Quota,
    /// Sources that were found to count no more, each with since when: they are to be read again.
    pub(crate) stale: Mutex<HashMap<SourceId, Timestamp>>,
    /// Who may begin a task.
    pub(crate) openings: Arc<FairShare>,
    /// Who may judge and send a call.
    pub(crate) sendings: Arc<FairShare>,
    /// The first organization and its first owner: who the person at this machine is.
    local_owner: (OrganizationId, AccountId),
}

/// Whether the engine can work.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// Whether all of it is well.
    pub ready: bool,
    /// The database answers.
    pub database: bool,
    /// Work is taken.
    pub accepting: bool,
    /// Tools that can be found.
    pub tools: usize,
}

impl Executor {
    /// Starts the engine: makes the first organization if there is none, loads the catalog, takes over what an earlier
    /// process left behind, and begins to run what is queued.
    pub async fn start(parts: Parts, settings: Settings) -> Result<Self, Failure> {
        let Parts { store, blobs, sandbox, egress, programs, vault, type_checker, clock, ids } = parts;
        let store = store.with_sealer(Arc::new(VaultSealer(vault.ring().clone())));
        let local_owner = bootstrap(&store, clock.as_ref(), ids.as_ref(), &settings).await?;
        let left_behind = store.take_over(clock.now()).await.shown()?;
        if left_behind > 0 {
            tracing::info!(tasks = left_behind, "taking up tasks that an earlier process left behind");
        }
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let inner = Arc::new(Inner {
            catalog: Catalog::load(store.clone()).await.shown()?,
            directory: Directory::new(store.clone(), clock.clone(), settings.account_rules_loosen),
            live: LiveTasks::default(),
            scheduler: Scheduler::new(settings.concurrent_tasks),
            quota: Quota::default(),
            stale: Mutex::default(),
            openings: FairShare::new(3 * processors),
            sendings: FairShare::new(8 * processors),
            store,
            blobs,
            sandbox,
            kinds: Kinds::with_programs(&egress, programs),
            egress,
            head_tags: Arc::new(VaultTags(vault.ring().clone())),
            vault,
            type_checker,
            clock,
            ids,
            settings,
            local_owner,
        });
        tokio::spawn(scheduler::serve(inner.clone()));
        tokio::spawn(sealer::serve(inner.clone()));
        tokio::spawn(retention::serve(inner.clone()));
        tokio::spawn(courier::serve(inner.clone()));
        tokio::spawn(refresher::serve(inner.clone()));
        Ok(Self { _open: Arc::new(Open(inner.clone())), inner })
    }

    /// Whether the engine can work: asks the database.
    pub async fn readiness(&self) -> Readiness {
        let database = self.inner.store.is_alive().await;
        let accepting = !self.inner.scheduler.is_closing();
        let tools = self.inner.catalog.ask(executor_catalog::search::Index::len);
        Readiness { ready: database && accepting, database, accepting, tools }
    }

    /// What holds the processes that run code.
    pub fn jail(&self) -> &JailReport {
        self.inner.sandbox.report()
    }

    /// Who carries this API key. [`ErrorCode::Unauthorized`] if nobody does, or no more.
    pub async fn authenticate(&self, key: &str) -> Result<Principal, Failure> {
        let unauthorized =
            || Failure::new(ErrorCode::Unauthorized, "The key is not known, has ended or was revoked.");
        let found = self.inner.store.key_by_secret(Digest::of(key.as_bytes())).await.shown()?;
        let found = found.ok_or_else(unauthorized)?;
        let authority = self.authority(found.organization, found.account, Some(found.id));
        self.inner.directory.principal(&authority).await.shown()?.ok_or_else(unauthorized)
    }

    /// The person at this machine: the owner of the first organization. Without the local owner's token they may not
    /// decide approvals.
    pub async fn local_owner(&self, with_token: bool) -> Result<Principal, Failure> {
        let (organization, account) = self.inner.local_owner;
        let authority = self.authority(organization, account, None);
        let gone = || Failure::new(ErrorCode::Unauthorized, "The first owner is no member any more.");
        let mut principal = self.inner.directory.principal(&authority).await.shown()?.ok_or_else(gone)?;
        if !with_token {
            principal.scopes.remove(&Scope::Approve);
        }
        Ok(principal)
    }

    /// What this principal may do today. [`ErrorCode::Unauthorized`] if it is no member any more, or its key has ended.
    pub async fn today(&self, principal: &Principal) -> Result<Principal, Failure> {
        let authority = self.authority(principal.organization, principal.account, principal.key);
        let gone = || Failure::new(ErrorCode::Unauthorized, "The key has ended or was revoked.");
        self.inner.directory.principal(&authority).await.shown()?.ok_or_else(gone)
    }

    /// Records that somebody began a session, and by what means: `pairing` or `key`.
    pub async fn signed_in(&self, principal: &Principal, means: &str) -> Result<(), Failure> {
        let audit = self.inner.audit(principal, AuditAction::SignedIn);
        let audit = audit.with(&serde_json::json!({ "means": means }));
        self.inner.store.tell_audit(audit).await.shown()
    }

    /// Records that somebody could not sign in by these means, so many times from that address. Whoever it was, it is told
    /// to the first organization: nobody knows whose key it should have been.
    pub async fn sign_in_refused(
        &self,
        means: &str,
        address: Option<IpAddr>,
        attempts: u64,
    ) -> Result<(), Failure> {
        let (organization, _) = self.inner.local_owner;
        let (ids, now) = (self.inner.ids.as_ref(), self.inner.clock.now());
        let audit = AuditEntry::new(ids, now, organization, Actor::System, AuditAction::SignInRefused);
        let details = serde_json::json!({ "means": means, "address": address, "attempts": attempts });
        self.inner.store.tell_audit(audit.with(&details)).await.shown()
    }

    fn authority(
        &self,
        organization: OrganizationId,
        account: AccountId,
        key: Option<executor_core::KeyId>,
    ) -> Authority {
        // Rights do not depend on the workspace; it is part of what a task remembers.
        let workspace = WorkspaceId::from(organization.uuid());
        Authority { organization, workspace, account, key, client: None, toolkit: None }
    }

    /// The workspaces that the principal may see.
    pub async fn workspaces(&self, principal: &Principal) -> Result<Vec<WorkspaceView>, Failure> {
        let workspaces = self.inner.store.workspaces(principal.organization).await.shown()?;
        let visible = workspaces.into_iter().filter(|workspace| principal.may_enter(workspace.id));
        Ok(visible.map(workspace_view).collect())
    }

    /// A workspace, by its id or its slug, to act in it in the principal's name.
    pub async fn enter(&self, principal: &Principal, workspace: &str) -> Result<Workspace, Failure> {
        let found = self.inner.find_workspace(principal, workspace).await?;
        Ok(Workspace { engine: self.inner.clone(), id: found.id, principal: principal.clone() })
    }

    /// The principal's organization, to act in it in the principal's name.
    pub async fn organization(&self, principal: &Principal) -> Result<Organization, Failure> {
        Ok(Organization { engine: self.inner.clone(), principal: principal.clone() })
    }

    /// Seals what the audit logs have, now. It is done every half second anyway.
    pub async fn seal_once(&self) -> Result<(), Failure> {
        self.inner.seal_audit(&mut Default::default()).await.shown()
    }

    /// Removes what organizations do not want to keep, now. It is done every hour anyway.
    pub async fn apply_retention(&self) -> Result<(), Failure> {
        self.inner.apply_retention().await.shown()
    }

    /// Reads sources again whose time has come, now. It is done every few seconds anyway.
    pub async fn refresh_due_sources(&self) -> Result<(), Failure> {
        self.inner.refresh_due().await.shown()
    }

    /// Takes no more work, lets live tasks finish for as long as `grace`, and journals the rest, which the next start
    /// takes up.
    pub async fn shutdown(&self, grace: Duration) {
        self.inner.scheduler.close();
        if tokio::time::timeout(grace, self.inner.scheduler.idle()).await.is_err() {
            for live in self.inner.live.all() {
                if let Err(error) = live.recorder.flush(executor_store::Durability::Synced).await {
                    tracing::error!(%error, "a task's last events are lost");
                }
            }
        }
        if let Err(failure) = self.seal_once().await {
            tracing::error!(%failure, "the last entries of the audit log are not sealed");
        }
        if let Err(error) = self.inner.store.sync().await {
            tracing::error!(%error, "the last writes are not on the disk");
        }
    }
}

impl Inner {
    pub(crate) async fn find_workspace(
        &self,
        principal: &Principal,
        workspace: &str,
    ) -> Result<executor_store::Workspace, Failure> {
        let visible = self.directory.workspaces(principal.organization).await.shown()?;
        let id: Option<WorkspaceId> = workspace.parse().ok();
        let mut found = visible
            .iter()
            .filter(|found| principal.may_enter(found.id))
            .filter(|found| id == Some(found.id) || found.slug == workspace);
        match (found.next(), found.next()) {
            (Some(found), None) => Ok(found.clone()),
            (Some(_), Some(_)) => {
                let message = format!("Two workspaces have the slug `{workspace}`.");
                Err(Failure::new(ErrorCode::AmbiguousWorkspace, message))
            }
            (None, _) => {
                Err(Failure::new(ErrorCode::NotFound, format!("There is no workspace `{workspace}`.")))
            }
        }
    }
}

async fn bootstrap(
    store: &Store,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    settings: &Settings,
) -> Result<(OrganizationId, AccountId), Failure> {
    let now = clock.now();
    let (name, slug) = settings.organization.clone();
    let organization = executor_store::Organization { id: OrganizationId::new(ids, now), slug, name };
    let workspace = executor_store::Workspace {
        id: WorkspaceId::new(ids, now),
        organization: organization.id,
        slug: "default".to_owned(),
        name: "Default".to_owned(),
    };
    let owner = Account {
        id: AccountId::new(ids, now),
        kind: AccountKind::Person,
        name: "Owner".to_owned(),
        email: None,
    };
    let first = Bootstrap { organization, workspace, owner, membership: MembershipId::new(ids, now) };
    let audit =
        AuditEntry::new(ids, now, first.organization.id, Actor::System, AuditAction::OrganizationCreated)
            .on(first.organization.id)
            .with(&serde_json::json!({ "workspace": first.workspace.id, "owner": first.owner.id }));
    let (organization, owner) = store.bootstrap(first, now, audit).await.shown()?;
    Ok((organization.id, owner))
}

fn workspace_view(workspace: executor_store::Workspace) -> WorkspaceView {
    WorkspaceView {
        id: workspace.id,
        organization: workspace.organization,
        slug: workspace.slug,
        name: workspace.name,
    }
}
