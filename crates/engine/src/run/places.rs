//! The places in which tasks run: so many, and one more for each workspace that has none of them.
//!
//! A workspace with many tasks can take all places, for as long as its calls take. Another one is not kept out by that:
//! its first task gets a place beyond the number, of which there are as many again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use executor_core::WorkspaceId;
use tokio::sync::Notify;

/// The places in which tasks run.
pub(crate) struct Places {
    size: usize,
    taken: Mutex<Taken>,
    /// Told when a place becomes free.
    freed: Notify,
    /// Told when it was the place of a workspace that may have so many and no more.
    freed_limited: Notify,
}

#[derive(Default)]
struct Taken {
    regular: usize,
    /// Those beyond the number.
    extra: usize,
    by_workspace: HashMap<WorkspaceId, usize>,
    /// Whether the next regular place is for a task that waits as a row.
    is_awaited: bool,
}

/// A place. Free again when this is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    is_extra: bool,
    workspace: Option<WorkspaceId>,
    /// Whether its workspace may have so many and no more, so that another of its tasks may wait for this one's end.
    is_limited: bool,
}

impl Places {
    pub(crate) fn new(size: usize) -> Arc<Self> {
        Arc::new(Self { size, taken: Mutex::default(), freed: Notify::new(), freed_limited: Notify::new() })
    }

    /// A place for a task that is submitted now, if nobody has to wait. The workspace may have `most`, if that is said.
    pub(crate) fn enter(self: &Arc<Self>, workspace: WorkspaceId, most: Option<u32>) -> Option<Place> {
        let mut taken = self.lock();
        let has = taken.by_workspace.get(&workspace).copied().unwrap_or(0);
        if most.is_some_and(|most| has >= usize::try_from(most).unwrap_or(usize::MAX)) {
            return None;
        }
        let is_extra = taken.regular >= self.size || taken.is_awaited;
        if is_extra && (taken.by_workspace.contains_key(&workspace) || taken.extra >= self.size) {
            return None;
        }
        *taken.by_workspace.entry(workspace).or_default() += 1;
        let mut place = self.place(&mut taken, is_extra, Some(workspace));
        place.is_limited = most.is_some();
        Some(place)
    }

    /// A place for a task that waits as a row. Where there is none, no new task gets the next one.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.lock();
        taken.is_awaited = taken.regular >= self.size;
        (!taken.is_awaited).then(|| self.place(&mut taken, false, None))
    }

    /// A place beyond the number, for the first task of a workspace that has none running.
    pub(crate) fn take_extra(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.lock();
        (taken.extra < self.size).then(|| self.place(&mut taken, true, None))
    }

    /// Waits until a place becomes free.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Waits until a place becomes free of a workspace that may have so many and no more.
    pub(crate) async fn freed_limited(&self) {
        self.freed_limited.notified().await;
    }

    /// Waits until nothing runs.
    pub(crate) async fn idle(&self) {
        let is_idle = |taken: &Taken| taken.regular + taken.extra == 0;
        while !is_idle(&self.lock()) {
            self.freed.notified().await;
        }
    }

    fn place(self: &Arc<Self>, taken: &mut Taken, is_extra: bool, workspace: Option<WorkspaceId>) -> Place {
        *(if is_extra { &mut taken.extra } else { &mut taken.regular }) += 1;
        Place { places: self.clone(), is_extra, workspace, is_limited: false }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whose task runs in it.
    pub(crate) fn assign(&mut self, workspace: WorkspaceId, is_limited: bool) {
        (self.workspace, self.is_limited) = (Some(workspace), is_limited);
        *self.places.lock().by_workspace.entry(workspace).or_default() += 1;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        *(if self.is_extra { &mut taken.extra } else { &mut taken.regular }) -= 1;
        if let Some(workspace) = self.workspace
            && let Some(count) = taken.by_workspace.get_mut(&workspace)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_workspace.remove(&workspace);
            }
        }
        drop(taken);
        self.places.freed.notify_one();
        if self.is_limited {
            self.places.freed_limited.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn workspace(number: u128) -> WorkspaceId {
        Uuid::from_u128(number).into()
    }

    #[test]
    fn a_workspace_that_has_none_gets_a_place_beyond_the_number() {
        let places = Places::new(2);
        let noisy: Vec<_> = (0..4).filter_map(|_| places.enter(workspace(1), None)).collect();
        assert_eq!(noisy.len(), 2);
        let quiet = places.enter(workspace(2), None).unwrap();
        assert!(places.enter(workspace(2), None).is_none());
        let another = places.enter(workspace(3), None).unwrap();
        assert!(places.enter(workspace(4), None).is_none(), "there are as many again, and no more");
        drop((quiet, another));
        assert!(places.enter(workspace(4), None).is_some());
    }

    #[test]
    fn no_new_task_goes_before_those_that_wait() {
        let places = Places::new(2);
        let first = places.enter(workspace(1), None).unwrap();
        let mut row = places.take().unwrap();
        row.assign(workspace(1), false);
        assert!(places.take().is_none());
        drop(first);
        assert!(places.enter(workspace(1), None).is_none());
        let mut row = places.take().unwrap();
        row.assign(workspace(1), false);
        drop(row);
        assert!(places.enter(workspace(1), None).is_some());
    }

    #[test]
    fn a_workspace_may_have_so_many_and_no_more() {
        let places = Places::new(8);
        let first = places.enter(workspace(1), Some(2)).unwrap();
        let _second = places.enter(workspace(1), Some(2)).unwrap();
        assert!(places.enter(workspace(1), Some(2)).is_none());
        drop(first);
        assert!(places.enter(workspace(1), Some(2)).is_some());
    }
}
