//! The sandbox from outside: real worker processes, in their jail, which are this very test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test's helpers too, that is how a test fails"
)]

mod support;

mod calls;
mod forms;
mod globals;
mod hostile;
mod jail;
mod replay;
mod replay_property;
mod sessions;
mod timers;

/// A worker, or a probe of the jail, instead of the tests.
#[ctor::ctor]
fn enter_worker() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("__worker") => support::exit(executor_sandbox::worker::main()),
        Some("__probe") => support::exit(jail::probe(&arguments.next().unwrap_or_default())),
        _ => {}
    }
}
