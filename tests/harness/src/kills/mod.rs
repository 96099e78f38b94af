//! Real servers that are killed, paused and cut off while clients work with them (`ENGINE.md` 10.3).
//!
//! A *round* is a fresh database, one server on SQLite or two on PostgreSQL, some clients that submit generated
//! programs without pause, and a number of disturbances at random times. After the last one the clients finish, every
//! task comes to its end, and the [`check`](crate::check) compares what is left with the history.

mod api;
mod clients;
mod database;
mod proxy;
mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::check::{Expected, check};
use crate::fate::Fate;
use crate::history::{Ending, History};
use crate::person;
use crate::program::Program;
use crate::random::Random;
use crate::upstream::{Upstream, World};

use api::Api;
use clients::{Client, Decider, Ends, TASKS};
use server::Server;

pub use database::{Shared, postgres_url};

/// What a lease lasts, where a server can outlive its own.
const LEASE: Duration = Duration::from_millis(2_500);

/// The programs of a round.
const PROGRAMS: u64 = 16;

/// How many tasks clients have under way.
const CLIENTS: usize = 4;

/// What is done to servers.
#[derive(Debug, Clone)]
pub struct Round {
    /// The program.
    pub executor: PathBuf,
    /// How often something is done.
    pub disturbances: u64,
    /// All choices but those of the operating system follow from it.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Tasks that clients were told of, or that are there all the same.
    pub tasks: usize,
    /// Those that ended as they do undisturbed.
    pub undisturbed: usize,
    /// Writes that reached the upstream.
    pub effects: usize,
    /// Decisions that were acknowledged.
    pub decisions: usize,
    /// What should not be.
    pub wrong: Vec<String>,
}

impl Round {
    /// One server with its SQLite file. All disturbances are kills.
    pub async fn on_sqlite(&self) -> Report {
        let folder = TempDir::new().unwrap();
        let server = Server::start(&self.executor, &folder.path().join("data"), None, LEASE).await;
        self.run(vec![server]).await
    }

    /// Two servers with one PostgreSQL database. They are killed, paused beyond their leases, or cut off from it.
    pub async fn on_postgres(&self, url: &str) -> Report {
        let folder = TempDir::new().unwrap();
        let shared = Shared::create(url, self.seed).await;
        let mut servers = Vec::new();
        for name in ["one", "two"] {
            let proxy = shared.proxy().await;
            servers.push(Server::start(&self.executor, &folder.path().join(name), Some(proxy), LEASE).await);
        }
        let report = self.run(servers).await;
        shared.remove().await;
        report
    }

    async fn run(&self, mut servers: Vec<Server>) -> Report {
        let mut random = Random::new(self.seed);
        let upstream = Upstream::start().await;
        let api = Api::new();
        api.post(&servers[0].url(), "/api/v1/workspaces/default/sources", &upstream.source()).await.unwrap();
        for rule in person::rules() {
            api.post(&servers[0].url(), "/api/v1/workspaces/default/policies", &rule).await.unwrap();
        }
        let world =
            |history: &Arc<History>| World { history: history.clone(), fate: Arc::new(Fate::new(None)) };

        let accesses: Vec<_> = servers.iter().map(Server::access).collect();
        let history = Arc::new(History::default());
        let decider = Decider {
            api: api.clone(),
            servers: accesses.clone(),
            history: history.clone(),
            random: Random::new(random.bits()),
        };
        let decider = tokio::spawn(decider.work());
        let subjects = {
            let history = Arc::new(History::default());
            upstream.enter("r", world(&history));
            self.subjects(&api, &servers[0].url()).await
        };
        upstream.enter("w", world(&history));
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| Client {
                number,
                api: api.clone(),
                servers: accesses.clone(),
                programs: subjects.iter().map(|(program, _)| program.clone()).collect(),
                history: history.clone(),
                stop: stop.clone(),
                random: Random::new(random.bits()),
            })
            .map(|client| tokio::spawn(client.work()))
            .collect();

        for _ in 0..self.disturbances {
            tokio::time::sleep(Duration::from_millis(random.below(250))).await;
            let chosen = random.below(servers.len() as u64) as usize;
            servers[chosen].disturb(&mut random, LEASE).await;
        }
        stop.store(true, Ordering::SeqCst);
        let mut submitted = BTreeMap::new();
        for client in clients {
            submitted.extend(client.await.unwrap());
        }
        let ends = Ends { api: &api, url: servers[0].url() };
        let left = ends.left().await;
        decider.abort();
        let expected: BTreeMap<_, _> =
            submitted.into_iter().map(|(tag, program)| (tag, subjects[program].1.clone())).collect();
        let seen = history.so_far();
        let mut wrong = check(&seen, &left, &expected);
        if !wrong.is_empty() {
            wrong.extend(servers.iter().map(Server::log));
        }
        let as_expected = |task: &&crate::check::Left| {
            task.ending.is_some() && task.ending.as_ref() == expected.get(&task.tag).map(|one| &one.ending)
        };
        Report {
            tasks: left.len(),
            undisturbed: left.iter().filter(as_expected).count(),
            effects: seen.effects.len(),
            decisions: seen.decided.len(),
            wrong,
        }
    }

    /// Programs, and how they end undisturbed.
    async fn subjects(&self, api: &Api, url: &str) -> Vec<(Program, Expected)> {
        let mut subjects = Vec::new();
        for number in 0..PROGRAMS {
            let program = Program::generate_asking(&mut Random::new(self.seed.wrapping_add(number)));
            let tag = format!("r.{number}");
            // Its metadata has no tag: it is not one of the clients' tasks.
            let task = json!({ "code": program.code(&tag), "idempotencyKey": tag });
            let ending = eventually("that an undisturbed task ends", || async {
                Ending::of(&api.post(url, TASKS, &task).await.ok()?)
            })
            .await;
            assert!(ending.code.as_deref() != Some("outcome_unknown"), "it was disturbed: {ending:?}");
            let certain = program.certain.clone();
            subjects.push((program, Expected { ending, certain }));
        }
        subjects
    }
}

/// Waits for something for as long as that can take on a busy machine.
async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut attempt: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = attempt().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} does not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
