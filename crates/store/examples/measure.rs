//! What the store costs: `cargo run --release -p executor-store --example measure [-- postgres://…]`.
//!
//! Prints microseconds and syncs for each trivial task, alone and 64 at once, and the time of large catalogs. The disk
//! is the one of the temporary folder; its own sync is measured beside.

#![allow(clippy::print_stdout, reason = "this is what the program is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use executor_core::id::RandomIds;
use executor_core::journal::{Entry, Event, TaskCreated};
use executor_core::task::{TaskEnd, TaskLimits, TaskStatus};
use executor_core::tool::{SharedSchema, SideEffect, SourceKind, Tool};
use executor_core::{
    AccountId, Actor, AuditAction, AuditEntry, Digest, Json, MembershipId, OrganizationId, SourceId, TaskId,
    Timestamp, WorkspaceId,
};
use executor_store::{
    Account, AccountKind, Authority, Bootstrap, Durability, Location, NewTask, Organization, Source, Store,
    TaskProgress, TaskWrite, Workspace,
};
use futures::StreamExt;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let location = match std::env::args().nth(1) {
        Some(url) => Location::Postgres(url),
        None => Location::Sqlite(folder.path().join("data.db")),
    };
    println!("one sync of the disk: {:?}", median(sync_times(&folder)?));
    let bench = Bench::open(&location).await?;
    bench.tasks().await?;
    bench.queue().await?;
    bench.catalog(&location).await
}

/// What the audit log is told of something.
fn note(ids: &RandomIds, organization: OrganizationId) -> AuditEntry {
    AuditEntry::new(ids, NOW, organization, Actor::System, AuditAction::SettingsChanged)
}

struct Bench {
    store: Store,
    ids: RandomIds,
    organization: OrganizationId,
    workspace: WorkspaceId,
    account: AccountId,
}

impl Bench {
    async fn open(location: &Location) -> Outcome<Self> {
        let (store, ids) = (Store::open(location).await?, RandomIds::default());
        let organization = OrganizationId::new(&ids, NOW);
        let workspace = WorkspaceId::new(&ids, NOW);
        let first = Bootstrap {
            organization: Organization { id: organization, slug: "default".into(), name: "Default".into() },
            workspace: Workspace {
                id: workspace,
                organization,
                slug: "default".into(),
                name: "Default".into(),
            },
            owner: Account {
                id: AccountId::new(&ids, NOW),
                kind: AccountKind::Person,
                name: "Owner".into(),
                email: None,
            },
            membership: MembershipId::new(&ids, NOW),
        };
        let (organization, account) = store.bootstrap(first, NOW, note(&ids, organization)).await?;
        let workspace = store.workspaces(organization.id).await?.first().ok_or("no workspace")?.id;
        Ok(Self { store, ids, organization: organization.id, workspace, account })
    }

    fn new_task(&self) -> NewTask {
        NewTask {
            id: TaskId::new(&self.ids, NOW),
            authority: Authority {
                organization: self.organization,
                workspace: self.workspace,
                account: self.account,
                key: None,
                client: Some("measure".into()),
                toolkit: None,
            },
            idempotency_key: None,
            code: "return 1 + 1".into(),
            seed: 7,
            limits: TaskLimits::default(),
            metadata: None,
            runtime: "quickjs".into(),
            created_at: NOW,
        }
    }

    fn write(&self, task: TaskId, seqs: std::ops::RangeInclusive<u64>, end: bool) -> TaskWrite {
        let last_seq = *seqs.end();
        let end = end.then(|| {
            let result = Some(Json::null());
            (TaskEnd { status: TaskStatus::Completed, result, error: None, warnings: Vec::new() }, NOW)
        });
        TaskWrite {
            task,
            workspace: self.workspace,
            lease_epoch: 1,
            accept: None,
            lease_until: NOW,
            entries: seqs.map(entry).collect(),
            calls: Vec::new(),
            progress: TaskProgress { last_seq, end, ..TaskProgress::default() },
            audit: Vec::new(),
        }
    }

    /// A task as one write, with or without what the audit log is told of it.
    async fn at_once(&self, audited: bool) -> Result<(), executor_store::Error> {
        let task = self.new_task();
        let mut write = self.write(task.id, 1..=4, true);
        write.audit.extend(audited.then(|| self.submitted(&task)));
        write.accept = Some(task);
        self.store.write_task(write, Durability::Synced).await
    }

    /// What the audit log is told of a task that is accepted.
    fn submitted(&self, task: &NewTask) -> AuditEntry {
        let actor =
            Actor::Account { account: self.account, key: None, client: task.authority.client.clone() };
        AuditEntry::new(&self.ids, NOW, self.organization, actor, AuditAction::TaskSubmitted)
            .within(self.workspace)
            .on(task.id)
            .with(&BTreeMap::from([("code", Digest::of(task.code.as_bytes()))]))
    }

    /// A task as a buffered and a synced write.
    async fn in_two(&self) -> Result<(), executor_store::Error> {
        let task = self.new_task();
        let (id, mut first) = (task.id, self.write(task.id, 1..=2, false));
        first.audit.push(self.submitted(&task));
        first.accept = Some(task);
        self.store.write_task(first, Durability::Buffered).await?;
        self.store.write_task(self.write(id, 3..=4, true), Durability::Synced).await
    }

    async fn buffered(&self) -> Result<(), executor_store::Error> {
        let task = self.new_task();
        let mut first = self.write(task.id, 1..=2, false);
        first.audit.push(self.submitted(&task));
        first.accept = Some(task);
        self.store.write_task(first, Durability::Buffered).await
    }

    async fn tasks(&self) -> Outcome<()> {
        for _ in 0..500 {
            self.at_once(true).await?;
        }
        self.measure("buffered start of a task", || self.buffered()).await?;
        self.measure("trivial task in one write, unaudited", || self.at_once(false)).await?;
        self.measure("trivial task in one write", || self.at_once(true)).await?;
        self.measure("trivial task in two writes", || self.in_two()).await
    }

    async fn measure<F, W>(&self, what: &str, work: W) -> Outcome<()>
    where
        W: Fn() -> F,
        F: Future<Output = Result<(), executor_store::Error>>,
    {
        let rounds = 2_000;
        let (mut times, syncs) = (Vec::with_capacity(rounds), self.store.syncs());
        let used = processor_time();
        for _ in 0..rounds {
            let begin = Instant::now();
            work().await?;
            times.push(begin.elapsed());
        }
        let alone = median(times.clone());
        times.sort_unstable();
        let late = times[rounds * 99 / 100];
        let each = (self.store.syncs() - syncs) as f64 / rounds as f64;
        let used = (processor_time() - used) / u32::try_from(rounds)?;
        println!("{what}, alone: p50 {alone:?}, p99 {late:?}, processor {used:?}, {each:.2} syncs each");

        let (begin, syncs, used) = (Instant::now(), self.store.syncs(), processor_time());
        let mut running = futures::stream::iter(0..rounds).map(|_| work()).buffer_unordered(64);
        while let Some(done) = running.next().await {
            done?;
        }
        let each = begin.elapsed() / u32::try_from(rounds)?;
        let used = (processor_time() - used) / u32::try_from(rounds)?;
        let syncs = (self.store.syncs() - syncs) as f64 / rounds as f64;
        println!("{what}, 64 at once: {each:?} each, processor {used:?}, {syncs:.3} syncs each");
        Ok(())
    }

    async fn queue(&self) -> Outcome<()> {
        for _ in 0..1_000 {
            let task = self.new_task();
            self.store.accept_task(task, vec![entry(1)], note(&self.ids, self.organization)).await?;
        }
        let begin = Instant::now();
        while self.store.claim_task(NOW.plus_millis(1), NOW).await?.is_some() {}
        println!("claim, of 1,000 queued: {:?} each", begin.elapsed() / 1_000);
        Ok(())
    }

    async fn catalog(&self, location: &Location) -> Outcome<()> {
        let large = self.source("large");
        for what in ["store", "replace"] {
            let (tools, schemas) = (tools(22_000), schemas(10_000));
            let (begin, used) = (Instant::now(), processor_time());
            self.store.put_source(large.clone(), tools, schemas, note(&self.ids, self.organization)).await?;
            let used = processor_time() - used;
            println!("{what} 22,000 tools and 10,000 schemas: {:?}, processor {used:?}", begin.elapsed());
        }
        for n in 0..78 {
            let (source, audit) = (self.source(&format!("source{n}")), note(&self.ids, self.organization));
            self.store.put_source(source, tools(1_000), Vec::new(), audit).await?;
        }
        let store = Store::open(location).await?;
        let (begin, used) = (Instant::now(), processor_time());
        let mut count = 0;
        for (organization, source, _) in store.all_sources().await? {
            count += store.tool_words(organization, source).await?.len();
        }
        let used = processor_time() - used;
        println!("load what a search needs of {count} tools: {:?}, processor {used:?}", begin.elapsed());
        let begin = Instant::now();
        for n in 0..1_000 {
            store
                .tool(large.organization, large.id, &format!("group{}.list_tool_{n}", n % 50))
                .await?
                .ok_or("no such tool")?;
        }
        println!("one tool: {:?}", begin.elapsed() / 1_000);
        Ok(())
    }

    fn source(&self, name: &str) -> Source {
        Source {
            id: SourceId::new(&self.ids, NOW),
            organization: self.organization,
            workspace: Some(self.workspace),
            name: name.to_owned(),
            kind: SourceKind::Openapi,
            title: name.to_owned(),
            description: String::new(),
            url: None,
            base_url: None,
            version: None,
            document: Digest::of(name.as_bytes()),
            trusted: false,
            tool_count: 0,
            skipped: Json::null(),
            methods: Json::null(),
            created_at: NOW,
            refreshed_at: NOW,
        }
    }
}

fn entry(seq: u64) -> Entry {
    let code = Digest::of(b"return 1 + 1");
    Entry { seq, at: NOW, event: Event::TaskCreated(TaskCreated { seed: 7, started_at: NOW, code }) }
}

fn tools(count: usize) -> Vec<Tool> {
    let input = r##"{"type":"object","properties":{"owner":{"type":"string"},"repository":{"type":"string"},
        "body":{"$ref":"#/$defs/schema1"}},"required":["owner"],"additionalProperties":false}"##;
    let input = serde_json::from_str::<Json>(input).unwrap_or_else(|_| Json::null());
    (0..count)
        .map(|n| Tool {
            name: format!("group{}.listTool{n}", n % 50),
            summary: format!("Lists what number {n} of its kind has to show"),
            description: "As much as a document says about an operation on average. ".repeat(5),
            deprecated: false,
            side_effect: SideEffect::None,
            input: input.clone(),
            output: Some(input.clone()),
            operation: input.clone(),
        })
        .collect()
}

fn schemas(count: usize) -> Vec<SharedSchema> {
    let body = serde_json::json!({"type": "object", "description": "x".repeat(800)});
    (0..count).map(|n| SharedSchema { name: format!("schema{n}"), schema: (&body).into() }).collect()
}

fn sync_times(folder: &tempfile::TempDir) -> Outcome<Vec<Duration>> {
    let mut file = fs_err::File::create(folder.path().join("probe"))?;
    (0..200)
        .map(|_| {
            let begin = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            Ok(begin.elapsed())
        })
        .collect()
}

/// What this process has used, to 10 ms; unlike the clock it does not see what else runs here. None but on Linux.
fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = statistics.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
    Duration::from_millis(10 * ticks)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
