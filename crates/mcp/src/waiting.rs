//! Waiting for a task's end in the name of a client: within its patience, with progress, and until it goes away.

use std::time::Duration;

use executor_core::Failure;
use executor_core::task::TaskStatus;
use executor_engine::{TaskView, Until, Workspace};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use tokio::time::Instant;

use crate::console::Console;

/// How long a client waits that does not say how long, in milliseconds.
pub(crate) const DEFAULT_WAIT_MS: u64 = 45_000;

/// The longest wait that a client may ask for.
const MOST_WAIT: Duration = Duration::from_secs(600);

/// How often a client that asked for it hears that its task goes on. Each time it is asked to be patient again.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// How a wait ended.
pub(crate) enum Waited {
    /// The task ended, or the patience did.
    Answer(Box<TaskView>),
    /// The client wants no answer any more.
    Abandoned,
}

/// Waits for the end of a task, counted from `since`; the client has seen the first `shown` lines of its console.
///
/// A client that gave a progress token and no time of its own waits on as long as the task runs; one that waits for a
/// person is answered in time, so that the model can say so.
pub(crate) async fn wait(
    workspace: &Workspace,
    mut task: TaskView,
    until: Until,
    wait_ms: Option<u64>,
    since: Instant,
    shown: usize,
    context: &RequestContext<RoleServer>,
) -> Result<Waited, Failure> {
    let token = context.meta.get_progress_token();
    let patience = since + Duration::from_millis(wait_ms.unwrap_or(DEFAULT_WAIT_MS)).min(MOST_WAIT);
    let extended = since + MOST_WAIT;
    let mut beats = 0;
    let mut console = match &token {
        Some(_) if !task.summary.status.is_final() => {
            Console::follow(workspace, task.summary.id, shown).await
        }
        _ => Console::silent(),
    };
    loop {
        let may_extend = wait_ms.is_none() && token.is_some() && task.summary.status != TaskStatus::Waiting;
        let deadline = if may_extend { extended } else { patience };
        let now = Instant::now();
        if until.is_reached(task.summary.status) || now >= deadline {
            return Ok(Waited::Answer(Box::new(task)));
        }
        let slice = (deadline - now).min(PROGRESS_INTERVAL);
        let message = tokio::select! {
            waited = workspace.wait(task.summary.id, until, slice) => {
                task = waited?;
                format!("Task {} is {}.", task.summary.id, task.summary.status.as_str())
            }
            lines = console.next() => lines,
            () = context.ct.cancelled() => return Ok(Waited::Abandoned),
        };
        if let Some(token) = token.clone().filter(|_| !task.summary.status.is_final()) {
            beats += 1;
            tell(context, token, beats, message).await;
        }
    }
}

async fn tell(context: &RequestContext<RoleServer>, token: ProgressToken, beats: u32, message: String) {
    let progress = ProgressNotificationParam::new(token, f64::from(beats)).with_message(message);
    if let Err(error) = context.peer.notify_progress(progress).await {
        tracing::debug!(%error, "a client could not be told of progress");
    }
}
