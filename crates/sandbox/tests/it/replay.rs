//! Replay and divergence, rule by rule (`ENGINE.md` 5).

use std::time::Duration;

use executor_core::call::{Outcome, issued_digest};
use executor_core::journal::{
    CallIssued, CallSettled, ConsoleLevel, ConsoleLine, Entry, Event, ProgramEnded, TimerFired,
};
use executor_core::{ErrorCode, Timestamp, ToolError};
use executor_sandbox::{
    Begin, CompiledProgram, Options, Output, Program, ProgramEnd, REPLAY_VERSION, Sandbox, Session, Stop,
};

use crate::support::{begin, json, options, run_with, sandbox};

fn at(seconds: i64) -> Timestamp {
    crate::support::STARTED_AT.plus_millis(seconds * 1000)
}

fn entry(seconds: i64, event: Event) -> Entry {
    Entry { seq: 0, at: at(seconds), event }
}

fn issued(call: u32, path: &str, arguments: &str) -> Event {
    let (options, arguments) = (json("{}"), json(arguments));
    let digest = issued_digest(path, &options, &arguments).unwrap();
    Event::CallIssued(CallIssued { call, path: path.to_owned(), arguments, options, digest, line: None })
}

fn settled(call: u32, value: &str) -> Event {
    Event::CallSettled(CallSettled { call, outcome: Outcome::Completed(json(value)) })
}

fn line(number: u32) -> Event {
    Event::Console(ConsoleLine { line: number, level: ConsoleLevel::Info, text: "shown".to_owned() })
}

async fn resume(sandbox: &Sandbox, source: &str, history: &[Entry]) -> Result<Session, Stop> {
    sandbox.begin(Begin { history, ..begin(source) }).await
}

/// What comes out until the program waits or ends.
async fn outputs(session: &mut Session) -> Vec<Output> {
    let mut outputs = Vec::new();
    loop {
        outputs.push(session.next().await.unwrap());
        if matches!(outputs.last(), Some(Output::Idle { .. } | Output::Settled(_))) {
            return outputs.into_iter().filter(|output| !matches!(output, Output::Compiled(_))).collect();
        }
    }
}

const TWO_CALLS: &str = "console.log('one'); const a = await tools.a.b({ n: 1 });\n\
                         console.log('two'); setTimeout(() => {}, 60_000);\n\
                         const b = await tools.c.d({ n: a.n });\nconsole.log('three');\nreturn [a.n, b.n, Date.now()]";

#[tokio::test]
async fn after_the_last_delivery_what_is_unsettled_goes_on() {
    let sandbox = sandbox().await;
    let history = [
        entry(0, line(1)),
        entry(0, issued(1, "a.b", r#"{"n":1}"#)),
        entry(5, settled(1, r#"{"n":2}"#)),
        entry(5, line(2)),
        entry(5, issued(2, "c.d", r#"{"n":2}"#)),
    ];
    let mut session = resume(&sandbox, TWO_CALLS, &history).await.unwrap();
    let out = outputs(&mut session).await;
    let [Output::TimerSet(timer), Output::Call(call), Output::Idle { calls_pending: 1, timers_pending: 1 }] =
        &out[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!((timer.due_at, timer.replayed), (at(65), true));
    assert_eq!((call.event.call, call.event.path.as_str(), call.replayed), (2, "c.d", true));
    assert!(session.replay_time() > Duration::ZERO && session.engine_time() >= session.replay_time());
    session.deliver(
        executor_sandbox::Delivery::CallSettled { call: 2, outcome: Outcome::Completed(json(r#"{"n":3}"#)) },
        at(9),
        Duration::from_secs(1),
    );
    let out = outputs(&mut session).await;
    let [Output::Console(third), Output::Settled(ProgramEnd::Returned(Some(result)))] = &out[..] else {
        panic!("{out:?}")
    };
    assert_eq!(
        (third.line, third.text.as_str(), result.as_str()),
        (3, "three", &*format!("[2,3,{}]", at(9).as_millis()))
    );
}

#[tokio::test]
async fn what_the_journal_lacks_is_told_as_new() {
    let sandbox = sandbox().await;
    // Cut before the second line and the second call were recorded.
    let history =
        [entry(0, line(1)), entry(0, issued(1, "a.b", r#"{"n":1}"#)), entry(5, settled(1, r#"{"n":2}"#))];
    let mut session = resume(&sandbox, TWO_CALLS, &history).await.unwrap();
    let out = outputs(&mut session).await;
    let [Output::Console(second), Output::TimerSet(_), Output::Call(call), Output::Idle { .. }] = &out[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!((second.line, call.replayed), (2, false));
    // Cut before any delivery: the call is repeated to the engine, the line is not.
    let mut session = resume(&sandbox, TWO_CALLS, &history[..2]).await.unwrap();
    let out = outputs(&mut session).await;
    let [Output::Call(call), Output::Idle { .. }] = &out[..] else { panic!("{out:?}") };
    assert!(call.replayed);
}

#[tokio::test]
async fn every_divergence_is_found_and_shows_both_sides() {
    let sandbox = sandbox().await;
    let first = || entry(0, issued(1, "a.b", r#"{"n":1}"#));
    let answered = || entry(1, settled(1, r#"{"n":2}"#));
    let cases = [
        ("another path", vec![entry(0, issued(1, "x.y", r#"{"n":1}"#)), answered()]),
        ("other arguments", vec![entry(0, issued(1, "a.b", r#"{"n":7}"#)), answered()]),
        (
            "other arguments after the last delivery",
            vec![first(), answered(), entry(1, issued(2, "c.d", r#"{"n":9}"#))],
        ),
        ("a delivery for a call never made", vec![first(), answered(), entry(2, settled(7, "1"))]),
        ("a delivery twice", vec![first(), answered(), entry(2, settled(1, "1"))]),
        ("a timer never set", vec![first(), entry(2, Event::TimerFired(TimerFired { timer: 4 }))]),
        (
            "a call never made",
            vec![
                first(),
                answered(),
                entry(2, issued(2, "c.d", r#"{"n":2}"#)),
                entry(2, issued(3, "e.f", "{}")),
            ],
        ),
        (
            "an end that was not",
            vec![first(), answered(), entry(2, Event::ProgramEnded(ProgramEnded { returned: true }))],
        ),
    ];
    let mut told = Vec::new();
    for (name, history) in cases {
        let stop = resume(&sandbox, TWO_CALLS, &history).await.expect_err(name);
        told.push(format!("{name}\n    {stop}"));
    }
    let ends = [first(), answered(), entry(2, settled(2, "1"))];
    let stop = resume(&sandbox, "tools.a.b({ n: 1 }); tools.c.d(); return await tools.e.f", &ends)
        .await
        .unwrap_err();
    told.push(format!("an end before the last delivery\n    {stop}"));
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn what_settled_after_the_end_is_no_divergence() {
    let sandbox = sandbox().await;
    let history = [
        entry(0, issued(1, "a.b", "{}")),
        entry(0, Event::ProgramEnded(ProgramEnded { returned: true })),
        entry(3, settled(1, "1")),
    ];
    let mut session = resume(&sandbox, "tools.a.b(); return 5", &history).await.unwrap();
    let out = outputs(&mut session).await;
    assert!(
        matches!(&out[..], [Output::Call(call), Output::Settled(ProgramEnd::Returned(Some(_)))] if call.replayed),
        "{out:?}"
    );
}

#[tokio::test]
async fn a_replay_has_its_own_budget_and_the_last_turn_has_the_live_time_too() {
    let sandbox = sandbox().await;
    let slow = "for (let i = 0; i < 1e7; i++); await tools.a.b({ n: 1 }); return 1";
    let history = [entry(0, issued(1, "a.b", r#"{"n":1}"#)), entry(1, settled(1, "1"))];
    let begin_with =
        |replay_budget, time_left| Begin { history: &history, replay_budget, time_left, ..begin(slow) };
    let stop = sandbox.begin(begin_with(Duration::from_millis(1), Duration::from_secs(5))).await.unwrap_err();
    assert_eq!(stop, Stop::ReplayLimit);
    let slow_at_the_end = "await tools.a.b({ n: 1 }); for (let i = 0; i < 1e7; i++); return 1";
    let begin = Begin {
        program: Program::Source(slow_at_the_end.to_owned()),
        ..begin_with(Duration::from_secs(1), Duration::from_secs(5))
    };
    assert!(sandbox.begin(begin).await.is_ok());
}

/// A program as a build of that version compiles it.
async fn compiled_for(version: u32, source: &str) -> CompiledProgram {
    let sandbox = Sandbox::start(Options { compile_for: version, ..options() }).await.unwrap();
    let mut session = sandbox.begin(begin(source)).await.unwrap();
    let Output::Compiled(program) = session.next().await.unwrap() else { panic!("it does not compile") };
    program
}

#[tokio::test]
async fn a_program_finds_the_prelude_that_it_was_compiled_for() {
    let fails = "try { await tools.a.b() } catch (error) { console.log(error); return `${error}` }";
    let sandbox = Sandbox::start(Options { workers: 1, ..options() }).await.unwrap();
    // One tenant, so one worker after the other has both, in either order.
    for (version, shown) in [
        (2, "ToolError [upstream_error]: no"),
        (1, "ToolError: no"),
        (1, "ToolError: no"),
        (2, "ToolError [upstream_error]: no"),
    ] {
        let program = compiled_for(version, fails).await;
        assert_eq!(program.replay_version, version);
        let begin = Begin { program: Program::Compiled(program), ..begin("") };
        let no = |_: &_| Outcome::Failed(ToolError::new(ErrorCode::UpstreamError, "a.b", "no"));
        let run = run_with(&sandbox, begin, no).await;
        assert_eq!(run.result(), format!("{shown:?}"), "version {version}");
        assert!(run.console[0].starts_with(shown), "version {version}: {:?}", run.console);
    }
}

#[tokio::test]
async fn a_program_of_a_version_that_this_build_does_not_know_is_refused() {
    let sandbox = sandbox().await;
    for version in [0, REPLAY_VERSION + 1] {
        let program =
            CompiledProgram { replay_version: version, code: String::new(), mapping: String::new() };
        let begin = Begin { program: Program::Compiled(program), ..begin("") };
        assert_eq!(sandbox.begin(begin).await.unwrap_err(), Stop::ReplayVersion { version });
    }
}
