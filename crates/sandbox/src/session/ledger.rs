//! What a worker has said so far, and so what it may say next.
//!
//! A worker runs hostile code and may have been taken over by it. Whatever a well-formed frame says is held against
//! this ledger; what does not fit is a violation and the end of the worker. Pure: frames in, outputs out.

use std::collections::{BTreeMap, BTreeSet};

use executor_core::Timestamp;
use executor_core::call::issued_digest;
use executor_core::journal::{CallIssued, ConsoleLine, Emitted};
use executor_core::json::Json;

use crate::options::Limits;
use crate::output::{IssuedCall, Output, ProgramEnd, TimerSet};
use crate::program::REPLAY_VERSION;
use crate::protocol::{CONSOLE_CUT, End, FromWorker, Limit, MOST_DELAY_MILLIS, MOST_PATH_BYTES};
use crate::session::Delivery;
use crate::stop::Stop;

/// Where a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It compiles source.
    Compiling,
    /// It runs a turn.
    Running,
    /// It waits for a delivery.
    Idle,
    /// Its program has ended.
    Ended,
}

/// What a worker has said so far.
#[derive(Debug)]
pub(super) struct Ledger {
    limits: Limits,
    now: Timestamp,
    stage: Stage,
    calls: u32,
    timers: u32,
    lines: u32,
    line_bytes: usize,
    items: u32,
    item_bytes: usize,
    pending_calls: BTreeSet<u32>,
    pending_timers: BTreeMap<u32, Timestamp>,
}

impl Ledger {
    pub(super) fn new(limits: Limits, started_at: Timestamp, compiles: bool) -> Self {
        Self {
            limits,
            now: started_at,
            stage: if compiles { Stage::Compiling } else { Stage::Running },
            calls: 0,
            timers: 0,
            lines: 0,
            line_bytes: 0,
            items: 0,
            item_bytes: 0,
            pending_calls: BTreeSet::new(),
            pending_timers: BTreeMap::new(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) fn is_call_pending(&self, call: u32) -> bool {
        self.pending_calls.contains(&call)
    }

    pub(super) fn is_timer_pending(&self, timer: u32) -> bool {
        self.pending_timers.contains_key(&timer)
    }

    pub(super) fn was_call_issued(&self, call: u32) -> bool {
        (1..=self.calls).contains(&call)
    }

    pub(super) fn is_pending(&self, delivery: &Delivery) -> bool {
        match delivery {
            Delivery::CallSettled { call, .. } => self.is_call_pending(*call),
            Delivery::TimerFired { timer } => self.is_timer_pending(*timer),
        }
    }

    /// Whether nothing can wake the program any more.
    pub(super) fn is_deadlocked(&self) -> bool {
        self.stage == Stage::Idle && self.pending_calls.is_empty() && self.pending_timers.is_empty()
    }

    /// A delivery goes to the worker, and begins a turn.
    pub(super) fn delivered(&mut self, delivery: &Delivery, now: Timestamp) {
        match delivery {
            Delivery::CallSettled { call, .. } => {
                self.pending_calls.remove(call);
            }
            Delivery::TimerFired { timer } => {
                self.pending_timers.remove(timer);
            }
        }
        self.now = now;
        self.stage = Stage::Running;
    }

    /// Takes a frame of the worker.
    pub(super) fn accept(&mut self, frame: FromWorker) -> Result<Output, Stop> {
        if let FromWorker::Limit(limit) = frame {
            return Err(self.stop_for(limit));
        }
        match (self.stage, frame) {
            (Stage::Compiling, FromWorker::Compiled(program)) => {
                require(program.replay_version == REPLAY_VERSION, "a program of another replay version")?;
                self.stage = Stage::Running;
                Ok(Output::Compiled(program))
            }
            (Stage::Compiling, FromWorker::Ended { end: End::Invalid(error), .. }) => {
                self.stage = Stage::Ended;
                Ok(Output::Settled(ProgramEnd::Invalid(error)))
            }
            (Stage::Running, frame) => self.accept_running(frame),
            (stage, _) => Err(violation(&format!("a frame that does not fit while {stage:?}"))),
        }
    }

    fn accept_running(&mut self, frame: FromWorker) -> Result<Output, Stop> {
        match frame {
            FromWorker::Call { call, path, arguments, options, line } => {
                self.call(call, path, arguments, options, line)
            }
            FromWorker::TimerSet { timer, delay_millis } => self.timer_set(timer, delay_millis),
            FromWorker::TimerCleared { timer } => {
                require(self.pending_timers.remove(&timer).is_some(), "a timer cleared that is not pending")?;
                Ok(Output::TimerCleared { timer })
            }
            FromWorker::Console { line, level, text } => {
                self.line_bytes = self.line_bytes.saturating_add(text.len());
                let most_lines = self.limits.console_lines.saturating_add(1);
                let most_bytes = bytes(self.limits.console_bytes).saturating_add(CONSOLE_CUT.len());
                require(next(&mut self.lines, line) && line <= most_lines, "a console line out of order")?;
                require(self.line_bytes <= most_bytes, "too long a console")?;
                Ok(Output::Console(ConsoleLine { line, level, text }))
            }
            FromWorker::Emit { item, value } => {
                self.item_bytes = self.item_bytes.saturating_add(value.len());
                require(next(&mut self.items, item), "an emitted value out of order")?;
                require(self.item_bytes <= bytes(self.limits.emitted_bytes), "too much emitted")?;
                Ok(Output::Emit(Emitted { item, value: json(value)? }))
            }
            FromWorker::Idle { .. } => {
                self.stage = Stage::Idle;
                let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
                Ok(Output::Idle {
                    calls_pending: count(self.pending_calls.len()),
                    timers_pending: count(self.pending_timers.len()),
                })
            }
            FromWorker::Ended { end, .. } => {
                let end = self.program_end(end)?;
                self.stage = Stage::Ended;
                Ok(Output::Settled(end))
            }
            other => Err(violation(&format!("a frame that does not fit while running: {}", kind(&other)))),
        }
    }

    fn call(
        &mut self,
        call: u32,
        path: String,
        arguments: String,
        options: String,
        line: Option<u32>,
    ) -> Result<Output, Stop> {
        require(next(&mut self.calls, call), "a call out of order")?;
        if call > self.limits.calls {
            return Err(Stop::CallLimit { limit: self.limits.calls });
        }
        let most = bytes(self.limits.value_bytes);
        require(
            path.len() <= MOST_PATH_BYTES && arguments.len() <= most && options.len() <= most,
            "too large a call",
        )?;
        let (arguments, options) = (json(arguments)?, json(options)?);
        let digest = issued_digest(&path, &options, &arguments)
            .map_err(|error| violation(&format!("arguments without a canonical form ({error})")))?;
        self.pending_calls.insert(call);
        let event = CallIssued { call, path, arguments, options, digest, line };
        Ok(Output::Call(IssuedCall { event, replayed: false }))
    }

    fn timer_set(&mut self, timer: u32, delay_millis: u64) -> Result<Output, Stop> {
        require(next(&mut self.timers, timer) && timer <= self.limits.timers, "a timer out of order")?;
        let delay = i64::try_from(delay_millis.min(MOST_DELAY_MILLIS)).unwrap_or(i64::MAX);
        let due_at = self.now.plus_millis(delay);
        self.pending_timers.insert(timer, due_at);
        Ok(Output::TimerSet(TimerSet { timer, due_at, replayed: false }))
    }

    fn program_end(&self, end: End) -> Result<ProgramEnd, Stop> {
        Ok(match end {
            End::Returned(None) => ProgramEnd::Returned(None),
            End::Returned(Some(result)) => {
                let most = bytes(self.limits.value_bytes);
                require(result.len() <= most, "too large a result")?;
                ProgramEnd::Returned(Some(json(result)?))
            }
            End::Threw(error) => ProgramEnd::Threw(error),
            End::Unserializable(what) => ProgramEnd::Unserializable(what),
            End::Invalid(error) => ProgramEnd::Invalid(error),
        })
    }

    fn stop_for(&self, limit: Limit) -> Stop {
        let value_bytes = u64::from(self.limits.value_bytes);
        let too_large = |what: &str, limit| Stop::OutputLimit { what: what.to_owned(), limit };
        match limit {
            Limit::Time => Stop::TimedOut,
            Limit::Memory => Stop::MemoryLimit { limit: self.limits.memory_bytes },
            Limit::Calls => Stop::CallLimit { limit: self.limits.calls },
            Limit::Timers => Stop::TimerLimit { limit: self.limits.timers },
            Limit::Result => too_large("the result is", value_bytes),
            Limit::Arguments => too_large("the arguments of a call are", value_bytes),
            Limit::Emitted => too_large("the emitted values are", u64::from(self.limits.emitted_bytes)),
        }
    }
}

/// Counts one up, and says whether that is `number`.
fn next(counter: &mut u32, number: u32) -> bool {
    *counter = counter.saturating_add(1);
    *counter == number
}

fn bytes(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn json(text: String) -> Result<Json, Stop> {
    Json::parse(text).map_err(|error| violation(&format!("what is no JSON ({error})")))
}

fn require(holds: bool, what: &str) -> Result<(), Stop> {
    if holds { Ok(()) } else { Err(violation(what)) }
}

fn violation(what: &str) -> Stop {
    Stop::Violation { what: format!("it sent {what}") }
}

fn kind(frame: &FromWorker) -> &'static str {
    match frame {
        FromWorker::Hello { .. } => "hello",
        FromWorker::Ready => "ready",
        FromWorker::Compiled(_) => "compiled",
        _ => "another",
    }
}
