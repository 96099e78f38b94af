//! A session's worker: turns begun and ended, their time, and what the worker's death means.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use executor_core::Timestamp;
use executor_core::call::Outcome;

use crate::output::{CompileError, Output, ProgramEnd};
use crate::pool::{Broken, Killed, Lease, Pool, Watch};
use crate::program::Program;
use crate::protocol::{self, Deliver, Delivered, FrameError, FromWorker, ProgramText, ToWorker};
use crate::session::ledger::{Ledger, Stage};
use crate::session::{Begin, Delivery};
use crate::stop::Stop;

/// A worker and its program.
#[derive(Debug)]
pub(super) struct Link {
    pool: Arc<Pool>,
    /// There until the session is dropped.
    lease: Option<Lease>,
    ledger: Ledger,
    /// The program and its first turn, while it may still have to be given to another worker.
    unbegun: Option<(ToWorker, Duration)>,
    turn: Option<Turn>,
    /// Whether the program does something new, and does not only run again against the clock.
    is_live: bool,
    engine_time: Duration,
    unsendable: Option<FrameError>,
}

#[derive(Debug)]
struct Turn {
    started: Instant,
    _watch: Watch,
}

impl Link {
    /// Gives the program to the worker.
    pub(super) fn new(pool: Arc<Pool>, lease: Lease, begin: &Begin<'_>, turn: Duration) -> Self {
        let (program, compiles_for) = match &begin.program {
            Program::Source(source) => {
                let replay_version = pool.compiles_for();
                (ProgramText::Source { source: source.clone(), replay_version }, Some(replay_version))
            }
            Program::Compiled(program) => (ProgramText::Compiled(program.clone()), None),
        };
        let started_at = begin.effective_time(begin.started_at);
        let frame = ToWorker::Begin(protocol::Begin {
            program,
            seed: begin.effective_seed(),
            now: started_at.as_millis(),
            limits: begin.limits,
            turn_micros: micros(turn),
        });
        let mut link = Self {
            pool,
            lease: Some(lease),
            ledger: Ledger::new(begin.limits, started_at, compiles_for),
            unbegun: None,
            turn: None,
            is_live: false,
            engine_time: Duration::ZERO,
            unsendable: None,
        };
        link.begin_turn(&frame, turn);
        link.unbegun = Some((frame, turn));
        link
    }

    /// All that was recorded has been run again: from now on it is new.
    pub(super) fn goes_live(&mut self) {
        self.is_live = true;
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) fn engine_time(&self) -> Duration {
        self.engine_time
    }

    /// Starts a turn with a delivery; without `run` the job queue waits for the next delivery.
    pub(super) fn deliver(&mut self, delivery: Delivery, now: Timestamp, time_left: Duration, run: bool) {
        self.ledger.delivered(&delivery, now);
        let what = match delivery {
            Delivery::CallSettled { call, outcome: Outcome::Completed(value) } => {
                Delivered::Completed { call, value: value.as_str().to_owned() }
            }
            Delivery::CallSettled { call, outcome: Outcome::Failed(error) } => {
                // A `ToolError` has string keys and finite numbers only: there is nothing that could fail.
                Delivered::Failed { call, error: serde_json::to_string(&error).unwrap_or_default() }
            }
            Delivery::TimerFired { timer } => Delivered::Timer { timer },
        };
        let frame = Deliver { what, now: now.as_millis(), turn_micros: micros(time_left), run };
        self.begin_turn(&ToWorker::Deliver(frame), time_left);
    }

    /// What comes out next, or what ended the worker. Cancel-safe.
    pub(super) async fn receive(&mut self) -> Result<Output, Stop> {
        loop {
            let Some(lease) = &mut self.lease else { return std::future::pending().await };
            if let Some(error) = self.unsendable.take() {
                return Err(Stop::OutputLimit {
                    what: format!("an outcome is {error}, which is"),
                    limit: most_frame_bytes(),
                });
            }
            let long = self.turn.as_ref().filter(|_| self.is_live).map(|turn| turn.started + LONG_TURN);
            let process = Arc::clone(lease.worker.process());
            let received = tokio::select! {
                biased;
                received = lease.worker.receive() => received,
                () = process.demote_at(long) => continue,
            };
            match received {
                Ok(frame) => return self.accept(frame),
                Err(Broken::Frame(error)) => {
                    return Err(Stop::Violation { what: format!("it sent {error}") });
                }
                // Killed from outside, a worker can be handed out while it dies. Nothing of the program ran.
                Err(Broken::Unread) if self.unbegun.is_some() && !lease.worker.is_condemned() => {
                    self.pool.replace(lease).await.map_err(|why| Stop::Unavailable { why })?;
                    if let Some((frame, turn)) = self.unbegun.take() {
                        self.begin_turn(&frame, turn);
                    }
                }
                Err(Broken::Dead | Broken::Unread) => {
                    let status = lease.worker.bury().await;
                    let killed = lease.worker.process().killed();
                    self.end_turn(Duration::MAX);
                    return self.death(killed, status);
                }
            }
        }
    }

    fn accept(&mut self, frame: FromWorker) -> Result<Output, Stop> {
        self.unbegun = None;
        if let FromWorker::Idle { ran_micros } | FromWorker::Ended { ran_micros, .. } = &frame {
            self.end_turn(Duration::from_micros(*ran_micros));
        }
        let output = self.ledger.accept(frame)?;
        if self.ledger.is_deadlocked() { Err(Stop::Deadlock) } else { Ok(output) }
    }

    fn begin_turn(&mut self, frame: &ToWorker, time_left: Duration) {
        let Some(lease) = &mut self.lease else { return };
        let started = Instant::now();
        // A deadline beyond the end of time is none that could be missed.
        let deadline =
            started.checked_add(time_left.saturating_add(Pool::GRACE)).unwrap_or(started + MOST_TURN);
        self.turn = Some(Turn { started, _watch: lease.worker.watch(deadline) });
        if let Err(error) = lease.worker.send(frame) {
            self.unsendable = Some(error);
        }
    }

    /// A turn took as long as the worker says, but no longer than we have seen it take.
    fn end_turn(&mut self, claimed: Duration) {
        if let Some(turn) = self.turn.take() {
            self.engine_time += claimed.min(turn.started.elapsed());
        }
    }

    /// What a worker's death means for its program.
    fn death(&mut self, killed: Option<Killed>, status: Option<ExitStatus>) -> Result<Output, Stop> {
        match killed {
            Some(Killed::Overdue) => return Err(Stop::TimedOut),
            Some(Killed::Stuck) => return Err(Stop::Crashed { how: "it did not read its pipe".to_owned() }),
            Some(Killed::Unwanted) | None => {}
        }
        let signal = status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status));
        match signal {
            Some(SIGSYS) => Err(Stop::Violation { what: "a forbidden system call".to_owned() }),
            // The parser is recursive, and nothing but its stack can fail there.
            Some(SIGSEGV | SIGABRT | SIGBUS) if matches!(self.ledger.stage(), Stage::Compiling(_)) => {
                let message = "the code is nested too deeply to be parsed".to_owned();
                Ok(Output::Settled(ProgramEnd::Invalid(CompileError { message, location: None, hint: None })))
            }
            Some(signal) => Err(Stop::Crashed { how: format!("signal {signal}") }),
            None => {
                Err(Stop::Crashed { how: status.map_or("unknown".to_owned(), |status| status.to_string()) })
            }
        }
    }
}

const SIGSYS: i32 = rustix::process::Signal::SYS.as_raw();
const SIGSEGV: i32 = rustix::process::Signal::SEGV.as_raw();
const SIGABRT: i32 = rustix::process::Signal::ABORT.as_raw();
const SIGBUS: i32 = rustix::process::Signal::BUS.as_raw();

/// A turn that takes longer than this lets others go first.
const LONG_TURN: Duration = Duration::from_millis(10);

/// Stands for the deadline of a turn that may run for as long as it likes.
const MOST_TURN: Duration = Duration::from_secs(365 * 24 * 3600);

impl Drop for Link {
    fn drop(&mut self) {
        self.turn = None;
        let Some(mut lease) = self.lease.take() else { return };
        match self.ledger.stage() {
            Stage::Ended => self.pool.give_back(lease),
            Stage::Idle => {
                if lease.worker.send(&ToWorker::Abandon).is_ok() {
                    self.pool.give_back(lease);
                }
            }
            // In the midst of a turn: with the lease the process goes.
            Stage::Compiling(_) | Stage::Running => lease.worker.process().kill(Killed::Unwanted),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn most_frame_bytes() -> u64 {
    u64::try_from(protocol::MOST_FRAME_BYTES).unwrap_or(u64::MAX)
}
