//! One worker process: it can always be killed, and it is always reaped.

use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SendError, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use rustix::process::{Pid, getpriority_process, setpriority_process};

use super::keeper::Request;

/// Why we killed a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Killed {
    /// Its turn ran past its deadline.
    Overdue,
    /// It did not take what was written to it.
    Stuck,
    /// Nobody wants it any more.
    Unwanted,
}

/// How nice a process is that computes for long: it gets a tenth of what others do, and not nothing.
const DEMOTED: i32 = 10;
/// As nice as a process can be.
const NICEST: i32 = 19;
/// What the system gives a process less for each step of niceness.
const STEP: f64 = 1.25;

/// How many processes compute for long. The more there are, the nicer they are: all together get hardly more of what others
/// want than two of them do, or the one with the most programs would have the processors.
#[derive(Debug, Default)]
pub(crate) struct Demoted(AtomicUsize);

impl Demoted {
    /// How nice another one is.
    fn enter(&self) -> i32 {
        niceness(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn niceness(processes: usize) -> i32 {
    let most = NICEST - DEMOTED;
    let steps = (0..most).take_while(|steps| 2.0 * STEP.powi(*steps) < processes as f64).count();
    DEMOTED + i32::try_from(steps).map_or(most, |steps| steps.min(most))
}

/// A worker process.
#[derive(Debug)]
pub(crate) struct Process {
    // Taken only when the process is dropped.
    child: Mutex<Option<Child>>,
    id: u32,
    killed: OnceLock<Killed>,
    is_demoted: AtomicBool,
    demoted: Arc<Demoted>,
    keeper: Sender<Request>,
}

impl Process {
    pub(super) fn new(child: Child, keeper: Sender<Request>, demoted: Arc<Demoted>) -> Self {
        let (killed, is_demoted) = (OnceLock::new(), AtomicBool::new(false));
        Self { id: child.id(), child: Mutex::new(Some(child)), killed, is_demoted, demoted, keeper }
    }

    /// Lets others go first from a moment on; never comes where there is no such moment, or it is done.
    pub(crate) async fn demote_at(&self, moment: Option<Instant>) {
        match moment {
            Some(moment) if !self.is_demoted.load(Ordering::Relaxed) => {
                tokio::time::sleep_until(moment.into()).await;
                // Where the system does not let us, it stays as it is.
                self.set_priority(self.demoted.enter());
                self.is_demoted.store(true, Ordering::Relaxed);
            }
            _ => std::future::pending().await,
        }
    }

    /// Makes it the equal of others again. Whether it is: not every user may do this.
    pub(crate) fn promote(&self) -> bool {
        if self.is_demoted.load(Ordering::Relaxed) {
            let ours = getpriority_process(None).unwrap_or(0);
            if self.set_priority(ours) {
                self.is_demoted.store(false, Ordering::Relaxed);
                self.demoted.leave();
            }
        }
        !self.is_demoted.load(Ordering::Relaxed)
    }

    fn set_priority(&self, priority: i32) -> bool {
        // Under the lock nobody has waited for it, so its id is not another's by now.
        let child = self.lock();
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        child.is_some() && id.is_some_and(|id| setpriority_process(Some(id), priority).is_ok())
    }

    /// Kills it, for the first reason that comes.
    pub(crate) fn kill(&self, why: Killed) {
        self.killed.get_or_init(|| why);
        if let Some(child) = self.lock().as_mut() {
            // It fails only for a process that is dead and reaped.
            let _ = child.kill();
        }
    }

    /// Why it was killed, if it was.
    pub(crate) fn killed(&self) -> Option<Killed> {
        self.killed.get().copied()
    }

    /// Kills it unless it is dead, and says how it ended. May be asked again.
    pub(crate) async fn bury(self: &Arc<Self>) -> Option<ExitStatus> {
        let process = Arc::clone(self);
        let wait = move || {
            let mut child = process.lock();
            let child = child.as_mut()?;
            if let Ok(Some(status)) = child.try_wait() {
                return Some(status);
            }
            // Its end of the pipe is closed: it is about to die, and must not take its time.
            std::thread::sleep(std::time::Duration::from_millis(1));
            if let Ok(Some(status)) = child.try_wait() {
                return Some(status);
            }
            let _ = child.kill();
            child.wait().ok()
        };
        tokio::task::spawn_blocking(wait).await.ok().flatten()
    }

    /// The bytes of memory that are its own, where the system says so. Pages of files are not: all workers share
    /// those of our binary, and how many of them are there depends on what else the system has read.
    pub(crate) fn own_bytes(&self) -> Option<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.id)).ok()?;
        let mut pages = statm.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
        let (resident, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
        Some(resident.saturating_sub(shared) * u64::try_from(rustix::param::page_size()).ok()?)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if *self.is_demoted.get_mut() {
            self.demoted.leave();
        }
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child
            && !matches!(child.try_wait(), Ok(Some(_)))
        {
            let _ = child.kill();
            // The keeper waits for it, so that nobody else has to.
            if let Err(SendError(Request::Bury(mut child))) = self.keeper.send(Request::Bury(child)) {
                let _ = child.wait();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_compute_the_nicer_each_is() {
        let nice = [1, 2, 3, 4, 8, 15, 64, usize::MAX].map(niceness);
        assert_eq!(nice, [10, 10, 12, 14, 17, 19, 19, 19]);
    }
}
