//! Proves crash consistency at many points (`ENGINE.md` 10.2) and measures how long that takes: engines in this process
//! that die at every moment, people who decide meanwhile, and the check of what is left.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::report::{Bar, Report, Row, thousands};
use executor_bench::statistics::milliseconds;
use executor_harness::simulation::{Honesty, Simulation};
use executor_sandbox::WorkerCommand;

/// How this program is told to be a worker.
const WORKER: &str = "__worker";

/// How long 10,000 points may take, in milliseconds.
const MOST_FOR_ALL: f64 = 300_000.0;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many points.
    #[arg(long, default_value_t = 10_000)]
    points: u64,
    /// The first point's seed.
    #[arg(long, default_value_t = 1_000_000)]
    seed: u64,
    /// How many programs the points choose from.
    #[arg(long, default_value_t = 200)]
    programs: u64,
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
    let (place, mut report) = arguments.common.begin("simulation")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(prove(&arguments, &mut report))?;
    place.finish(report)
}

async fn prove(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let worker = WorkerCommand { program: std::env::current_exe()?, arguments: vec![WORKER.to_owned()] };
    let simulation = Simulation::new(worker).await;
    let mut subjects = Vec::new();
    for seed in 0..arguments.programs {
        subjects.push(simulation.subject(seed).await);
    }
    let began = Instant::now();
    let proven = simulation.points(&subjects, arguments.seed, arguments.points, Honesty::default()).await;
    let took = milliseconds(began.elapsed());
    for (seed, wrong) in proven.wrong.iter().take(3) {
        report.note(format!("At seed {seed}: {}", wrong.join("; ")));
    }
    let share = MOST_FOR_ALL / 10_000.0;
    report.row(
        Row::new(format!("{} points", thousands(arguments.points as usize)))
            .judged("wrong", proven.wrong.len() as f64, "points", Some(Bar::AtMost(0.0)))
            .figure("in", took / 1e3, "s")
            .judged("each", took / arguments.points as f64, "ms", Some(Bar::AtMost(share)))
            .figure("decisions", proven.decisions as f64, "")
            .figure("of them while nothing ran", proven.at_desks as f64, ""),
    );
    report
        .note("A point is one or two tasks, up to two deaths of the engine, and the check of what is left.");
    anyhow::ensure!(proven.points == arguments.points, "some points did not come to their end");
    Ok(())
}
