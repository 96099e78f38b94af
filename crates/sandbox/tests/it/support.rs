//! A sandbox whose workers are this binary, and programs run to their end against a scripted world.

use std::process::ExitCode;
use std::time::Duration;

use executor_core::call::Outcome;
use executor_core::{Json, Timestamp};
use executor_sandbox::{
    Begin, Delivery, Determinism, IssuedCall, Limits, Options, Output, Program, ProgramEnd, Sandbox, Session,
    Stop, Tenant, WorkerCommand,
};

/// Ends a process that is no test.
#[expect(clippy::disallowed_methods, reason = "the test harness must not start")]
pub(crate) fn exit(code: ExitCode) -> ! {
    std::process::exit(if code == ExitCode::SUCCESS { 0 } else { 1 })
}

pub(crate) fn options() -> Options {
    let program = std::env::current_exe().unwrap();
    Options { workers: 1, ..Options::new(WorkerCommand { program, arguments: vec!["__worker".to_owned()] }) }
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(options()).await.unwrap()
}

pub(crate) const STARTED_AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(crate) fn begin(source: &str) -> Begin<'static> {
    Begin {
        tenant: Tenant::new("tenant"),
        program: Program::Source(source.to_owned()),
        seed: 1,
        started_at: STARTED_AT,
        limits: Limits::default(),
        time_left: Duration::from_secs(10),
        history: &[],
        replay_budget: Duration::from_secs(1),
        determinism: Determinism::default(),
    }
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text.to_owned()).unwrap()
}

/// Everything that came out of a program.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) calls: Vec<IssuedCall>,
    pub(crate) console: Vec<String>,
    pub(crate) emitted: Vec<String>,
    pub(crate) end: Option<Result<ProgramEnd, Stop>>,
}

impl Run {
    /// The result's JSON, or why there is none.
    pub(crate) fn result(&self) -> String {
        match self.end.as_ref().unwrap() {
            Ok(ProgramEnd::Returned(result)) => {
                result.as_ref().map_or("undefined".to_owned(), |json| json.as_str().to_owned())
            }
            Ok(ProgramEnd::Threw(error)) => {
                let place = error
                    .location
                    .map(|place| format!(" ({}:{})", place.line, place.column))
                    .unwrap_or_default();
                format!("threw {}: {}{place}", error.name.as_deref().unwrap_or("-"), error.message)
            }
            Ok(ProgramEnd::Unserializable(what)) => format!("unserializable: {what}"),
            Ok(ProgramEnd::Invalid(error)) => {
                let place = error
                    .location
                    .map(|place| format!(" ({}:{})", place.line, place.column))
                    .unwrap_or_default();
                format!("invalid: {}{place}", error.message)
            }
            Err(stop) => format!("{}: {stop}", stop.code()),
        }
    }
}

/// Runs a program; each call gets what `answer` says, in the order of issue, and timers fire when nothing else is left.
pub(crate) async fn run_with(
    sandbox: &Sandbox,
    begin: Begin<'_>,
    answer: impl Fn(&IssuedCall) -> Outcome,
) -> Run {
    let mut run = Run::default();
    let mut now = begin.started_at;
    let time_left = begin.time_left;
    let end = async {
        let mut session: Session = sandbox.begin(begin).await?;
        let mut deliveries = std::collections::VecDeque::new();
        let mut timers = std::collections::BTreeMap::new();
        loop {
            match session.next().await? {
                Output::Compiled(_) => {}
                Output::Call(call) => {
                    deliveries
                        .push_back(Delivery::CallSettled { call: call.event.call, outcome: answer(&call) });
                    run.calls.push(call);
                }
                Output::TimerSet(timer) => {
                    timers.insert((timer.due_at, timer.timer), ());
                }
                Output::TimerCleared { timer } => timers.retain(|(_, number), ()| *number != timer),
                Output::Console(line) => run.console.push(line.text),
                Output::Emit(item) => run.emitted.push(item.value.as_str().to_owned()),
                Output::Idle { .. } => {
                    now = now.plus_millis(1);
                    let delivery = deliveries.pop_front().unwrap_or_else(|| {
                        let ((due_at, timer), ()) = timers.pop_first().expect("something to wait for");
                        now = now.max(due_at);
                        Delivery::TimerFired { timer }
                    });
                    session.deliver(delivery, now, time_left);
                }
                Output::Settled(end) => return Ok(end),
            }
        }
    };
    run.end = Some(end.await);
    run
}

/// Runs a program whose calls answer with their own path and arguments.
pub(crate) async fn run(sandbox: &Sandbox, source: &str) -> Run {
    run_begin(sandbox, begin(source)).await
}

pub(crate) async fn run_begin(sandbox: &Sandbox, begin: Begin<'_>) -> Run {
    run_with(sandbox, begin, echo).await
}

pub(crate) fn echo(call: &IssuedCall) -> Outcome {
    let event = &call.event;
    Outcome::Completed(json(&format!(
        r#"{{"path":"{}","arguments":{}}}"#,
        event.path,
        event.arguments.as_str()
    )))
}
