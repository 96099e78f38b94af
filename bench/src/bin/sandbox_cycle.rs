//! Measures a short program with three calls in a ready, jailed worker, in a runtime of its own: the sandbox alone,
//! without policy, journal or network.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::statistics::{Durations, milliseconds};
use executor_core::call::Outcome;
use executor_core::{Json, Timestamp};
use executor_sandbox::{
    Begin, Delivery, Determinism, Limits, Options, Output, Program, Sandbox, Stop, Tenant, WorkerCommand,
};

const SOURCE: &str = "const user = await tools.users.get({ id: 1 });
const orders = await tools.orders.list({ user: user.id });
const total: number = orders.items.reduce((sum: number, order: { price: number }) => sum + order.price, 0);
await tools.mail.send({ to: user.email, body: `You spent ${total}` });
return { user: user.id, total };";

const ANSWER: &str = r#"{"id":1,"email":"a@b.example","items":[{"price":1},{"price":2},{"price":3}]}"#;

/// How this program is told to be a worker.
const WORKER: &str = "__worker";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many programs.
    #[arg(long, default_value_t = 5_000)]
    programs: usize,
    /// The time between them, in microseconds, in which workers make themselves ready again.
    #[arg(long, default_value_t = 2_000)]
    pause: u64,
}

fn main() -> ExitCode {
    // Before anything else: a worker's jail wants a process with one thread.
    if std::env::args().nth(1).as_deref() == Some(WORKER) {
        return executor_sandbox::worker::main();
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::print_stderr, reason = "where a person looks for what went wrong")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("Error: {error:?}");
    ExitCode::FAILURE
}

fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("sandbox_cycle")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(&arguments, &mut report))?;
    place.finish(report)
}

async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let command = WorkerCommand { program: std::env::current_exe()?, arguments: vec![WORKER.to_owned()] };
    let started = Instant::now();
    let sandbox = Sandbox::start(Options::new(command)).await?;
    report.row(Row::new("the first worker is ready").figure("", milliseconds(started.elapsed()), "ms"));
    let answer = Json::parse(ANSWER.to_owned())?;
    let (mut times, mut engine_times) = (Vec::new(), Vec::new());
    for _ in 0..arguments.programs {
        tokio::time::sleep(Duration::from_micros(arguments.pause)).await;
        let started = Instant::now();
        let (sandbox, answer) = (sandbox.clone(), answer.clone());
        // As a server does it: in a task of its own.
        let engine_time = tokio::spawn(async move { cycle(&sandbox, &answer).await }).await?;
        engine_times.push(engine_time.map_err(|stop| anyhow::anyhow!("the program stopped: {stop}"))?);
        times.push(started.elapsed());
    }
    let (times, engine_times) = (Durations::new(times), Durations::new(engine_times));
    let row = Row::new("a program with three calls")
        .judged("p50", times.median(), "ms", Some(Bar::AtMost(0.15)))
        .figure("p90", times.at(0.9), "ms")
        .judged("p99", times.at(0.99), "ms", Some(Bar::AtMost(1.0)))
        .figure("p99.9", times.at(0.999), "ms");
    report.row(row);
    let row = Row::new("  of which in the worker").figure("p50", engine_times.median(), "ms").figure(
        "p99",
        engine_times.at(0.99),
        "ms",
    );
    report.row(row);
    let layers: Vec<String> =
        sandbox.report().layers.iter().map(|layer| format!("{}: {:?}", layer.name, layer.state)).collect();
    report.note(format!("{} programs. The jail: {}.", arguments.programs, layers.join(", ")));
    Ok(())
}

/// Runs one program; answers how long the worker was at it.
async fn cycle(sandbox: &Sandbox, answer: &Json) -> Result<Duration, Stop> {
    let begin = Begin {
        tenant: Tenant::new("bench"),
        program: Program::Source(SOURCE.to_owned()),
        seed: 1,
        started_at: Timestamp::from_millis(0),
        limits: Limits::default(),
        time_left: Duration::from_secs(10),
        history: &[],
        replay_budget: Duration::ZERO,
        determinism: Determinism::default(),
    };
    let mut session = sandbox.begin(begin).await?;
    loop {
        match session.next().await? {
            Output::Call(call) => {
                let delivery = Delivery::CallSettled {
                    call: call.event.call,
                    outcome: Outcome::Completed(answer.clone()),
                };
                session.deliver(delivery, Timestamp::from_millis(1), Duration::from_secs(10));
            }
            Output::Settled(_) => return Ok(session.engine_time()),
            _ => {}
        }
    }
}
