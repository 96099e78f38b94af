//! A store with all that a task needs to be written into it.

use std::ops::RangeInclusive;

use anyhow::Context;
use executor_core::id::RandomIds;
use executor_core::journal::{Entry, Event, TaskCreated};
use executor_core::task::{TaskEnd, TaskLimits, TaskStatus};
use executor_core::{
    AccountId, Actor, AuditAction, AuditEntry, Digest, Json, MembershipId, OrganizationId, TaskId, Timestamp,
    WorkspaceId,
};
use executor_store::{
    Account, AccountKind, Authority, Bootstrap, Location, NewTask, Organization, Store, TaskProgress,
    TaskWrite, Workspace,
};

/// When all of it happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const CODE: &str = "return 1+1";

/// A store with an organization, a workspace and its owner.
pub struct Stage {
    /// The store.
    pub store: Store,
    ids: RandomIds,
    organization: OrganizationId,
    workspace: WorkspaceId,
    account: AccountId,
}

impl Stage {
    /// Opens a store, and sees to it that it has what a task needs.
    pub async fn open(location: &Location) -> anyhow::Result<Self> {
        let (store, ids) = (Store::open(location).await?, RandomIds::default());
        let (organization, workspace) = (OrganizationId::new(&ids, NOW), WorkspaceId::new(&ids, NOW));
        let (slug, name) = ("default", "Default");
        let first = Bootstrap {
            organization: Organization { id: organization, slug: slug.into(), name: name.into() },
            workspace: Workspace { id: workspace, organization, slug: slug.into(), name: name.into() },
            owner: Account {
                id: AccountId::new(&ids, NOW),
                kind: AccountKind::Person,
                name: "Owner".into(),
                email: None,
            },
            membership: MembershipId::new(&ids, NOW),
        };
        let note = AuditEntry::new(&ids, NOW, organization, Actor::System, AuditAction::SettingsChanged);
        let (organization, account) = store.bootstrap(first, NOW, note).await?;
        let workspace = store.workspaces(organization.id).await?.first().context("there is no workspace")?.id;
        Ok(Self { store, ids, organization: organization.id, workspace, account })
    }

    /// A task that is not there yet.
    pub fn new_task(&self) -> NewTask {
        NewTask {
            id: TaskId::new(&self.ids, NOW),
            authority: Authority {
                organization: self.organization,
                workspace: self.workspace,
                account: self.account,
                key: None,
                client: Some("bench".into()),
                toolkit: None,
            },
            idempotency_key: None,
            code: CODE.into(),
            seed: 7,
            limits: TaskLimits::default(),
            metadata: None,
            runtime: "quickjs".into(),
            is_sensitive: false,
            created_at: NOW,
        }
    }

    /// The beginning of a task: it is accepted with the first entries of its journal, and the audit log is told.
    pub fn accepted(&self, entries: RangeInclusive<u64>) -> TaskWrite {
        let task = self.new_task();
        let actor =
            Actor::Account { account: self.account, key: None, client: task.authority.client.clone() };
        let note = AuditEntry::new(&self.ids, NOW, self.organization, actor, AuditAction::TaskSubmitted);
        let note = note.within(self.workspace).on(task.id);
        let mut write = self.more(task.id, entries);
        write.audit.push(note);
        write.accept = Some(task);
        write
    }

    /// What the audit log is told of a task that waits.
    pub fn note(&self) -> AuditEntry {
        AuditEntry::new(&self.ids, NOW, self.organization, Actor::System, AuditAction::TaskSubmitted)
    }

    /// More entries of a task's journal.
    pub fn more(&self, task: TaskId, entries: RangeInclusive<u64>) -> TaskWrite {
        TaskWrite {
            task,
            workspace: self.workspace,
            lease_epoch: 1,
            accept: None,
            lease_until: NOW,
            progress: TaskProgress { last_seq: *entries.end(), ..TaskProgress::default() },
            entries: entries.map(entry).collect(),
            calls: Vec::new(),
            approvals: Vec::new(),
            seen_signals: Vec::new(),
            deliveries: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// The same, and the task's end with it.
    pub fn ended(mut write: TaskWrite) -> TaskWrite {
        let result = Some(Json::null());
        let end = TaskEnd { status: TaskStatus::Completed, result, error: None, warnings: Vec::new() };
        write.progress.end = Some((end, NOW));
        write
    }
}

/// An entry of a journal, of the usual size.
pub fn entry(seq: u64) -> Entry {
    let code = Digest::of(CODE.as_bytes());
    Entry { seq, at: NOW, event: Event::TaskCreated(TaskCreated { seed: 7, started_at: NOW, code }) }
}
