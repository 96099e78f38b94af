//! A task run again for looking at: its program in a worker, fed what it had learned, turn by turn.
//!
//! Nothing leaves: the calls that come out are held against the record and carried out by nobody, and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use executor_core::Timestamp;
use executor_core::call::{CallNumber, Outcome};
use executor_core::journal::{CallIssued, Entry, Event};
use executor_sandbox::{
    Begin, Delivery, Determinism, Output, Program, ProgramEnd, Sandbox, Session, Stop, Tenant,
};
use executor_store::Task;

use crate::redact::redacted;
use crate::view::{Learned, ReplayDifference, ReplayEnd, ReplayStep, ReplayedCall, ReplayedTimer};

/// How long a turn may run of which the journal does not say that it came to its end.
const OPEN_TURN: Duration = Duration::from_secs(2);

/// What came of running a task again.
pub(crate) struct Replayed {
    pub(crate) steps: Vec<ReplayStep>,
    pub(crate) diverged: Option<ReplayDifference>,
}

/// Why there is no next step.
enum Halt {
    Diverged(ReplayDifference),
    Stopped(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

/// Runs a task again. Fails only where no worker can run it at all.
pub(crate) async fn run(sandbox: &Sandbox, task: &Task, journal: &[Entry]) -> Result<Replayed, Stop> {
    let record = Record::of(journal);
    let program = match task.program.as_deref().map(serde_json::from_str) {
        Some(Ok(compiled)) => Program::Compiled(compiled),
        Some(Err(_)) | None => Program::Source(task.new.code.clone()),
    };
    let authority = &task.new.authority;
    let budget = Duration::from_millis(2 * task.engine_ms + 1_000);
    let session = sandbox
        .begin(Begin {
            tenant: Tenant::new(format!("{} {}", authority.workspace, authority.account)),
            program,
            seed: task.new.seed,
            started_at: task.new.created_at,
            limits: (&task.new.limits).into(),
            time_left: if record.deliveries.is_empty() { budget.max(OPEN_TURN) } else { budget },
            // Without a history each turn comes out as it did then.
            history: &[],
            replay_budget: Duration::ZERO,
            determinism: Determinism::default(),
        })
        .await?;
    let mut stepping = Stepping { session, record, budget, steps: Vec::new(), state: State::default() };
    let diverged = match stepping.run_all(task.new.created_at).await {
        Ok(()) => None,
        Err(Halt::Diverged(difference)) => Some(difference),
        Err(Halt::Stopped(Stop::ReplayLimit)) => return Err(Stop::ReplayLimit),
        Err(Halt::Stopped(stop)) if stop.may_retry() => return Err(stop),
        Err(Halt::Stopped(stop)) => stepping.stopped(&stop),
    };
    Ok(Replayed { steps: stepping.steps, diverged })
}

/// What the journal says that the program did and learned.
struct Record<'a> {
    calls: BTreeMap<CallNumber, &'a CallIssued>,
    deliveries: Vec<(Delivery, Timestamp)>,
    /// Whether it returned, if it ended by itself.
    returned: Option<bool>,
}

impl<'a> Record<'a> {
    fn of(journal: &'a [Entry]) -> Self {
        let mut record = Self { calls: BTreeMap::new(), deliveries: Vec::new(), returned: None };
        for entry in journal {
            let delivery = match &entry.event {
                Event::CallIssued(call) => {
                    record.calls.insert(call.call, call);
                    continue;
                }
                Event::CallSettled(settled) => {
                    Delivery::CallSettled { call: settled.call, outcome: settled.outcome.clone() }
                }
                Event::TimerFired(fired) => Delivery::TimerFired { timer: fired.timer },
                // What settled after the end reached no code.
                Event::ProgramEnded(ended) => {
                    record.returned = Some(ended.returned);
                    break;
                }
                _ => continue,
            };
            record.deliveries.push((delivery, entry.at));
        }
        record
    }
}

/// Where the program stands now.
#[derive(Default)]
struct State {
    calls: BTreeSet<CallNumber>,
    settled: BTreeSet<CallNumber>,
    timers: BTreeSet<u32>,
    ended: bool,
}

struct Stepping<'a> {
    session: Session,
    record: Record<'a>,
    budget: Duration,
    steps: Vec<ReplayStep>,
    state: State,
}

impl Stepping<'_> {
    async fn run_all(&mut self, started_at: Timestamp) -> Result<(), Halt> {
        let deliveries = std::mem::take(&mut self.record.deliveries);
        self.turn(started_at, Learned::Start).await?;
        for (index, (delivery, at)) in deliveries.iter().enumerate() {
            self.check_delivery(delivery)?;
            let is_last = index + 1 == deliveries.len();
            let left = self.budget.saturating_sub(self.session.engine_time());
            let left = if is_last { left.max(OPEN_TURN) } else { left };
            self.session.deliver(delivery.clone(), *at, left);
            let turn = self.turn(*at, learned(delivery)).await;
            match turn {
                Err(Halt::Stopped(Stop::TimedOut)) if !is_last => return Err(Stop::ReplayLimit.into()),
                turn => turn?,
            }
        }
        self.check_whole()
    }

    /// Takes what comes out until the program waits or has ended.
    async fn turn(&mut self, at: Timestamp, learned: Learned) -> Result<(), Halt> {
        let number = u32::try_from(self.steps.len() + 1).unwrap_or(u32::MAX);
        self.steps.push(ReplayStep::new(number, at, learned));
        loop {
            let output = match self.session.next().await {
                // Whether that is a divergence, the next delivery says.
                Err(Stop::Deadlock) => return self.end(ReplayEnd::Deadlock),
                output => output?,
            };
            let Some(step) = self.steps.last_mut() else { return Ok(()) };
            match output {
                Output::Compiled(_) => {}
                Output::Call(issued) => {
                    let call = issued.event;
                    self.state.calls.insert(call.call);
                    step.calls.push(ReplayedCall {
                        call: call.call,
                        path: call.path.clone(),
                        arguments: redacted(&call.arguments),
                        line: call.line,
                    });
                    check_call(self.record.calls.get(&call.call).copied(), &call)?;
                }
                Output::TimerSet(set) => {
                    self.state.timers.insert(set.timer);
                    step.timers.push(ReplayedTimer { timer: set.timer, due_at: set.due_at });
                }
                Output::TimerCleared { timer } => {
                    self.state.timers.remove(&timer);
                }
                Output::Console(line) => step.console.push(line),
                Output::Emit(item) => step.emitted.push(item),
                Output::Idle { .. } => return Ok(()),
                Output::Settled(ProgramEnd::Returned(result)) => {
                    return self.end(ReplayEnd::Returned { result });
                }
                Output::Settled(ProgramEnd::Threw(thrown)) => {
                    let line = thrown.location.map(|location| location.line);
                    return self.end(ReplayEnd::Threw { message: thrown.message, line });
                }
                Output::Settled(ProgramEnd::Unserializable(what)) => {
                    let message = format!("What it returned has no JSON form: {what}.");
                    return self.end(ReplayEnd::Threw { message, line: None });
                }
                Output::Settled(ProgramEnd::Invalid(error)) => {
                    let line = error.location.map(|location| location.line);
                    return self.end(ReplayEnd::Threw { message: error.message, line });
                }
            }
        }
    }

    fn end(&mut self, end: ReplayEnd) -> Result<(), Halt> {
        self.state.ended = true;
        if let Some(step) = self.steps.last_mut() {
            step.end = Some(end);
        }
        Ok(())
    }

    /// The program was stopped from outside. That it was then too is no difference.
    fn stopped(&mut self, stop: &Stop) -> Option<ReplayDifference> {
        let code = stop.code();
        // The step is there: a program is stopped within a turn.
        let _ = self.end(ReplayEnd::Stopped { code, message: stop.to_string() });
        self.record.returned.map(|_| ReplayDifference {
            recorded: "the program ended by itself".to_owned(),
            now: format!("it was stopped: {stop}"),
        })
    }

    fn check_delivery(&mut self, delivery: &Delivery) -> Result<(), Halt> {
        let (recorded, is_awaited) = match delivery {
            Delivery::CallSettled { call, .. } => {
                let is_awaited = self.state.calls.contains(call) && self.state.settled.insert(*call);
                (format!("the outcome of call {call} came in"), is_awaited)
            }
            Delivery::TimerFired { timer } => {
                (format!("timer {timer} fired"), self.state.timers.contains(timer))
            }
        };
        match () {
            () if self.state.ended => Err(diverged(recorded, "the program had ended before that")),
            () if !is_awaited => Err(diverged(recorded, "the program does not wait for that")),
            () => Ok(()),
        }
    }

    /// Whether everything that was recorded has happened again.
    fn check_whole(&self) -> Result<(), Halt> {
        if let Some(missing) = self.record.calls.values().find(|call| !self.state.calls.contains(&call.call))
        {
            return Err(diverged(describe(missing), "the program never made that call"));
        }
        let end = self.steps.last().and_then(|step| step.end.as_ref());
        match (self.record.returned, end) {
            (Some(_), None) => Err(diverged("the program ended".to_owned(), "the program went on")),
            (Some(true), Some(end)) if !matches!(end, ReplayEnd::Returned { .. }) => {
                Err(diverged("the program returned".to_owned(), "it did not"))
            }
            (Some(false), Some(ReplayEnd::Returned { .. })) => {
                Err(diverged("the program threw".to_owned(), "it returned"))
            }
            _ => Ok(()),
        }
    }
}

/// A call that the journal does not have is one that the program made after the last that was recorded.
fn check_call(recorded: Option<&CallIssued>, now: &CallIssued) -> Result<(), Halt> {
    match recorded {
        Some(recorded) if recorded.path != now.path || recorded.digest != now.digest => {
            Err(diverged(describe(recorded), &describe(now)))
        }
        _ => Ok(()),
    }
}

fn learned(delivery: &Delivery) -> Learned {
    match delivery {
        Delivery::TimerFired { timer } => Learned::Timer { timer: *timer },
        Delivery::CallSettled { call, outcome: Outcome::Completed(result) } => {
            Learned::Call { call: *call, result: Some(redacted(result)), error: None }
        }
        Delivery::CallSettled { call, outcome: Outcome::Failed(error) } => {
            Learned::Call { call: *call, result: None, error: Some(error.clone()) }
        }
    }
}

fn diverged(recorded: String, now: &str) -> Halt {
    Halt::Diverged(ReplayDifference { recorded, now: now.to_owned() })
}

fn describe(call: &CallIssued) -> String {
    const MOST_SHOWN: usize = 500;
    let arguments: String = redacted(&call.arguments).as_str().chars().take(MOST_SHOWN).collect();
    format!("call {} of tools.{}({arguments})", call.call, call.path)
}
