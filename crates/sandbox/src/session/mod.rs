//! A running program as the engine sees it: take what comes out, deliver what comes back.

mod begin;
mod ledger;
mod link;
mod record;
mod replay;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use executor_core::call::{CallNumber, Outcome};
use executor_core::{Clock, Timestamp, clock::SystemClock};

pub use begin::{Begin, Determinism, Tenant};

use crate::jail::JailReport;
use crate::options::{Limits, Options};
use crate::output::Output;
use crate::pool::Pool;
use crate::program::REPLAY_VERSION;
use crate::protocol::Decoder;
use crate::stop::{StartError, Stop};
use ledger::{Ledger, Stage};
use link::Link;
use record::Record;
use replay::Budget;

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

/// Worker processes, kept ready. Cheap to clone; with the last clone and the last session they end.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pool: Arc<Pool>,
    report: Arc<JailReport>,
}

impl Sandbox {
    /// Starts the first worker and looks at its jail; the others follow in the background, on this runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (strict, below_floor) = (options.strict, options.below_floor);
        let (pool, report) = Pool::start(options).await.map_err(StartError::Worker)?;
        if strict && !report.is_strict() {
            return Err(StartError::NotStrict(report));
        }
        if !report.meets_floor() {
            if !below_floor {
                return Err(StartError::BelowFloor(report));
            }
            tracing::error!(
                missing = report.missing_floor(),
                "code runs UNSAFE: the jail's floor is not whole"
            );
        }
        for layer in &report.layers {
            tracing::info!(layer = layer.name, state = ?layer.state, "jail");
        }
        Ok(Self { pool, report: Arc::new(report) })
    }

    /// What holds the workers.
    pub fn report(&self) -> &JailReport {
        &self.report
    }

    /// Gives a program to a worker and, where the history has anything of it, runs it again up to the last delivery.
    ///
    /// Waits for a worker while as many as may be are at work. Dropping the future ends what it has begun.
    pub async fn begin(&self, begin: Begin<'_>) -> Result<Session, Stop> {
        begin::check(&begin.program)?;
        let lease = self.pool.lease(&begin.tenant).await.map_err(|why| Stop::Unavailable { why })?;
        let record = Record::of(begin.history);
        let budget = Budget::of(&begin, &record);
        let first_turn = budget.turn(Duration::ZERO, record.deliveries.is_empty());
        let mut session = Session {
            link: Link::new(Arc::clone(&self.pool), lease, &begin, first_turn),
            outputs: VecDeque::new(),
            waiting: VecDeque::new(),
            replay_time: Duration::ZERO,
            over: false,
            own_clock: !begin.determinism.clock,
        };
        replay::run(&mut session, &begin, record, budget).await?;
        session.link.goes_live();
        Ok(session)
    }
}

/// A running program. Dropping it ends the program; the worker is given back or killed.
#[derive(Debug)]
pub struct Session {
    link: Link,
    /// What has come out and has not been taken.
    outputs: VecDeque<Output>,
    /// What came in while the program was running.
    waiting: VecDeque<(Delivery, Timestamp, Duration)>,
    replay_time: Duration,
    over: bool,
    own_clock: bool,
}

impl Session {
    /// The next thing that comes out. After [`Output::Settled`] or an error there is no next: it stays pending.
    ///
    /// Waits for as long as the program waits for a delivery. Cancel-safe.
    pub async fn next(&mut self) -> Result<Output, Stop> {
        if let Some(output) = self.outputs.pop_front() {
            return Ok(output);
        }
        if self.over {
            return std::future::pending().await;
        }
        let output = self.link.receive().await;
        self.over = matches!(output, Err(_) | Ok(Output::Settled(_)));
        self.deliver_waiting();
        output
    }

    /// Hands the program something to learn. `at` is the recorded time of the delivery and becomes the program's
    /// time; `time_left` is how long the turn that it starts may run.
    ///
    /// Never waits. A delivery that comes while the program is still running is kept until it is idle; one for a
    /// call or timer that is not pending is ignored.
    ///
    /// Record all outputs that came before in the journal before the delivery.
    pub fn deliver(&mut self, delivery: Delivery, at: Timestamp, time_left: Duration) {
        self.waiting.push_back((delivery, at, time_left));
        self.deliver_waiting();
    }

    /// How long the program has been running in this session, without the time in which it waited.
    pub fn engine_time(&self) -> Duration {
        self.link.engine_time()
    }

    /// How long running it again took, which `engine_time` includes.
    pub fn replay_time(&self) -> Duration {
        self.replay_time
    }

    /// Delivers what came in while the program was running, once it is idle.
    fn deliver_waiting(&mut self) {
        while self.link.ledger().stage() == Stage::Idle && !self.over {
            let Some((delivery, at, time_left)) = self.waiting.pop_front() else { return };
            if self.link.ledger().is_pending(&delivery) {
                let at = if self.own_clock { SystemClock.now() } else { at };
                self.link.deliver(delivery, at, time_left, true);
            }
        }
    }
}

/// Feeds bytes to what reads a worker's frames, as far as it takes them.
pub(crate) fn fuzz_frames(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    decoder.buffer().extend_from_slice(bytes);
    let mut ledger = Ledger::new(Limits::default(), Timestamp::from_millis(0), Some(REPLAY_VERSION));
    while let Ok(Some(frame)) = decoder.next() {
        if ledger.accept(frame).is_err() {
            return;
        }
    }
}
