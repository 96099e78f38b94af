//! The tasks that this process runs: to cancel them, to wait for them, to follow them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use executor_core::journal::CancelRequested;
use executor_core::{Failure, TaskId, WorkspaceId};
use executor_store::Task;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::recorder::Recorder;

/// A task that this process runs.
pub(crate) struct Live {
    /// As it was when this process took it up.
    pub(crate) task: Task,
    pub(crate) recorder: Arc<Recorder>,
    cancel: CancellationToken,
    cancelled_by: Mutex<Option<CancelRequested>>,
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
            ended: watch::Sender::new(None),
        }
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
}

impl LiveTasks {
    pub(crate) fn insert(&self, task: Task, recorder: Arc<Recorder>) -> Arc<Live> {
        let live = Arc::new(Live::new(task, recorder));
        lock(&self.tasks).insert(live.task.new.id, live.clone());
        live
    }

    pub(crate) fn get(&self, workspace: WorkspaceId, task: TaskId) -> Option<Arc<Live>> {
        let tasks = lock(&self.tasks);
        tasks.get(&task).filter(|live| live.task.new.authority.workspace == workspace).cloned()
    }

    pub(crate) fn finish(&self, task: TaskId, result: Result<(), Failure>) {
        if let Some(live) = lock(&self.tasks).remove(&task) {
            live.ended.send_replace(Some(result));
        }
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
