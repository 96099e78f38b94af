//! Where a story plays: an empty database with one tenant in it, and the means to make more.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use executor_core::approval::{ApprovalStatus, Envelope};
use executor_core::call::RequestSummary;
use executor_core::id::RandomIds;
use executor_core::journal::{Entry, Event, TaskCreated};
use executor_core::policy::{Decision, RuleSet, Subject};
use executor_core::task::{TaskEnd, TaskLimits, TaskStatus};
use executor_core::tool::SideEffect;
use executor_core::{
    AccountId, Actor, ApprovalId, AuditAction, AuditEntry, Digest, Json, MembershipId, OrganizationId,
    Principal, Role, TaskId, Timestamp, ToolPath, WorkspaceId,
};
use executor_store::{
    Account, AccountKind, Approval, ApprovalChange, Authority, Bootstrap, Durability, Engine, Location,
    NewSignal, NewTask, Organization, Store, TaskProgress, TaskWrite, Workspace,
};
use sqlx::{Connection, Executor};
use tempfile::TempDir;

/// The moment at which every story begins.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// The database and its first tenant.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) location: Location,
    pub(crate) tenant: Tenant,
    ids: Arc<RandomIds>,
    folder: Arc<TempDir>,
}

/// An organization with one workspace and one owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tenant {
    pub(crate) organization: OrganizationId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) account: AccountId,
}

/// A new id of any kind.
macro_rules! new {
    ($stage:expr, $id:ty) => {
        <$id>::new($stage.ids(), $crate::stage::NOW)
    };
}
pub(crate) use new;

impl Stage {
    pub(crate) async fn build(engine: Engine) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let folder = Arc::new(tempfile::tempdir()?);
        let ids = Arc::new(RandomIds::default());
        let location = match engine {
            Engine::Sqlite => Location::Sqlite(folder.path().join("data").join("data.db")),
            Engine::Postgres => {
                let server = postgres_url().ok_or("no PostgreSQL answers, and in CI nothing is skipped")?;
                let schema = format!("executor_it_{}", TaskId::new(&*ids, NOW).uuid().simple());
                let mut connection = sqlx::PgConnection::connect(&server).await?;
                connection.execute(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await?;
                Location::Postgres(with_setting(&server, "search_path", &schema))
            }
        };
        let store = Store::open(&location).await?;
        let first = bootstrap(&ids, "default");
        let (workspace, tenant) = (first.workspace.id, first.organization.id);
        let audit = note(&ids, tenant);
        let (organization, account) = store.bootstrap(first, NOW, audit).await?;
        assert_eq!(organization.id, tenant);
        let tenant = Tenant { organization: organization.id, workspace, account };
        Ok(Self { store, location, tenant, ids, folder })
    }

    pub(crate) fn ids(&self) -> &RandomIds {
        &self.ids
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.store.engine() == Engine::Sqlite
    }

    /// A folder of the story's own.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Another process's view of the same database.
    pub(crate) async fn another_start(&self) -> Store {
        Store::open(&self.location).await.unwrap()
    }

    /// What has to be done when the story is over, however it ends.
    pub(crate) fn clearing(&self) -> Clearing {
        Clearing { location: self.location.clone(), _folder: Arc::clone(&self.folder) }
    }

    /// Runs SQL behind the store's back.
    pub(crate) async fn tamper(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.location {
            Location::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                sqlx::SqliteConnection::connect_with(&options).await.unwrap().execute(sql).await.unwrap();
            }
            Location::Postgres(url) => {
                sqlx::PgConnection::connect(url).await.unwrap().execute(sql).await.unwrap();
            }
        }
    }

    /// Another workspace of the first organization.
    pub(crate) async fn another_workspace(&self, slug: &str) -> Tenant {
        let workspace = new!(self, WorkspaceId);
        self.tamper(&format!(
            "INSERT INTO workspaces (id, organization_id, slug, name, created_at)
             VALUES ('{workspace}', '{}', '{slug}', '{slug}', 0)",
            self.tenant.organization
        ))
        .await;
        Tenant { workspace, ..self.tenant }
    }

    /// A tenant that has nothing to do with the first.
    pub(crate) async fn another_tenant(&self) -> Tenant {
        let (organization, workspace) = (new!(self, OrganizationId), new!(self, WorkspaceId));
        self.tamper(&format!(
            "INSERT INTO organizations (id, slug, name, created_at) VALUES ('{organization}', 'other', 'Other', 1);
             INSERT INTO workspaces (id, organization_id, slug, name, created_at)
             VALUES ('{workspace}', '{organization}', 'default', 'Other', 1);"
        ))
        .await;
        let account = self.member(organization, Role::Owner).await;
        Tenant { organization, workspace, account }
    }

    /// A new member of an organization.
    pub(crate) async fn member(&self, organization: OrganizationId, role: Role) -> AccountId {
        let account = Account {
            id: new!(self, AccountId),
            kind: AccountKind::Person,
            name: "Ada".to_owned(),
            email: None,
        };
        let id = account.id;
        self.store
            .add_member(
                organization,
                account,
                new!(self, MembershipId),
                role,
                NOW,
                note(&self.ids, organization),
            )
            .await
            .unwrap();
        id
    }

    /// What the log of the first organization is told of some effect.
    pub(crate) fn note(&self) -> AuditEntry {
        note(&self.ids, self.tenant.organization)
    }

    /// A task that nobody has accepted yet.
    pub(crate) fn new_task(&self, tenant: Tenant) -> NewTask {
        new_task(&self.ids, tenant)
    }

    /// A task that waits for its turn.
    pub(crate) async fn queued(&self, tenant: Tenant) -> TaskId {
        let task = self.new_task(tenant);
        let id = task.id;
        self.store.accept_task(task, vec![created(1)], self.note()).await.unwrap();
        id
    }
}

impl Stage {
    /// A signal for a task.
    pub(crate) fn signal(&self, workspace: WorkspaceId, task: TaskId, kind: &str) -> NewSignal {
        let id = new!(self, TaskId).to_string();
        let (kind, body) = (kind.to_owned(), json("{\"n\": 1}"));
        NewSignal { id, workspace, task, kind, body, at: NOW, is_sensitive: false }
    }

    /// A task that this process has taken up, and the epoch under which it holds the lease.
    pub(crate) async fn running(&self) -> (TaskId, i64) {
        let id = self.queued(self.tenant).await;
        let task = self.store.claim_task(NOW.plus_millis(30_000), NOW).await.unwrap().unwrap();
        assert_eq!(task.new.id, id);
        (id, task.lease_epoch)
    }

    /// An approval of a task's first call.
    pub(crate) fn approval(&self, task: TaskId) -> Approval {
        let path: ToolPath = "shop.items.create".parse().unwrap();
        let decision = asking(self.tenant, &path);
        Approval {
            id: new!(self, ApprovalId),
            organization: self.tenant.organization,
            workspace: self.tenant.workspace,
            task,
            call: 1,
            submitter: self.tenant.account,
            status: ApprovalStatus::Open,
            version: 0,
            envelope: Envelope {
                path,
                operation: Digest::of(b"operation"),
                origin: "https://shop.example".to_owned(),
                connection: None,
                arguments: json("{\"name\":\"lamp\"}"),
            },
            request: Some(RequestSummary {
                method: "POST".to_owned(),
                url: "https://shop.example/items".to_owned(),
                headers: BTreeMap::new(),
                body_bytes: 15,
            }),
            decision,
            votes: Vec::new(),
            line: Some(1),
            created_at: NOW,
            expires_at: NOW.plus_millis(1_000),
            decided_at: None,
            is_sensitive: false,
        }
    }

    /// A task that waits for an approval.
    pub(crate) async fn waiting_for_approval(&self) -> (TaskId, Approval) {
        let (task, epoch) = self.running().await;
        let approval = self.approval(task);
        let mut waits = write(self.tenant, task, epoch, vec![created(2)]);
        waits.approvals = vec![ApprovalChange::Open(Box::new(approval.clone()))];
        waits.progress.waits = Some(None);
        self.store.write_task(waits, Durability::Synced).await.unwrap();
        (task, approval)
    }
}

/// What becomes of a stage.
pub(crate) struct Clearing {
    location: Location,
    _folder: Arc<TempDir>,
}

impl Clearing {
    pub(crate) async fn clear(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Location::Postgres(url) = self.location {
            let schema = url.rsplit('=').next().ok_or("the URL names no schema")?;
            let mut connection = sqlx::PgConnection::connect(&url).await?;
            connection
                .execute(sqlx::AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {schema} CASCADE")))
                .await?;
        }
        Ok(())
    }
}

/// What the log of an organization is told of some effect.
pub(crate) fn note(ids: &RandomIds, organization: OrganizationId) -> AuditEntry {
    AuditEntry::new(ids, NOW, organization, Actor::System, AuditAction::SettingsChanged)
}

/// What policy says of a write without any rule.
fn asking(tenant: Tenant, path: &ToolPath) -> Decision {
    let caller = Principal {
        account: tenant.account,
        organization: tenant.organization,
        workspace: None,
        roles: [Role::Owner].into(),
        groups: BTreeSet::new(),
        scopes: BTreeSet::new(),
        key: None,
        client: None,
        toolkit: None,
    };
    let side_effect = SideEffect::Write;
    RuleSet::default().decide(&Subject {
        path,
        side_effect,
        connection: None,
        caller: &caller,
        arguments: None,
        review: None,
    })
}

/// A task that nobody has accepted yet.
pub(crate) fn new_task(ids: &RandomIds, tenant: Tenant) -> NewTask {
    NewTask {
        id: TaskId::new(ids, NOW),
        authority: Authority {
            organization: tenant.organization,
            workspace: tenant.workspace,
            account: tenant.account,
            key: None,
            client: Some("a test".to_owned()),
            toolkit: None,
        },
        idempotency_key: None,
        code: "return 1 + 1".to_owned(),
        seed: u64::MAX - 7,
        limits: TaskLimits::default(),
        metadata: Some(json("{\"a\": 1.50}")),
        runtime: "quickjs".to_owned(),
        created_at: NOW,
        is_sensitive: false,
    }
}

/// What a new deployment begins with.
pub(crate) fn bootstrap(ids: &RandomIds, slug: &str) -> Bootstrap {
    let organization = OrganizationId::new(ids, NOW);
    Bootstrap {
        organization: Organization { id: organization, slug: slug.to_owned(), name: "Default".to_owned() },
        workspace: Workspace {
            id: WorkspaceId::new(ids, NOW),
            organization,
            slug: slug.to_owned(),
            name: "Default".to_owned(),
        },
        owner: Account {
            id: AccountId::new(ids, NOW),
            kind: AccountKind::Person,
            name: "Owner".to_owned(),
            email: Some("owner@example.org".to_owned()),
        },
        membership: MembershipId::new(ids, NOW),
    }
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text.to_owned()).unwrap()
}

/// A first event.
pub(crate) fn created(seq: u64) -> Entry {
    let code = Digest::of(b"return 1 + 1");
    Entry { seq, at: NOW, event: Event::TaskCreated(TaskCreated { seed: 7, started_at: NOW, code }) }
}

/// A write about a task by whoever holds its lease under `epoch`.
pub(crate) fn write(tenant: Tenant, task: TaskId, epoch: i64, entries: Vec<Entry>) -> TaskWrite {
    let last_seq = entries.last().map_or(1, |entry| entry.seq);
    TaskWrite {
        task,
        workspace: tenant.workspace,
        lease_epoch: epoch,
        accept: None,
        lease_until: NOW.plus_millis(30_000),
        entries,
        calls: Vec::new(),
        approvals: Vec::new(),
        seen_signals: Vec::new(),
        progress: TaskProgress { last_seq, ..TaskProgress::default() },
        deliveries: Vec::new(),
        audit: Vec::new(),
    }
}

pub(crate) fn completed(result: &str) -> TaskEnd {
    TaskEnd { status: TaskStatus::Completed, result: Some(json(result)), error: None, warnings: Vec::new() }
}

/// The server to test with, if one answers.
pub(crate) fn postgres_url() -> Option<String> {
    let url = setting("EXECUTOR_TEST_DATABASE_URL")
        .unwrap_or_else(|| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let address = std::net::ToSocketAddrs::to_socket_addrs(&host).ok()?.next()?;
    reaches(&address).then_some(url)
}

#[expect(clippy::disallowed_types, reason = "this asks whether the tests' own database is there")]
fn reaches(address: &std::net::SocketAddr) -> bool {
    std::net::TcpStream::connect_timeout(address, Duration::from_secs(2)).is_ok()
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The same database with a setting for each connection.
pub(crate) fn with_setting(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options[{name}]={value}")
}
