//! The engine through its public surface: real workers, a real database, a real upstream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod aliases;
mod approvals;
mod attempts;
mod audit;
mod calls;
mod elicitation;
mod files;
mod histories;
mod limits;
mod openapi;
mod pages;
mod policies;
mod refreshes;
mod replays;
mod reviews;
mod sensitive;
mod simulation;
mod sources;
mod support;
mod tasks;
mod toolkits;
mod webhooks;

/// A worker instead of the tests.
#[ctor::ctor]
#[expect(clippy::disallowed_methods, reason = "the test harness must not start in a worker")]
fn enter_worker() {
    if std::env::args().nth(1).as_deref() == Some("__worker") {
        let code = executor_sandbox::worker::main();
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
}
