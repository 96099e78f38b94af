//! Who runs next: as many tasks at once as there are places, fairly by workspace.
//!
//! A task that is submitted while there is a place and nobody waits runs at once, and is accepted in the same
//! transaction that records how far it came. All others wait as rows.

use std::sync::Arc;
use std::time::Duration;

use executor_core::journal::{AttemptStarted, Entry, Event, TaskCreated};
use executor_core::{Digest, ErrorCode, Failure, Timestamp, WorkspaceId};
use executor_store::{Authority, Durability, Engine, NewTask, Task};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::attempt::{Attempt, Unfinished};
use super::fair_share::Share;
use super::live::Live;
use super::outcome;
use super::places::{Place, Places};
use super::recorder::Recorder;
use super::signals;
use crate::Inner;
use crate::approvals;
use crate::failure::of_store;

/// How often a process renews its leases, and looks for what nobody tells it: tasks that another left behind, signals
/// from other processes, timers and approvals whose time has come. Often enough that a slow round costs no lease.
fn patrol_interval(engine: &Inner) -> Duration {
    (engine.store.lease() / 6).min(Duration::from_secs(1))
}

/// A task that was taken up so often without learning anything is not taken up again.
const MOST_ATTEMPTS: u32 = 3;

/// Where tasks run, and who is told when there is one more.
pub(crate) struct Scheduler {
    places: Arc<Places>,
    /// Told when a task is queued.
    queued: Notify,
    /// Told when another process on the same database has made work.
    heard: Notify,
    /// Cancelled when no more work is taken.
    closing: CancellationToken,
}

impl Scheduler {
    pub(crate) fn new(places: usize) -> Self {
        let (queued, heard) = (Notify::new(), Notify::new());
        Self { places: Places::new(places), queued, heard, closing: CancellationToken::new() }
    }

    /// A place for a task that is submitted now, if nobody has to wait.
    pub(crate) fn place(&self, workspace: WorkspaceId, most: Option<u32>) -> Option<Place> {
        self.places.enter(workspace, most)
    }

    /// Somebody has queued a task.
    pub(crate) fn wake(&self) {
        self.queued.notify_one();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Waits until no more work is taken.
    pub(crate) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Takes no more work.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Waits until nothing runs.
    pub(crate) async fn idle(&self) {
        self.places.idle().await;
    }
}

/// Takes up queued tasks as places become free, until the engine closes.
pub(crate) async fn serve(engine: Arc<Inner>) {
    let scheduler = &engine.scheduler;
    tokio::spawn(patrol(engine.clone()));
    tokio::spawn(listen(engine.clone()));
    while !scheduler.is_closing() {
        let regular = scheduler.places.take();
        let is_full = regular.is_none();
        if let Some(mut place) = regular.or_else(|| scheduler.places.take_extra()) {
            match claim(&engine, is_full).await {
                Ok(Some(task)) => {
                    let authority = &task.new.authority;
                    place.assign(authority.workspace, is_limited(&engine, authority).await);
                    tokio::spawn(take_up(engine.clone(), task, place));
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "no task can be taken up"),
            }
        }
        tokio::select! {
            () = scheduler.closing.cancelled() => return,
            () = scheduler.queued.notified() => {}
            () = scheduler.places.freed(), if is_full => {}
            () = scheduler.places.freed_limited() => {}
        }
    }
}

/// Whether a workspace may have so many tasks running and no more.
async fn is_limited(engine: &Inner, authority: &Authority) -> bool {
    let snapshot = engine.directory.snapshot(authority.organization, authority.workspace).await;
    snapshot.is_ok_and(|snapshot| snapshot.limits.concurrent_tasks.is_some())
}

/// Takes a queued task; `first` only takes one of a workspace that has none running.
async fn claim(engine: &Inner, first: bool) -> Result<Option<Task>, executor_store::Error> {
    let (store, now) = (&engine.store, engine.clock.now());
    match first {
        true => store.claim_first_task(store.lease_until(now), now).await,
        false => store.claim_task(store.lease_until(now), now).await,
    }
}

/// Hears of work from other processes on the same database, until the engine closes.
async fn listen(engine: Arc<Inner>) {
    let scheduler = &engine.scheduler;
    tokio::select! {
        () = scheduler.closing.cancelled() => {}
        () = engine.store.listen(|| scheduler.heard.notify_one()) => {}
    }
}

/// Looks after what nobody tells this process of, for as long as it runs anything, also while all places are taken.
async fn patrol(engine: Arc<Inner>) {
    let mut rounds = tokio::time::interval(patrol_interval(&engine));
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !engine.scheduler.is_closing() || engine.live.count() > 0 {
        tokio::select! {
            _ = rounds.tick() => look_after(&engine).await,
            () = engine.scheduler.heard.notified() => {
                if let Err(error) = poke_signalled(&engine).await {
                    tracing::error!(%error, "tasks that others want something of cannot be told");
                }
            }
        }
        // Another process may have queued something.
        engine.scheduler.wake();
    }
}

async fn look_after(engine: &Inner) {
    let now = engine.clock.now();
    let renewed = match engine.live.count() {
        0 => Ok(()),
        _ => engine.store.renew_leases(engine.store.lease_until(now)).await,
    };
    if let Err(error) = renewed {
        tracing::error!(%error, "leases cannot be renewed");
    }
    if let Err(error) = look_at_waiting(engine, now).await {
        tracing::error!(%error, "waiting tasks cannot be looked after");
    }
    let is_owner = engine.store.engine() == Engine::Sqlite;
    // The owner of a file took over what there was at its start, and one that closes would run nothing of it.
    if is_owner || engine.scheduler.is_closing() {
        return;
    }
    if let Err(error) = engine.catalog.catch_up().await {
        tracing::error!(%error, "the tools that another process has added cannot be read");
    }
    match engine.store.take_over(now).await {
        Ok(0) => {}
        Ok(tasks) => {
            tracing::warn!(tasks, "took over tasks whose process is gone");
            engine.scheduler.wake();
        }
        Err(error) => tracing::error!(%error, "tasks left behind cannot be taken over"),
    }
}

/// Tells live tasks of signals from other processes, queues waiting tasks that are due, and closes approvals that nobody
/// decided in time.
async fn look_at_waiting(engine: &Inner, now: Timestamp) -> Result<(), executor_store::Error> {
    poke_signalled(engine).await?;
    engine.store.wake_due(now).await?;
    approvals::expire(engine, now).await
}

async fn poke_signalled(engine: &Inner) -> Result<(), executor_store::Error> {
    if engine.live.count() > 0 {
        engine.live.poke(&engine.store.signalled_tasks().await?);
    }
    Ok(())
}

/// The events with which a task's journal begins.
pub(crate) fn created(task: &NewTask) -> Event {
    Event::TaskCreated(TaskCreated {
        seed: task.seed,
        started_at: task.created_at,
        code: Digest::of(task.code.as_bytes()),
    })
}

/// Runs a task that is submitted now.
pub(crate) fn start(engine: Arc<Inner>, task: NewTask, place: Place, opening: Share) -> Arc<Live> {
    let recorder =
        Arc::new(Recorder::new(engine.store.clone(), engine.clock.clone(), engine.ids.clone(), task.clone()));
    recorder.record(created(&task));
    let task = Task {
        program: None,
        replay_version: 0,
        status: executor_core::task::TaskStatus::Running,
        lease_epoch: 1,
        attempts: 1,
        attempts_without_progress: 1,
        engine_ms: 0,
        used_ms: 0,
        last_seq: 0,
        journal_bytes: 0,
        expires_at: None,
        end: None,
        started_at: Some(task.created_at),
        ended_at: None,
        new: task,
    };
    let live = engine.live.insert(task, recorder);
    let run = live.clone();
    tokio::spawn(async move { attempt(engine, run, &[], place, opening).await });
    live
}

/// Runs a task that waited, or that was left behind.
async fn take_up(engine: Arc<Inner>, task: Task, place: Place) {
    let workspace = task.new.authority.workspace;
    let read = async {
        let journal = whole_journal(&engine, &task).await?;
        let calls = engine.store.calls(workspace, task.new.id).await?;
        Ok::<_, executor_store::Error>((journal, calls, engine.store.signals(workspace, task.new.id).await?))
    };
    let (journal, calls, signals) = match read.await {
        Ok(read) => read,
        Err(error) => return tracing::error!(%error, task = %task.new.id, "a task's journal cannot be read"),
    };
    let recorder = Recorder::resume(
        engine.store.clone(),
        engine.clock.clone(),
        engine.ids.clone(),
        &task,
        &journal,
        calls,
    );
    let live = engine.live.insert(task, Arc::new(recorder));
    if let Some(request) = signals::heed(&live.recorder, &signals).cancel {
        live.cancel(request);
    }
    let opening = engine.openings.enter(workspace).await;
    attempt(engine, live, &journal, place, opening).await;
}

async fn whole_journal(engine: &Inner, task: &Task) -> Result<Vec<Entry>, executor_store::Error> {
    const PAGE: u32 = 1_000;
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.seq);
        let page = engine.store.journal(task.new.authority.workspace, task.new.id, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        entries.extend(page);
        if is_last {
            return Ok(entries);
        }
    }
}

async fn attempt(engine: Arc<Inner>, live: Arc<Live>, journal: &[Entry], place: Place, opening: Share) {
    let task = &live.task;
    live.begins(opening);
    live.recorder.record(Event::AttemptStarted(AttemptStarted {
        attempt: task.attempts,
        build: env!("CARGO_PKG_VERSION").to_owned(),
    }));
    if !journal.is_empty() {
        // Each taking up counts, durably, so that a task that kills its process is not taken up for ever.
        if let Err(error) = live.recorder.flush(Durability::Synced).await {
            return finish(&engine, &live, Err(Unfinished::Storage(error)), place).await;
        }
    }
    let end = if let Some(request) = live.cancel_request() {
        Ok(outcome::of_cancel_before(&request, &live.recorder))
    } else if task.expires_at.is_some_and(|expires| expires <= engine.clock.now()) {
        live.recorder.abandon();
        let message = "The task was not done within 30 days.";
        Ok(outcome::of_failure(Failure::new(ErrorCode::TaskExpired, message), &live.recorder))
    } else if task.attempts_without_progress > MOST_ATTEMPTS {
        live.recorder.abandon();
        let message = format!("The task was taken up {MOST_ATTEMPTS} times in a row and came no further.");
        Ok(outcome::of_failure(Failure::new(ErrorCode::WorkerCrashed, message), &live.recorder))
    } else {
        match Attempt::begin(engine.clone(), live.clone(), journal).await {
            Ok(attempt) => attempt.run().await,
            Err(stop) if stop.may_retry() => Err(Unfinished::Retry(Failure::from(&stop))),
            Err(stop) => {
                live.recorder.abandon();
                Ok(outcome::of_stop(&stop, &live.recorder))
            }
        }
    };
    let is_last = task.attempts_without_progress >= MOST_ATTEMPTS && !live.recorder.has_progressed();
    let end = match end {
        // It says what failed each time, which nobody would know at the next taking up.
        Err(Unfinished::Retry(failure)) if is_last => {
            live.recorder.abandon();
            Ok(outcome::of_failure(failure, &live.recorder))
        }
        end => end,
    };
    let written = match end {
        Ok(end) => {
            metrics::counter!("executor_tasks_total", "status" => end.status.as_str()).increment(1);
            let ended = async {
                let messages = engine.messages_of_end(&task.new.authority, task.new.id, &end).await?;
                live.recorder.end(end, messages).await
            };
            ended.await.map_err(Unfinished::Storage)
        }
        Err(unfinished) => Err(unfinished),
    };
    finish(&engine, &live, written, place).await;
}

async fn finish(engine: &Arc<Inner>, live: &Arc<Live>, written: Result<(), Unfinished>, place: Place) {
    let task = live.task.new.id;
    let is_lost = matches!(written, Err(Unfinished::Retry(_)));
    let result = match written {
        Ok(()) | Err(Unfinished::Waiting) => Ok(()),
        Err(Unfinished::Storage(executor_store::Error::LeaseLost)) => {
            tracing::warn!(%task, "another process has taken the task up; it goes on there");
            Ok(())
        }
        Err(Unfinished::Storage(error)) => {
            tracing::error!(%error, %task, "a task cannot be recorded and stops until it can");
            tokio::spawn(release_when_possible(engine.clone(), task));
            Err(of_store(&error))
        }
        Err(Unfinished::Retry(failure)) => {
            tracing::warn!(%task, %failure, "an attempt is lost");
            let queued = async {
                live.recorder.flush(Durability::Synced).await?;
                engine.store.release_task(task).await
            };
            queued.await.map_err(|error| of_store(&error))
        }
    };
    let is_queued = result.is_ok() && is_lost;
    // Before anybody hears of the end, since they may come with the next task at once.
    live.has_begun();
    drop(place);
    engine.live.finish(live, result);
    if is_queued {
        engine.scheduler.wake();
    }
}

/// Queues a task again that this process could not record, as soon as the store answers.
async fn release_when_possible(engine: Arc<Inner>, task: executor_core::TaskId) {
    loop {
        tokio::select! {
            () = engine.scheduler.closing.cancelled() => return,
            () = tokio::time::sleep(patrol_interval(&engine)) => {}
        }
        if engine.store.release_task(task).await.is_ok() {
            return engine.scheduler.wake();
        }
    }
}
