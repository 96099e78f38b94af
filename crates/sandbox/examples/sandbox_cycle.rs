//! How long a short program with three calls takes in a ready, jailed worker, in a runtime of its own:
//! `cargo run --release -p executor-sandbox --example sandbox_cycle [programs] [pause in µs]`.
#![expect(clippy::print_stdout, reason = "it prints its measurements")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

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

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("__worker") {
        return executor_sandbox::worker::main();
    }
    let programs = first.and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let pause = Duration::from_micros(arguments.next().and_then(|text| text.parse().ok()).unwrap_or(2_000));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.map(|runtime| runtime.block_on(measure(programs, pause))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            println!("{error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(programs: usize, pause: Duration) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let command = WorkerCommand { program: std::env::current_exe()?, arguments: vec!["__worker".to_owned()] };
    let started = Instant::now();
    let sandbox = Sandbox::start(Options::new(command)).await?;
    println!("first worker ready after {:?}", started.elapsed());
    for layer in &sandbox.report().layers {
        println!("  {}: {:?}", layer.name, layer.state);
    }
    let answer = Json::parse(ANSWER.to_owned())?;
    let (mut times, mut engine_times) = (Vec::with_capacity(programs), Vec::with_capacity(programs));
    for _ in 0..programs {
        tokio::time::sleep(pause).await;
        let started = Instant::now();
        let sandbox = sandbox.clone();
        let answer = answer.clone();
        // As a server does it: in a task of its own.
        let engine_time = tokio::spawn(async move { cycle(&sandbox, &answer).await }).await??;
        times.push(started.elapsed());
        engine_times.push(engine_time);
    }
    println!("{programs} programs: {}", percentiles(times));
    println!("  of which in the worker: {}", percentiles(engine_times));
    Ok(())
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).copied().unwrap_or_default();
    format!("p50 {:?}, p90 {:?}, p99 {:?}, p99.9 {:?}", at(500), at(900), at(990), at(999))
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
