//! Workers, kept ready.
//!
//! Invariants:
//! - A worker that has begun a program of one tenant never begins one of another.
//! - What stands on the shelf has said that it is ready, and nothing since.
//! - A worker comes back only from an orderly end; anything else was the end of its process.

mod keeper;
mod process;
mod watchdog;
mod worker;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

pub(crate) use process::Killed;
pub(crate) use watchdog::Watch;
pub(crate) use worker::{Broken, Worker};

use crate::jail::JailReport;
use crate::options::Options;
use crate::protocol::{BUILD, FromWorker};
use crate::session::Tenant;
use keeper::Keeper;
use watchdog::Watchdog;

/// Workers, kept ready.
#[derive(Debug)]
pub(crate) struct Pool {
    options: Options,
    watchdog: Arc<Watchdog>,
    leases: Arc<Semaphore>,
    shelf: Mutex<Shelf>,
    runtime: Handle,
    // Dropped last: it buries the workers on the shelf.
    keeper: Keeper,
}

#[derive(Debug, Default)]
struct Shelf {
    /// Workers that have begun no program yet.
    fresh: Vec<Worker>,
    /// Workers that belong to a tenant, the longest unused first.
    used: VecDeque<Used>,
    /// Whether somebody looks after those that nobody uses any more.
    is_tidied: bool,
    /// Workers on their way to `fresh`.
    starting: usize,
}

/// A worker that has served a tenant and may serve it again.
#[derive(Debug)]
struct Used {
    tenant: Tenant,
    worker: Worker,
    since: Instant,
}

/// A worker that nobody has used for this long is not kept beyond the number that always is.
const MOST_IDLE: Duration = Duration::from_secs(2);

/// A worker for one session.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) worker: Worker,
    tenant: Tenant,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool with one worker, and what that worker says of its jail.
    pub(crate) async fn start(options: Options) -> Result<(Arc<Self>, JailReport), String> {
        let describe = |error: std::io::Error| error.to_string();
        let pool = Self {
            keeper: Keeper::start(&options).map_err(describe)?,
            watchdog: Arc::new(Watchdog::start().map_err(describe)?),
            leases: Arc::new(Semaphore::new(options.most_workers.clamp(1, Semaphore::MAX_PERMITS))),
            shelf: Mutex::default(),
            runtime: Handle::current(),
            options,
        };
        let (worker, report) = pool.start_worker().await?;
        pool.shelf().fresh.push(worker);
        let pool = Arc::new(pool);
        pool.refill();
        Ok((pool, report))
    }

    /// The replay version that source is compiled for.
    pub(crate) fn compiles_for(&self) -> u32 {
        self.options.compile_for
    }

    /// A worker for a program of `tenant`; waits while as many as may be are at work.
    pub(crate) async fn lease(self: &Arc<Self>, tenant: &Tenant) -> Result<Lease, String> {
        let permit = Arc::clone(&self.leases).acquire_owned().await.map_err(|error| error.to_string())?;
        let ready = self.take(tenant);
        self.refill();
        let mut worker = match ready {
            Some(worker) => worker,
            None => self.start_worker().await?.0,
        };
        worker.programs += 1;
        Ok(Lease { worker, tenant: tenant.clone(), _permit: permit })
    }

    /// Puts a new worker in the place of one that died before it had read its program.
    pub(crate) async fn replace(&self, lease: &mut Lease) -> Result<(), String> {
        lease.worker = self.start_worker().await?.0;
        lease.worker.programs = 1;
        Ok(())
    }

    /// Takes a worker back that will say that it is ready, as after a program's end.
    pub(crate) fn give_back(self: &Arc<Self>, mut lease: Lease) {
        if lease.worker.programs >= self.options.programs_per_worker || !lease.worker.process().promote() {
            return;
        }
        let pool = Arc::clone(self);
        self.runtime.spawn(async move {
            let ready = timeout(pool.options.start_timeout, lease.worker.receive()).await;
            let own = lease.worker.process().own_bytes().unwrap_or(0);
            if matches!(ready, Ok(Ok(FromWorker::Ready))) && own <= pool.options.most_own_bytes {
                pool.shelve(lease.tenant, lease.worker);
            }
        });
    }

    /// Takes a worker from the shelf: one that the tenant had before, else a fresh one.
    fn take(&self, tenant: &Tenant) -> Option<Worker> {
        let mut dead = Vec::new();
        let mut shelf = self.shelf();
        loop {
            let own = shelf.used.iter().rposition(|used| used.tenant == *tenant);
            let worker = match own.and_then(|index| shelf.used.remove(index)) {
                Some(used) => used.worker,
                None => shelf.fresh.pop()?,
            };
            if worker.is_quiet() {
                return Some(worker);
            }
            dead.push(worker);
        }
    }

    fn shelve(self: &Arc<Self>, tenant: Tenant, worker: Worker) {
        let mut shelf = self.shelf();
        shelf.used.push_back(Used { tenant, worker, since: Instant::now() });
        let is_over = shelf.used.len() > self.options.most_idle_workers.max(self.options.workers);
        let retired = if is_over { shelf.used.pop_front() } else { None };
        let has_many = shelf.used.len() > self.options.workers;
        let tidies = has_many && !std::mem::replace(&mut shelf.is_tidied, has_many);
        drop(shelf);
        // Its process is killed by this, which must not happen under the lock.
        drop(retired);
        if tidies {
            let pool = Arc::downgrade(self);
            self.runtime.spawn(async move {
                loop {
                    tokio::time::sleep(MOST_IDLE / 2).await;
                    match pool.upgrade() {
                        Some(pool) if pool.tidy() => {}
                        _ => return,
                    }
                }
            });
        }
    }

    /// Ends workers that nobody has used for a while; whether there are still more than are always kept.
    fn tidy(&self) -> bool {
        let mut retired = Vec::new();
        let mut shelf = self.shelf();
        while shelf.used.len() > self.options.workers
            && let Some(used) = shelf.used.pop_front_if(|used| used.since.elapsed() > MOST_IDLE)
        {
            retired.push(used);
        }
        shelf.is_tidied = shelf.used.len() > self.options.workers;
        shelf.is_tidied
    }

    /// Starts in the background what is missing of the fresh workers.
    fn refill(self: &Arc<Self>) {
        let mut shelf = self.shelf();
        let missing = self.options.workers.saturating_sub(shelf.fresh.len() + shelf.starting);
        shelf.starting += missing;
        drop(shelf);
        for _ in 0..missing {
            let pool = Arc::clone(self);
            self.runtime.spawn(async move {
                let started = pool.start_worker().await;
                let mut shelf = pool.shelf();
                shelf.starting -= 1;
                match started {
                    Ok((worker, _)) => shelf.fresh.push(worker),
                    Err(why) => tracing::error!(why, "no worker could be started"),
                }
            });
        }
    }

    async fn start_worker(&self) -> Result<(Worker, JailReport), String> {
        let (process, stream) = self.keeper.start_worker().await.map_err(|error| error.to_string())?;
        let stream = UnixStream::from_std(stream).map_err(|error| error.to_string())?;
        let mut worker = Worker::new(stream, process, Arc::clone(&self.watchdog));
        match timeout(self.options.start_timeout, greet(&mut worker)).await {
            Ok(Ok(report)) => Ok((worker, report)),
            Ok(Err(why)) => match worker.bury().await {
                Some(status) if !status.success() => Err(format!("{why} ({status})")),
                _ => Err(why),
            },
            Err(_) => Err(format!("it said nothing for {} s", self.options.start_timeout.as_secs())),
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait for a worker that is past its deadline to say so itself before it is killed.
    pub(crate) const GRACE: Duration = Duration::from_millis(20);
}

/// Waits until a new worker is ready.
async fn greet(worker: &mut Worker) -> Result<JailReport, String> {
    let report = match worker.receive().await {
        Ok(FromWorker::Hello { build, jail }) if build == BUILD => {
            serde_json::from_str(&jail).map_err(|error| format!("its jail report cannot be read: {error}"))?
        }
        Ok(FromWorker::Hello { build, .. }) => {
            return Err(format!("it is of build {build}, and this is {BUILD}"));
        }
        Ok(_) => return Err("its first word was no hello".to_owned()),
        Err(Broken::Dead | Broken::Unread) => return Err("it died before it was ready".to_owned()),
        Err(Broken::Frame(error)) => return Err(format!("it sent {error}")),
    };
    match worker.receive().await {
        Ok(FromWorker::Ready) => Ok(report),
        _ => Err("it did not become ready".to_owned()),
    }
}
