//! Waiting for a task in the name of a client: within its patience, with progress, and until it goes away.

use std::time::Duration;

use executor_core::Failure;
use executor_core::task::TaskStatus;
use executor_engine::{TaskView, Until, Workspace};
use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio::time::Instant;

use crate::console::Console;

/// How long a client waits that does not say how long, in milliseconds.
pub(crate) const DEFAULT_WAIT_MS: u64 = 45_000;

/// The longest wait that a client may ask for.
const MOST_WAIT: Duration = Duration::from_secs(600);

/// How often a client that asked for it hears that its task goes on. Each time it is asked to be patient again.
pub(crate) const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// How a wait ended.
pub(crate) enum Waited {
    /// The task came so far, or the patience ended.
    Answer(Box<TaskView>),
    /// The client wants no answer any more.
    Abandoned,
}

/// One request's wait.
pub(crate) struct Wait<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) context: &'a RequestContext<RoleServer>,
    /// When the request came.
    pub(crate) since: Instant,
    /// How long it may take, if the client says so.
    pub(crate) wait_ms: Option<u64>,
    /// The lines of the task's console that the client has seen.
    pub(crate) shown: usize,
    beats: u32,
}

impl<'a> Wait<'a> {
    pub(crate) fn new(
        workspace: &'a Workspace,
        context: &'a RequestContext<RoleServer>,
        wait_ms: Option<u64>,
    ) -> Self {
        Self { workspace, context, since: Instant::now(), wait_ms, shown: 0, beats: 0 }
    }

    /// When the client's patience ends. One that gave a progress token and no time of its own is told again and again
    /// to be patient, as long as it `may_extend`.
    pub(crate) fn deadline(&self, may_extend: bool) -> Instant {
        match self.wait_ms {
            None if may_extend && self.listens() => self.since + MOST_WAIT,
            wait_ms => self.since + Duration::from_millis(wait_ms.unwrap_or(DEFAULT_WAIT_MS)).min(MOST_WAIT),
        }
    }

    /// Waits until the task has come so far. A client of a task that waits for a person is answered within its first
    /// patience, so that the model can say so.
    pub(crate) async fn until(&mut self, mut task: TaskView, until: Until) -> Result<Waited, Failure> {
        let mut console = match self.listens() && !task.summary.status.is_final() {
            true => Console::follow(self.workspace, task.summary.id, self.shown).await,
            false => Console::silent(),
        };
        loop {
            let deadline = self.deadline(task.summary.status != TaskStatus::Waiting);
            let now = Instant::now();
            if until.is_reached(task.summary.status) || now >= deadline {
                self.shown = task.console.len();
                return Ok(Waited::Answer(Box::new(task)));
            }
            let slice = (deadline - now).min(PROGRESS_INTERVAL);
            let message = tokio::select! {
                waited = self.workspace.wait(task.summary.id, until, slice) => {
                    task = waited?;
                    format!("Task {} is {}.", task.summary.id, task.summary.status.as_str())
                }
                lines = console.next() => lines,
                () = self.context.ct.cancelled() => return Ok(Waited::Abandoned),
            };
            if !task.summary.status.is_final() {
                self.tell(message).await;
            }
        }
    }

    /// Tells a client that wants to hear it how things go.
    pub(crate) async fn tell(&mut self, message: String) {
        let Some(token) = self.context.meta.get_progress_token() else { return };
        self.beats += 1;
        let progress = ProgressNotificationParam::new(token, f64::from(self.beats)).with_message(message);
        if let Err(error) = self.context.peer.notify_progress(progress).await {
            tracing::debug!(%error, "a client could not be told of progress");
        }
    }

    fn listens(&self) -> bool {
        self.context.meta.get_progress_token().is_some()
    }
}
