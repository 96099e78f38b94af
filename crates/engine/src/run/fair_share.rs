//! Who gets the processors next: fairly by workspace.
//!
//! What needs the processors for a moment goes through here: a task until its program first waits, and a call until it
//! waits for its API. Only as many are let in at once as keep the processors busy. What waits then waits here, where
//! workspaces take turns, and not in the queues of the runtime and the operating system, where the one with the most
//! work has the most places. Nobody keeps a place for long: what takes longer than [`MOST_HOLD`] waits for something
//! else, or is a matter for the operating system; unless the processors are so busy that everything takes longer.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use executor_core::WorkspaceId;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// How long a place is kept at most.
const MOST_HOLD: Duration = Duration::from_millis(10);

/// The same while the processors are too busy to tell who uses them.
const MOST_HOLD_WHEN_BUSY: Duration = Duration::from_millis(100);

/// Where a timer comes this late, the processors are too busy.
const LATE: Duration = Duration::from_millis(1);

/// A number of places, shared fairly.
pub(crate) struct FairShare {
    queues: Mutex<Queues>,
}

struct Queues {
    free: usize,
    /// Who waits, by workspace, in the order in which they came.
    waiting: HashMap<WorkspaceId, VecDeque<oneshot::Sender<Share>>>,
    /// The workspaces in which somebody waits, in the order in which they get a place.
    order: VecDeque<WorkspaceId>,
}

/// A place among those that get the processors. Free again when this is dropped, or before.
pub(crate) struct Share {
    _left: oneshot::Sender<()>,
}

impl FairShare {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        let queues = Queues { free: places.max(1), waiting: HashMap::new(), order: VecDeque::new() };
        Arc::new(Self { queues: Mutex::new(queues) })
    }

    /// Waits for a place. Cancel-safe.
    pub(crate) async fn enter(self: &Arc<Self>, workspace: WorkspaceId) -> Share {
        loop {
            let turn = {
                let mut queues = self.lock();
                if queues.free > 0 {
                    queues.free -= 1;
                    drop(queues);
                    return self.share();
                }
                queues.wait(workspace)
            };
            // The other end is only dropped with all of this.
            if let Ok(share) = turn.await {
                return share;
            }
        }
    }

    fn share(self: &Arc<Self>) -> Share {
        let share = self.clone();
        let (left, mut has_left) = oneshot::channel();
        tokio::spawn(async move {
            let began = Instant::now();
            loop {
                let due = Instant::now() + MOST_HOLD;
                // It ends with an error, as the other end is dropped.
                let is_over = timeout_at(due, &mut has_left).await.is_ok();
                let is_busy = due.elapsed() > LATE && began.elapsed() < MOST_HOLD_WHEN_BUSY;
                if is_over || !is_busy {
                    break share.leave();
                }
            }
        });
        Share { _left: left }
    }

    /// Gives a place to the next, or keeps it for who comes.
    fn leave(self: &Arc<Self>) {
        let next = self.lock().next();
        if let Some(next) = next {
            // Where who waited has gone at this very moment, the place ends as all do, and goes to the next.
            drop(next.send(self.share()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn wait(&mut self, workspace: WorkspaceId) -> oneshot::Receiver<Share> {
        let (sender, turn) = oneshot::channel();
        let queue = self.waiting.entry(workspace).or_default();
        if queue.is_empty() {
            self.order.push_back(workspace);
        }
        queue.push_back(sender);
        turn
    }

    /// Who is next; nobody if nobody waits, and then there is one more free place.
    fn next(&mut self) -> Option<oneshot::Sender<Share>> {
        while let Some(workspace) = self.order.pop_front() {
            let Some(queue) = self.waiting.get_mut(&workspace) else { continue };
            let next = queue.pop_front();
            match queue.is_empty() {
                true => drop(self.waiting.remove(&workspace)),
                false => self.order.push_back(workspace),
            }
            if let Some(next) = next.filter(|next| !next.is_closed()) {
                return Some(next);
            }
        }
        self.free += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;
    use uuid::Uuid;

    fn workspace(number: u128) -> WorkspaceId {
        Uuid::from_u128(number).into()
    }

    /// Who enters in which order when `waiting` came while the only place was taken.
    async fn order(waiting: &[u128]) -> Vec<u128> {
        let share = FairShare::new(1);
        let first = share.enter(workspace(0)).await;
        let (sender, mut entered) = tokio::sync::mpsc::unbounded_channel();
        for number in waiting.iter().copied() {
            let (share, sender) = (share.clone(), sender.clone());
            tokio::spawn(async move {
                let place = share.enter(workspace(number)).await;
                let _ = sender.send(number);
                drop(place);
            });
            tokio::task::yield_now().await;
        }
        drop((first, sender));
        let mut order = Vec::new();
        while let Some(number) = entered.recv().await {
            order.push(number);
        }
        order
    }

    #[tokio::test]
    async fn workspaces_take_turns() {
        assert_eq!(order(&[1, 1, 1, 2, 1, 3, 2]).await, [1, 2, 3, 1, 2, 1, 1]);
    }

    #[tokio::test]
    async fn a_place_is_free_again_after_a_while_and_who_has_gone_gets_none() {
        let share = FairShare::new(1);
        let _kept = share.enter(workspace(1)).await;
        let gone = timeout(MOST_HOLD / 2, share.enter(workspace(2))).await;
        assert!(gone.is_err());
        timeout(50 * MOST_HOLD, share.enter(workspace(3))).await.unwrap();
        // And there is still exactly one place.
        let _taken = share.enter(workspace(1)).await;
        assert!(timeout(MOST_HOLD / 2, share.enter(workspace(1))).await.is_err());
    }
}
