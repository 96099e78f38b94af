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
use crate::protocol::{CONSOLE_CUT, End, FromWorker, Limit, MOST_DELAY_MILLIS, MOST_PATH_BYTES};
use crate::session::Delivery;
use crate::stop::Stop;

/// Where a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It compiles source, for that replay version.
    Compiling(u32),
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
    pub(super) fn new(limits: Limits, started_at: Timestamp, compiles_for: Option<u32>) -> Self {
        Self {
            limits,
            now: started_at,
            stage: compiles_for.map_or(Stage::Running, Stage::Compiling),
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
            (Stage::Compiling(version), FromWorker::Compiled(program)) => {
                require(program.replay_version == version, "a program of another replay version")?;
                self.stage = Stage::Running;
                Ok(Output::Compiled(program))
            }
            (Stage::Compiling(_), FromWorker::Ended { end: End::Invalid(error), .. }) => {
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

#[cfg(test)]
mod tests {
    use executor_core::journal::ConsoleLevel;

    use super::*;

    fn running() -> Ledger {
        Ledger::new(Limits::default(), Timestamp::from_millis(0), None)
    }

    fn call(number: u32, arguments: &str) -> FromWorker {
        let (arguments, options) = (arguments.to_owned(), "{}".to_owned());
        FromWorker::Call { call: number, path: "a.b".to_owned(), arguments, options, line: None }
    }

    fn console(line: u32, text: String) -> FromWorker {
        FromWorker::Console { line, level: ConsoleLevel::Info, text }
    }

    fn set(timer: u32) -> FromWorker {
        FromWorker::TimerSet { timer, delay_millis: u64::MAX }
    }

    /// Whether the last of the frames is a violation, and none before it.
    fn violates(frames: Vec<FromWorker>) -> bool {
        let mut ledger = running();
        let mut results: Vec<_> = frames.into_iter().map(|frame| ledger.accept(frame)).collect();
        let last = results.pop();
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        matches!(last, Some(Err(Stop::Violation { .. })))
    }

    #[test]
    fn what_does_not_fit_is_a_violation() {
        let idle = || FromWorker::Idle { ran_micros: 0 };
        let ended = || FromWorker::Ended { end: End::Returned(None), ran_micros: 0 };
        let long_path = FromWorker::Call {
            call: 1,
            path: "a".repeat(MOST_PATH_BYTES + 1),
            arguments: "{}".to_owned(),
            options: "{}".to_owned(),
            line: None,
        };
        for frames in [
            vec![call(2, "{}")],
            vec![call(1, "{}"), call(1, "{}")],
            vec![call(1, "{")],
            vec![call(1, &"[".repeat(200_000))],
            vec![call(1, &format!("{}{}", "[".repeat(500), "]".repeat(500)))],
            vec![call(1, &format!("{:?}", "x".repeat(17 << 20)))],
            vec![long_path],
            vec![set(2)],
            vec![set(1), FromWorker::TimerCleared { timer: 1 }, FromWorker::TimerCleared { timer: 1 }],
            vec![FromWorker::TimerCleared { timer: 1 }],
            vec![console(2, String::new())],
            vec![console(1, "x".repeat(2 << 20))],
            vec![FromWorker::Emit { item: 1, value: "nothing".to_owned() }],
            vec![FromWorker::Emit { item: 1, value: format!("{:?}", "x".repeat(17 << 20)) }],
            vec![FromWorker::Ended { end: End::Returned(Some("{".to_owned())), ran_micros: 0 }],
            vec![FromWorker::Ready],
            vec![FromWorker::Hello { build: String::new(), jail: String::new() }],
            vec![idle(), idle()],
            vec![idle(), call(1, "{}")],
            vec![ended(), ended()],
            vec![ended(), console(1, String::new())],
        ] {
            let shown = format!("{frames:.200?}");
            assert!(violates(frames), "{shown}");
        }
    }

    #[test]
    fn too_much_is_a_limit_even_if_the_worker_does_not_say_so() {
        let limits = Limits { calls: 1, ..Limits::default() };
        let mut ledger = Ledger::new(limits, Timestamp::from_millis(0), None);
        assert!(ledger.accept(call(1, "{}")).is_ok());
        assert_eq!(ledger.accept(call(2, "{}")), Err(Stop::CallLimit { limit: 1 }));
    }

    #[test]
    fn a_program_that_nothing_can_wake_is_deadlocked() {
        let mut ledger = running();
        ledger.accept(set(1)).unwrap();
        ledger.accept(FromWorker::Idle { ran_micros: 0 }).unwrap();
        assert!(!ledger.is_deadlocked());
        ledger.delivered(&Delivery::TimerFired { timer: 1 }, Timestamp::from_millis(5));
        ledger.accept(FromWorker::Idle { ran_micros: 0 }).unwrap();
        assert!(ledger.is_deadlocked());
    }
}
