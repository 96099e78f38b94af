//! Real servers that are killed, paused and cut off at random times (`ENGINE.md` 10.3).
//!
//! `EXECUTOR_KILLS=10000` does the same that often, in rounds of 200, each with a seed of its own. What the operating
//! system decides is not repeated by a seed; the choices of programs and disturbances are.

#![allow(clippy::print_stdout, reason = "it says how much was proven")]

use executor_harness::kills::{Report, Round, postgres_url};

use crate::support::EXECUTOR;

/// Kills in one round.
const ROUND: u64 = 200;

fn round(disturbances: u64, seed: u64) -> Round {
    Round { executor: EXECUTOR.into(), disturbances, seed }
}

#[expect(clippy::disallowed_methods, reason = "how much is proven is up to whoever runs the tests")]
fn kills() -> u64 {
    std::env::var("EXECUTOR_KILLS").ok().and_then(|value| value.parse().ok()).unwrap_or(ROUND)
}

fn judge(report: &Report) {
    println!(
        "{} tasks, {} as undisturbed, {} effects, {} decisions",
        report.tasks, report.undisturbed, report.effects, report.decisions
    );
    assert!(report.wrong.is_empty(), "{}", report.wrong.join("\n"));
    // Most tasks of a server that is killed all the time are left with a call of which only a person can tell.
    let shows_something = report.effects > 20 && report.undisturbed > 0 && report.decisions > 0;
    assert!(shows_something, "so little came to its end that this shows nothing: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_lose_and_double_nothing() {
    for seed in 1..=kills().div_ceil(ROUND) {
        judge(&round(ROUND, seed).on_sqlite().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so, but not in CI")]
async fn two_servers_on_one_database_lose_and_double_nothing() {
    match postgres_url().await {
        Some(url) => judge(&round(30, 1).on_postgres(&url).await),
        None if std::env::var_os("CI").is_none() => eprintln!("!! No PostgreSQL answers: SKIPPED."),
        None => panic!("no PostgreSQL answers, and in CI nothing is skipped"),
    }
}
