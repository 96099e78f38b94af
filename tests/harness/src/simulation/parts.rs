//! What successive engines share: workers, the upstream, keys, and the disk on which each point begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use executor_core::{Clock, IdSource, Timestamp};
use executor_egress::Client;
use executor_engine::{Executor, Parts, Settings};
use executor_sandbox::{Options, Sandbox, WorkerCommand};
use executor_store::{Blobs, Location, Store};
use executor_vault::{KeyRing, Keys, Vault};
use tempfile::TempDir;
use uuid::{Builder, Uuid};

use super::Honesty;
use super::life::{Kind, Life};
use crate::disk::{Death, Disk, Files};
use crate::fate::Fate;
use crate::person;
use crate::random::Random;
use crate::upstream::Upstream;

/// What successive engines share.
pub struct Simulation {
    sandbox: Sandbox,
    egress: Client,
    vault: Vault,
    clock: Arc<SimulatedClock>,
    pub(super) upstream: Upstream,
    pub(super) template: Files,
    folder: TempDir,
}

impl Simulation {
    /// Prepares a database with the upstream as a source whose every tool is allowed.
    pub async fn new(worker: WorkerCommand) -> Self {
        let folder = TempDir::new().unwrap();
        let egress = executor_egress::Options { allow_local_network: true, ..Default::default() };
        let ring = KeyRing::load_or_create(&folder.path().join("secret.key"), &Keys::default()).unwrap();
        let mut simulation = Self {
            sandbox: Sandbox::start(Options::new(worker)).await.unwrap(),
            egress: Client::new(egress).unwrap(),
            vault: Vault::new(ring, Vec::new()),
            clock: Arc::new(SimulatedClock(Instant::now())),
            upstream: Upstream::start().await,
            template: Files::new(),
            folder,
        };
        let disk = Disk::new(&Files::new(), Arc::new(Fate::new(None)), true);
        let life =
            Box::pin(Life::start(&simulation, &disk, Kind::Whole(0), Honesty::default())).await.unwrap();
        let source = serde_json::from_value(simulation.upstream.source()).unwrap();
        Box::pin(life.workspace.add_source(source, &|_| {})).await.unwrap();
        for rule in person::rules() {
            life.workspace.add_rule(serde_json::from_value(rule).unwrap()).await.unwrap();
        }
        life.executor.shutdown(std::time::Duration::ZERO).await;
        simulation.template = disk.after(Death::Killed, &mut Random::new(0));
        simulation
    }

    /// Starts an engine; nothing if it dies of that.
    pub(super) async fn engine(&self, disk: &Disk, kind: Kind, honesty: Honesty) -> Option<Executor> {
        let (life, concurrent_tasks) = match kind {
            Kind::Whole(life) => (life, 8),
            Kind::Desk(life) => (life, 0),
        };
        let parts = Parts {
            store: Store::open(&Location::Sqlite(disk.database())).await.ok()?,
            blobs: Blobs::new(self.folder.path().join("blobs")),
            sandbox: self.sandbox.clone(),
            egress: self.egress.clone(),
            vault: self.vault.clone(),
            programs: None,
            type_checker: None,
            clock: self.clock.clone(),
            ids: Arc::new(SimulatedIds { life, next: AtomicU32::new(0) }),
        };
        let settings =
            Settings { concurrent_tasks, output_commit: honesty.output_commit, ..Settings::default() };
        Executor::start(parts, settings).await.ok()
    }
}

/// A clock that begins at the same moment in each run.
struct SimulatedClock(Instant);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let since = i64::try_from(self.0.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(1_800_000_000_000).plus_millis(since)
    }
}

/// Ids that are the same in each run: the number of the life and of the id.
struct SimulatedIds {
    life: u64,
    next: AtomicU32,
}

impl IdSource for SimulatedIds {
    fn next_uuid(&self, now: Timestamp) -> Uuid {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 10];
        bytes[3] = self.life as u8;
        bytes[4..8].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(now.as_millis().unsigned_abs(), &bytes).into_uuid()
    }
}
