//! Stepping through a task that has been run.

use executor_core::{ErrorCode, Failure, Scope, TaskId};

use super::Workspace;
use crate::failure::StoreResult;
use crate::run::stepping;
use crate::sight;
use crate::view::{ReplayDivergence, TaskReplay};

/// Events that are read at once.
const EVENTS_A_PAGE: u32 = 1_000;

impl Workspace {
    /// Runs a task's program again in a worker, fed with what it had learned, and gives what it does at each turn
    /// (scope `read`). Nothing leaves and nothing is written. Of a task that has not ended: as far as it has come.
    pub async fn replay(&self, id: TaskId) -> Result<TaskReplay, Failure> {
        self.principal.require(Scope::Read)?;
        let task = self.settle_for_reading(id).await?;
        if !self.sees(&task) {
            return Err(sight::not_seen(id));
        }
        let mut journal = Vec::new();
        loop {
            let after = journal.last().map_or(0, |entry: &executor_core::journal::Entry| entry.seq);
            let page = self.engine.store.journal(self.id, id, after, EVENTS_A_PAGE).await.shown()?;
            if page.is_empty() {
                break;
            }
            journal.extend(page);
        }
        if journal.is_empty() {
            let message = format!("The journal of task {id} is not kept any more.");
            return Err(Failure::new(ErrorCode::NotFound, message)
                .with_hint("Run it again as a new task, or keep journals for longer."));
        }
        let replayed = stepping::run(&self.engine.sandbox, &task, &journal).await;
        let replayed = replayed.map_err(|stop| Failure::from(&stop))?;
        let code = ErrorCode::ReplayDiverged;
        let diverged = replayed.diverged.map(|difference| ReplayDivergence { code, difference });
        Ok(TaskReplay { task: id, steps: replayed.steps, diverged })
    }
}
