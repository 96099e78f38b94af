//! The thread that kills workers past their deadline, whatever else the server is busy with.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::process::{Killed, Process};

/// Kills workers past their deadline.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    watched: Mutex<Watched>,
    sooner: Condvar,
}

#[derive(Debug, Default)]
struct Watched {
    deadlines: BTreeMap<(Instant, u64), (Arc<Process>, Killed)>,
    last_id: u64,
    wakes_at: Option<Instant>,
    retired: bool,
}

/// Dropped, it takes its deadline back.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    key: (Instant, u64),
}

impl Watchdog {
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let own = Arc::clone(&shared);
        std::thread::Builder::new().name("sandbox-watchdog".to_owned()).spawn(move || own.run())?;
        Ok(Self { shared })
    }

    /// Kills `process` at `deadline`, unless the watch is dropped before.
    pub(crate) fn watch(&self, process: &Arc<Process>, deadline: Instant, why: Killed) -> Watch {
        let mut watched = self.shared.lock();
        watched.last_id += 1;
        let key = (deadline, watched.last_id);
        watched.deadlines.insert(key, (Arc::clone(process), why));
        // Deadlines lie further ahead than the one slept for, nearly always: then nobody is woken.
        if watched.wakes_at.is_none_or(|wakes_at| deadline < wakes_at) {
            watched.wakes_at = Some(deadline);
            self.shared.sooner.notify_one();
        }
        drop(watched);
        Watch { shared: Arc::clone(&self.shared), key }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().retired = true;
        self.shared.sooner.notify_one();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let taken = self.shared.lock().deadlines.remove(&self.key);
        // The process may be dropped by this, which must not happen under the lock.
        drop(taken);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut watched = self.lock();
        while !watched.retired {
            let now = Instant::now();
            while let Some(entry) = watched.deadlines.first_entry().filter(|entry| entry.key().0 <= now) {
                let (process, why) = entry.remove();
                process.kill(why);
            }
            let next = watched.deadlines.first_key_value().map(|((deadline, _), _)| *deadline);
            watched.wakes_at = next;
            watched = match next {
                None => self.sooner.wait(watched).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let waited = self.sooner.wait_timeout(watched, deadline.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}
