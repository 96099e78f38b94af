//! How many tasks a workspace may have, and may begin in a minute.
//!
//! Unfinished tasks are not counted at every submission: the rows are counted again only after a part of the limit was
//! accepted, and always before a task is refused, so a refusal is exact. What other processes on the same database accept
//! meanwhile is seen with the next count; tasks a minute are those of this process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use executor_core::limits::WorkspaceLimits;
use executor_core::{ErrorCode, Failure, Timestamp, WorkspaceId};
use executor_store::Store;

use crate::failure::StoreResult;

/// The part of the limit that may be accepted before the rows are counted again.
const COUNTED_PART: u64 = 10;

const MINUTE_MS: u64 = 60_000;

/// What each workspace has taken.
#[derive(Default)]
pub(crate) struct Quota {
    unfinished: Mutex<HashMap<WorkspaceId, Unfinished>>,
    minutes: Mutex<HashMap<WorkspaceId, Minute>>,
}

/// The unfinished tasks of a workspace, about.
struct Unfinished {
    counted: u64,
    accepted_since: u64,
}

/// What a workspace has begun since then.
struct Minute {
    began: Timestamp,
    accepted: u32,
}

impl Quota {
    /// Counts one more task, or fails with [`ErrorCode::TooManyTasks`]. `most` is what the deployment gives.
    pub(crate) async fn take(
        &self,
        store: &Store,
        workspace: WorkspaceId,
        limits: &WorkspaceLimits,
        most: u64,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.take_unfinished(store, workspace, limits.unfinished_tasks.map_or(most, |own| own.min(most)))
            .await?;
        match limits.tasks_per_minute {
            Some(limit) => self.take_in_minute(workspace, limit, now),
            None => Ok(()),
        }
    }

    async fn take_unfinished(
        &self,
        store: &Store,
        workspace: WorkspaceId,
        limit: u64,
    ) -> Result<(), Failure> {
        if self.has_room(workspace, limit) {
            return Ok(());
        }
        let counted = store.unfinished_tasks(workspace).await.shown()?;
        if counted >= limit {
            let message = format!("The workspace has {counted} unfinished tasks; {limit} are taken.");
            return Err(Failure::new(ErrorCode::TooManyTasks, message));
        }
        lock(&self.unfinished).insert(workspace, Unfinished { counted, accepted_since: 1 });
        Ok(())
    }

    fn has_room(&self, workspace: WorkspaceId, limit: u64) -> bool {
        let mut workspaces = lock(&self.unfinished);
        let Some(known) = workspaces.get_mut(&workspace) else { return false };
        let is_recent = known.accepted_since < limit.div_ceil(COUNTED_PART);
        let has_room = is_recent && known.counted + known.accepted_since < limit;
        known.accepted_since += u64::from(has_room);
        has_room
    }

    fn take_in_minute(&self, workspace: WorkspaceId, limit: u32, now: Timestamp) -> Result<(), Failure> {
        let mut minutes = lock(&self.minutes);
        let minute = minutes.entry(workspace).or_insert(Minute { began: now, accepted: 0 });
        let passed = now.millis_since(minute.began);
        if passed >= MINUTE_MS {
            *minute = Minute { began: now, accepted: 0 };
        }
        if minute.accepted < limit {
            minute.accepted += 1;
            return Ok(());
        }
        let seconds = MINUTE_MS.saturating_sub(passed).div_ceil(1_000).max(1);
        let message = format!("The workspace may begin {limit} tasks a minute, and has.");
        Err(Failure::new(ErrorCode::TooManyTasks, message)
            .with_hint(format!("Send it again in {seconds} s."))
            .with_retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
