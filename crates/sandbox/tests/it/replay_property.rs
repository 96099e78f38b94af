//! The replay property (`ENGINE.md` 10.1): a generated program, cut at every prefix of its journal and run again, does
//! what it did, and goes on as it went on.
//!
//! Three tests show that the property can fail: with the seed, the frozen clock or the rule of one delivery at a time
//! switched off, it does.

mod generate;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use executor_core::Timestamp;
use executor_core::call::Outcome;
use executor_core::error::{ErrorCode, ToolError};
use executor_core::journal::{CallSettled, Entry, Event, ProgramEnded, TimerFired};
use executor_sandbox::{
    Begin, CompiledProgram, Delivery, Determinism, Output, Program, ProgramEnd, Sandbox, Session, Stop,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

use crate::support::{STARTED_AT, begin, json, options};
use generate::{Case, case};

/// What a program did, as its engine would have recorded it, and how it ended.
struct Recorded {
    program: CompiledProgram,
    journal: Vec<Entry>,
    end: ProgramEnd,
}

/// What is still pending, as an engine keeps it.
#[derive(Default)]
struct Pending {
    calls: BTreeSet<u32>,
    timers: BTreeSet<(Timestamp, u32)>,
}

impl Pending {
    fn note(&mut self, output: &Output) {
        match output {
            Output::Call(call) => {
                self.calls.insert(call.event.call);
            }
            Output::TimerSet(timer) => {
                self.timers.insert((timer.due_at, timer.timer));
            }
            Output::TimerCleared { timer } => self.timers.retain(|(_, number)| number != timer),
            _ => {}
        }
    }
}

fn start<'a>(case: &Case, program: Program, history: &'a [Entry], determinism: Determinism) -> Begin<'a> {
    Begin {
        program,
        history,
        seed: case.seed,
        determinism,
        replay_budget: Duration::from_secs(10),
        ..begin("")
    }
}

fn outcome(case: &Case, call: u32) -> Outcome {
    if case.fails(call) {
        Outcome::Failed(ToolError::new(ErrorCode::UpstreamError, "t", format!("call {call} failed")))
    } else {
        Outcome::Completed(json(&format!(r#"{{"v":{}}}"#, call * 7 % 5)))
    }
}

fn event_of(output: &Output) -> Option<Event> {
    match output {
        Output::Call(call) if !call.replayed => Some(Event::CallIssued(call.event.clone())),
        Output::Console(line) => Some(Event::Console(line.clone())),
        Output::Emit(item) => Some(Event::Emitted(item.clone())),
        _ => None,
    }
}

/// Runs a program live: what is delivered, and in which order, is the case's choice.
async fn record(sandbox: &Sandbox, case: &Case, determinism: Determinism) -> Result<Recorded, Stop> {
    let mut session = sandbox.begin(start(case, Program::Source(case.source()), &[], determinism)).await?;
    let (mut program, mut pending, mut now) = (None, Pending::default(), STARTED_AT);
    let mut journal: Vec<Entry> = Vec::new();
    let add = |journal: &mut Vec<Entry>, at, event| {
        journal.push(Entry { seq: journal.len() as u64 + 1, at, event })
    };
    let mut choices = case.choices.iter().cycle();
    loop {
        let output = session.next().await?;
        pending.note(&output);
        if let Some(event) = event_of(&output) {
            add(&mut journal, now, event);
        }
        match output {
            Output::Compiled(compiled) => program = Some(compiled),
            Output::Idle { .. } => {
                let choice = usize::from(*choices.next().unwrap())
                    % (pending.calls.len() + usize::from(!pending.timers.is_empty()));
                now = now.plus_millis(1 + choice as i64);
                let (delivery, event) = if let Some(call) = pending.calls.iter().copied().nth(choice) {
                    pending.calls.remove(&call);
                    let outcome = outcome(case, call);
                    (
                        Delivery::CallSettled { call, outcome: outcome.clone() },
                        Event::CallSettled(CallSettled { call, outcome }),
                    )
                } else {
                    let (due_at, timer) = pending.timers.pop_first().unwrap();
                    now = now.max(due_at);
                    (Delivery::TimerFired { timer }, Event::TimerFired(TimerFired { timer }))
                };
                add(&mut journal, now, event);
                session.deliver(delivery, now, Duration::from_secs(10));
            }
            Output::Settled(end) => {
                let returned = matches!(end, ProgramEnd::Returned(_));
                add(&mut journal, now, Event::ProgramEnded(ProgramEnded { returned }));
                return Ok(Recorded { program: program.unwrap(), journal, end });
            }
            _ => {}
        }
    }
}

/// Runs a program again from a prefix of its journal, delivers what the rest of the journal delivers, and compares.
async fn replay(
    sandbox: Sandbox,
    case: &Case,
    recorded: &Recorded,
    cut: usize,
    determinism: Determinism,
) -> Result<(), String> {
    let (history, rest) = recorded.journal.split_at(cut);
    let program = Program::Compiled(recorded.program.clone());
    let mut session =
        sandbox.begin(start(case, program, history, determinism)).await.map_err(said("begin"))?;
    let mut rest = rest.iter();
    loop {
        let output = next(&mut session).await?;
        if let Some(now) = event_of(&output) {
            let then = rest.next().map(|entry| &entry.event);
            if then != Some(&now) {
                return Err(format!("did {now:?}, had done {then:?}"));
            }
        }
        match output {
            Output::Idle { .. } => match rest.next() {
                Some(Entry { at, event, .. }) => {
                    let delivery = match event {
                        Event::CallSettled(settled) => {
                            Delivery::CallSettled { call: settled.call, outcome: settled.outcome.clone() }
                        }
                        Event::TimerFired(fired) => Delivery::TimerFired { timer: fired.timer },
                        other => return Err(format!("waits, but did {other:?}")),
                    };
                    session.deliver(delivery, *at, Duration::from_secs(10));
                }
                None => return Err("waits, but had ended".to_owned()),
            },
            Output::Settled(end) => {
                let ended =
                    matches!(rest.next().map(|entry| &entry.event), None | Some(Event::ProgramEnded(_)));
                let same = end == recorded.end && ended && rest.next().is_none();
                return if same {
                    Ok(())
                } else {
                    Err(format!("ended with {end:?}, had ended with {:?}", recorded.end))
                };
            }
            _ => {}
        }
    }
}

/// A delivery that the program does not wait for leaves it waiting for ever, which is a difference too.
async fn next(session: &mut Session) -> Result<Output, String> {
    tokio::time::timeout(Duration::from_secs(5), session.next())
        .await
        .map_err(said("waits"))?
        .map_err(said("next"))
}

fn said<E: Debug>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error:?}")
}

/// The property for one program. Says where it does not hold. The number is that of the prefixes.
async fn check(sandbox: &Sandbox, case: &Case, determinism: Determinism) -> Result<usize, String> {
    let recorded = match record(sandbox, case, determinism).await {
        Ok(recorded) => recorded,
        // A program may wait for what nothing can settle.
        Err(Stop::Deadlock) => return Ok(0),
        Err(stop) => return Err(stop.to_string()),
    };
    for cut in 0..=recorded.journal.len() {
        replay(sandbox.clone(), case, &recorded, cut, determinism).await.map_err(|difference| {
            format!("cut at {cut}: {difference}\n{}\n{:#?}", case.source(), recorded.journal)
        })?;
    }
    Ok(recorded.journal.len() + 1)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() })
}

/// A quarter of the programs; the four tests share the machine's cores.
fn holds(cases: u32) {
    let runtime = runtime();
    let sandbox = runtime.block_on(Sandbox::start(options())).unwrap();
    let result = runner(cases).run(&case(), |case| {
        let checked = runtime.block_on(check(&sandbox, &case, Determinism::default()));
        checked.map(|_| ()).map_err(proptest::test_runner::TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_program_run_again_does_what_it_did_1() {
    holds(500);
}

#[test]
fn a_program_run_again_does_what_it_did_2() {
    holds(500);
}

#[test]
fn a_program_run_again_does_what_it_did_3() {
    holds(500);
}

#[test]
fn a_program_run_again_does_what_it_did_4() {
    holds(500);
}

/// Looks for a program that shows that the property does not hold.
fn fails(determinism: Determinism) {
    let runtime = runtime();
    let sandbox = runtime.block_on(Sandbox::start(options())).unwrap();
    let mut runner = runner(0);
    for _ in 0..500 {
        let case = case().new_tree(&mut runner).unwrap().current();
        if runtime.block_on(check(&sandbox, &case, determinism)).is_err() {
            return;
        }
    }
    panic!("500 programs did not notice {determinism:?}");
}

#[test]
fn without_the_seed_it_fails() {
    fails(Determinism { seed: false, ..Determinism::default() });
}

#[test]
fn without_the_frozen_clock_it_fails() {
    fails(Determinism { clock: false, ..Determinism::default() });
}

#[test]
fn without_one_delivery_at_a_time_it_fails() {
    fails(Determinism { one_at_a_time: false, ..Determinism::default() });
}
