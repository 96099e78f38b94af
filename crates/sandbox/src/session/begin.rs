//! What a session begins with.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use executor_core::journal::Entry;
use executor_core::{Clock, Timestamp, clock::SystemClock};

use crate::options::Limits;
use crate::program::{MOST_SOURCE_BYTES, Program, is_replayable};
use crate::stop::Stop;

/// Who a worker works for. A worker never serves two of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant(Arc<str>);

impl Tenant {
    /// Two tenants are the same if their texts are.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }
}

/// What a session begins with.
#[derive(Debug)]
pub struct Begin<'a> {
    /// Whose program it is.
    pub tenant: Tenant,
    /// The program.
    pub program: Program,
    /// What its randomness grows from.
    pub seed: u64,
    /// Its first moment.
    pub started_at: Timestamp,
    /// What it may use.
    pub limits: Limits,
    /// How long its first turn may run, or with a history the turn after the last recorded delivery.
    pub time_left: Duration,
    /// The journal so far; empty for a new task.
    pub history: &'a [Entry],
    /// How long running it again may take: twice the recorded engine time and one second.
    pub replay_budget: Duration,
    /// For tests only: [`Determinism::default`] everywhere else.
    #[doc(hidden)]
    pub determinism: Determinism,
}

/// What makes a program deterministic, each of which the negative tests of the replay property can switch off to prove
/// that the property notices. Never anything but the default outside of them.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Determinism {
    /// Randomness grows from the recorded seed; else from one of this run's own.
    pub seed: bool,
    /// The clock stands at the last delivery's recorded time; else it shows this run's own.
    pub clock: bool,
    /// The job queue runs empty between two deliveries; else recorded deliveries are taken together.
    pub one_at_a_time: bool,
}

impl Default for Determinism {
    fn default() -> Self {
        Self { seed: true, clock: true, one_at_a_time: true }
    }
}

impl Begin<'_> {
    pub(super) fn effective_seed(&self) -> u64 {
        if self.determinism.seed { self.seed } else { RandomState::new().hash_one(self.seed) }
    }

    pub(super) fn effective_time(&self, recorded: Timestamp) -> Timestamp {
        if self.determinism.clock { recorded } else { SystemClock.now() }
    }
}

/// Whether the program can be given to a worker at all.
pub(super) fn check(program: &Program) -> Result<(), Stop> {
    match program {
        Program::Source(source) if source.len() > MOST_SOURCE_BYTES => {
            Err(Stop::CodeTooLarge { bytes: source.len(), limit: MOST_SOURCE_BYTES })
        }
        Program::Compiled(program) if !is_replayable(program.replay_version) => {
            Err(Stop::ReplayVersion { version: program.replay_version })
        }
        _ => Ok(()),
    }
}
