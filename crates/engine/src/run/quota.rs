//! How many unfinished tasks a workspace may have, without counting them at every submission.
//!
//! The rows are counted again only after a part of the limit was accepted, and always before a task is refused: a
//! refusal is exact. What other processes on the same database accept meanwhile is seen with the next count.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use executor_core::{ErrorCode, Failure, WorkspaceId};
use executor_store::Store;

use crate::failure::StoreResult;

/// The part of the limit that may be accepted before the rows are counted again.
const COUNTED_PART: u64 = 10;

/// The unfinished tasks of each workspace, about.
#[derive(Default)]
pub(crate) struct Quota {
    workspaces: Mutex<HashMap<WorkspaceId, Known>>,
}

struct Known {
    counted: u64,
    accepted_since: u64,
}

impl Quota {
    /// Counts one more task, or fails with [`ErrorCode::TooManyTasks`].
    pub(crate) async fn take(
        &self,
        store: &Store,
        workspace: WorkspaceId,
        limit: u64,
    ) -> Result<(), Failure> {
        if self.has_room(workspace, limit) {
            return Ok(());
        }
        let unfinished = store.unfinished_tasks(workspace).await.shown()?;
        if unfinished >= limit {
            let message = format!("The workspace has {unfinished} unfinished tasks; no more are taken.");
            return Err(Failure::new(ErrorCode::TooManyTasks, message));
        }
        let known = Known { counted: unfinished, accepted_since: 1 };
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).insert(workspace, known);
        Ok(())
    }

    fn has_room(&self, workspace: WorkspaceId, limit: u64) -> bool {
        let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = workspaces.get_mut(&workspace) else { return false };
        let is_recent = known.accepted_since < limit.div_ceil(COUNTED_PART);
        let has_room = is_recent && known.counted + known.accepted_since < limit;
        known.accepted_since += u64::from(has_room);
        has_room
    }
}
