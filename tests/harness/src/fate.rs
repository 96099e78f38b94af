//! When an engine dies.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

/// What an engine is doing when it may die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It writes to its disk, or waits for it.
    Disk,
    /// Its request has arrived, has had its effect, or is being answered.
    Upstream,
}

/// Counts the moments of one life and ends it at the chosen one. From then on nothing that it does leaves a trace.
#[derive(Debug)]
pub struct Fate {
    last: Option<(Moment, u64)>,
    disk: AtomicU64,
    upstream: AtomicU64,
    death: CancellationToken,
}

impl Fate {
    /// A life that ends at the moment of that number, counted from 0 among those of its kind; or never.
    pub fn new(last: Option<(Moment, u64)>) -> Self {
        Self { last, disk: AtomicU64::new(0), upstream: AtomicU64::new(0), death: CancellationToken::new() }
    }

    /// A moment passes. False if it is one too many.
    pub fn survives(&self, moment: Moment) -> bool {
        if self.is_dead() {
            return false;
        }
        let number = self.counter(moment).fetch_add(1, Ordering::SeqCst);
        if self.last == Some((moment, number)) {
            self.death.cancel();
        }
        !self.is_dead()
    }

    /// Whether it is over.
    pub fn is_dead(&self) -> bool {
        self.death.is_cancelled()
    }

    /// Ends it now.
    pub fn die(&self) {
        self.death.cancel();
    }

    /// Waits for the end.
    pub async fn death(&self) {
        self.death.cancelled().await;
    }

    /// How many moments of a kind have passed.
    pub fn passed(&self, moment: Moment) -> u64 {
        self.counter(moment).load(Ordering::SeqCst)
    }

    fn counter(&self, moment: Moment) -> &AtomicU64 {
        match moment {
            Moment::Disk => &self.disk,
            Moment::Upstream => &self.upstream,
        }
    }
}
