//! Engines that die at every moment, on disks that forget what was not synced (`ENGINE.md` 10.2, 10.4).
//!
//! A failing point is run again with `EXECUTOR_SIMULATION_SEED=<seed> EXECUTOR_SIMULATION_POINTS=1`. The usual run is a
//! sample; `bench/run simulation` makes 10,000 points. Half of all deaths are losses of power.

#![allow(clippy::print_stdout, reason = "it says how much was proven")]

use executor_harness::simulation::{Honesty, Proven, Simulation, Subject};
use executor_sandbox::WorkerCommand;

/// The programs of a run.
const PROGRAMS: u64 = 40;

#[expect(clippy::disallowed_methods, reason = "how much is proven is up to whoever runs the tests")]
fn setting(name: &str, fallback: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(fallback)
}

async fn prepare() -> (Simulation, Vec<Subject>) {
    let program = std::env::current_exe().unwrap();
    let simulation = Simulation::new(WorkerCommand { program, arguments: vec!["__worker".to_owned()] }).await;
    let mut subjects = Vec::new();
    for seed in 0..PROGRAMS {
        subjects.push(simulation.subject(seed).await);
    }
    (simulation, subjects)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_whenever_an_engine_dies() {
    let (simulation, subjects) = prepare().await;
    let (first, count) = (setting("EXECUTOR_SIMULATION_SEED", 1), setting("EXECUTOR_SIMULATION_POINTS", 150));
    let began = std::time::Instant::now();
    let proven = simulation.points(&subjects, first, count, Honesty::default()).await;
    let Proven { points, decisions, at_desks, wrong } = proven;
    println!(
        "{points} points in {:.1} s, {decisions} decisions, {at_desks} of them while nothing ran",
        began.elapsed().as_secs_f64()
    );
    for (seed, wrong) in wrong.iter().take(3) {
        println!("seed {seed}:\n{}\n", wrong.join("\n"));
    }
    assert!(wrong.is_empty(), "{} of {count} points are wrong", wrong.len());
    assert!(count < 100 || (decisions > 50 && at_desks > 2), "too few decisions");
}

/// Looks for a point that shows that something is wrong.
async fn fails(honesty: Honesty) {
    let (simulation, subjects) = prepare().await;
    for first in (1..=500).step_by(25) {
        if !simulation.points(&subjects, first, 25, honesty).await.wrong.is_empty() {
            return;
        }
    }
    panic!("500 points did not notice {honesty:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_output_commit_it_fails() {
    fails(Honesty { output_commit: false, ..Honesty::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_syncs_it_fails() {
    fails(Honesty { sync: false, ..Honesty::default() }).await;
}
