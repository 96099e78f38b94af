//! When a write is on the disk, and the books about it.

use std::sync::atomic::{AtomicU64, Ordering};

/// When a write has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Soon: before anything that depends on it leaves the process.
    Buffered,
    /// Before the write returns, and with it everything that was written before.
    Synced,
}

/// What was committed, and what of it is on the disk.
///
/// One sync covers all that was committed before it. So it is enough to count the commits without one, and to
/// remember up to which of them the disk has everything.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    syncs: AtomicU64,
    buffered: AtomicU64,
    covered: AtomicU64,
}

/// The commits that a sync covers if it begins now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(u64);

impl Ledger {
    /// How many commits waited for the disk.
    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Whether something is committed that the disk may not have.
    pub(crate) fn has_unsynced(&self) -> bool {
        self.covered.load(Ordering::SeqCst) < self.buffered.load(Ordering::SeqCst)
    }

    /// To be asked before a commit.
    pub(crate) fn now(&self) -> Before {
        Before(self.buffered.load(Ordering::SeqCst))
    }

    /// Records a commit that changed something.
    pub(crate) fn committed(&self, durability: Durability, before: Before) {
        match durability {
            Durability::Buffered => {
                self.buffered.fetch_add(1, Ordering::SeqCst);
            }
            Durability::Synced => {
                self.covered.fetch_max(before.0, Ordering::SeqCst);
                self.syncs.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("executor_store_syncs_total").increment(1);
            }
        }
    }
}
