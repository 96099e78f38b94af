//! The sandbox as its user sees it: begin a program, take what comes out, deliver what comes back.

use std::sync::Arc;
use std::time::Duration;

use executor_core::Timestamp;
use executor_core::call::{CallNumber, Outcome};
use executor_core::journal::Entry;

use crate::jail::JailReport;
use crate::options::{Limits, Options};
use crate::output::Output;
use crate::program::Program;
use crate::stop::{StartError, Stop};

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
    /// How long its first turn may run.
    pub time_left: Duration,
    /// The journal so far; empty for a new task. Where it has a delivery, the program is run again up to the last.
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

/// What the program learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A call ended.
    CallSettled {
        /// Its number.
        call: CallNumber,
        /// How.
        outcome: Outcome,
    },
    /// A timer fired.
    TimerFired {
        /// Its number.
        timer: u32,
    },
}

/// Worker processes, kept ready. Cheap to clone; the last clone and the last session end them.
#[derive(Debug, Clone)]
pub struct Sandbox {}

impl Sandbox {
    /// Starts the first worker and looks at its jail; the others follow in the background.
    pub async fn start(_options: Options) -> Result<Self, StartError> {
        Err(StartError::Worker("not written yet".to_owned()))
    }

    /// What holds the workers.
    pub fn report(&self) -> &JailReport {
        unreachable!("no sandbox starts yet")
    }

    /// Gives a program to a worker and, where the history has deliveries, runs it again up to the last of them.
    ///
    /// Waits for a worker while as many as may be are alive. Dropping the future ends what it has begun.
    pub async fn begin(&self, _begin: Begin<'_>) -> Result<Session, Stop> {
        Err(Stop::Unavailable { why: "not written yet".to_owned() })
    }
}

/// A running program. Dropping it ends the program; the worker is given back or killed.
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// The next thing that comes out. After [`Output::Settled`] or an error there is no next: it stays pending.
    ///
    /// Waits for as long as the program waits for a delivery. Cancel-safe.
    pub async fn next(&mut self) -> Result<Output, Stop> {
        std::future::pending().await
    }

    /// Hands the program something to learn. `at` is the recorded time of the delivery and becomes the program's
    /// time; `time_left` is how long the turn that it starts may run.
    ///
    /// Never waits. A delivery that comes while the program is still running is kept until it is idle; one for a
    /// call or timer that is not pending is ignored.
    ///
    /// Record all outputs that came before in the journal before the delivery.
    pub fn deliver(&mut self, _delivery: Delivery, _at: Timestamp, _time_left: Duration) {}

    /// How long the program has been running in this session, without the time in which it waited.
    pub fn engine_time(&self) -> Duration {
        Duration::ZERO
    }

    /// How long running it again took, which `engine_time` includes.
    pub fn replay_time(&self) -> Duration {
        Duration::ZERO
    }
}
