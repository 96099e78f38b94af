//! The tasks that this process runs: to cancel them, to wait for them, to follow them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use executor_core::journal::CancelRequested;
use executor_core::{Failure, TaskId, WorkspaceId};
use executor_store::Task;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::fair_share::Share;
use super::recorder::Recorder;

/// A task that this process runs.
pub(crate) struct Live {
    /// As it was when this process took it up.
    pub(crate) task: Task,
    pub(crate) recorder: Arc<Recorder>,
    cancel: CancellationToken,
    cancelled_by: Mutex<Option<CancelRequested>>,
    signal: Notify,
    /// Whether it waits for nothing but answers of people to open requests.
    asks: watch::Sender<bool>,
    /// Its share of the processors, until its program first waits, or it has ended.
    opening: Mutex<Option<Share>>,
    /// How the attempt ended: well, with the task's end written, or with what kept it from that.
    ended: watch::Sender<Option<Result<(), Failure>>>,
}

impl Live {
    fn new(task: Task, recorder: Arc<Recorder>) -> Self {
        Self {
            task,
            recorder,
            cancel: CancellationToken::new(),
            cancelled_by: Mutex::new(None),
            signal: Notify::new(),
            asks: watch::Sender::new(false),
            opening: Mutex::default(),
            ended: watch::Sender::new(None),
        }
    }

    /// It begins, with this share of the processors.
    pub(crate) fn begins(&self, opening: Share) {
        *lock(&self.opening) = Some(opening);
    }

    /// It waits, or has ended: others may begin.
    pub(crate) fn has_begun(&self) {
        lock(&self.opening).take();
    }

    /// Asks for the task's end. The first to ask is recorded.
    pub(crate) fn cancel(&self, request: CancelRequested) {
        lock(&self.cancelled_by).get_or_insert(request);
        self.cancel.cancel();
    }

    /// Waits until somebody asks for the task's end.
    pub(crate) async fn cancelled(&self) -> Option<CancelRequested> {
        self.cancel.cancelled().await;
        lock(&self.cancelled_by).clone()
    }

    /// Who asked for the task's end, if anybody has.
    pub(crate) fn cancel_request(&self) -> Option<CancelRequested> {
        lock(&self.cancelled_by).clone()
    }

    /// Whether it waits for nothing but answers of people to open requests.
    pub(crate) fn asks(&self, asks: bool) {
        self.asks.send_if_modified(|known| std::mem::replace(known, asks) != asks);
    }

    /// The same, for those who wait for it.
    pub(crate) fn watch_asks(&self) -> watch::Receiver<bool> {
        self.asks.subscribe()
    }

    /// The store has a signal for the task. It may be what it waits for.
    pub(crate) fn poke(&self) {
        self.asks(false);
        self.signal.notify_one();
    }

    /// Waits until the store has a signal for the task.
    pub(crate) async fn signalled(&self) {
        self.signal.notified().await;
    }

    /// Waits until the attempt has ended.
    pub(crate) async fn ended(&self) -> Result<(), Failure> {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone().unwrap_or(Ok(())),
            Err(_) => Ok(()),
        }
    }
}

/// The tasks that this process runs.
#[derive(Default)]
pub(crate) struct LiveTasks {
    tasks: Mutex<HashMap<TaskId, Arc<Live>>>,
    awaited: Mutex<HashMap<TaskId, Arc<Notify>>>,
}

impl LiveTasks {
    pub(crate) fn insert(&self, task: Task, recorder: Arc<Recorder>) -> Arc<Live> {
        let live = Arc::new(Live::new(task, recorder));
        let id = live.task.new.id;
        lock(&self.tasks).insert(id, live.clone());
        if let Some(awaited) = lock(&self.awaited).remove(&id) {
            awaited.notify_waiters();
        }
        live
    }

    /// Told when this process takes the task up the next time. Ask before looking whether it is live.
    pub(crate) fn taken_up(&self, task: TaskId) -> Arc<Notify> {
        let mut awaited = lock(&self.awaited);
        // Those that nobody waits for any more are cleared away by the next who comes.
        awaited.retain(|_, notify| Arc::strong_count(notify) > 1);
        awaited.entry(task).or_default().clone()
    }

    pub(crate) fn get(&self, workspace: WorkspaceId, task: TaskId) -> Option<Arc<Live>> {
        let tasks = lock(&self.tasks);
        tasks.get(&task).filter(|live| live.task.new.authority.workspace == workspace).cloned()
    }

    /// The attempt is over. The task may have been taken up again meanwhile; that attempt is another one.
    pub(crate) fn finish(&self, live: &Arc<Live>, result: Result<(), Failure>) {
        let mut tasks = lock(&self.tasks);
        let id = live.task.new.id;
        if tasks.get(&id).is_some_and(|known| Arc::ptr_eq(known, live)) {
            tasks.remove(&id);
        }
        drop(tasks);
        live.ended.send_replace(Some(result));
    }

    /// Tells those of the tasks that are live that the store has a signal for them.
    pub(crate) fn poke(&self, signalled: &[TaskId]) {
        let tasks = lock(&self.tasks);
        signalled.iter().filter_map(|task| tasks.get(task)).for_each(|live| live.poke());
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.tasks).len()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Live>> {
        lock(&self.tasks).values().cloned().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
