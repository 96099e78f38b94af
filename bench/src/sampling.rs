//! The most memory that processes take while something goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::processes;

/// Looks at the memory of a tree of processes again and again, until it is stopped.
#[derive(Debug)]
pub struct Sampling {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Sampling {
    /// Looks each `pause`, and at the end once more.
    pub fn start(root: u32, pause: Duration) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let told = is_over.clone();
        let thread = std::thread::spawn(move || {
            let mut most = 0;
            loop {
                let is_last = told.load(Ordering::Relaxed);
                // A process may end while it is looked at.
                most = most.max(processes::memory(root).map_or(0, |memory| memory.proportional));
                if is_last {
                    return most;
                }
                std::thread::park_timeout(pause);
            }
        });
        Self { is_over, thread }
    }

    /// The most that was seen, in bytes.
    pub fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().unwrap_or(0)
    }
}
