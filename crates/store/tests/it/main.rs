//! One story a test, and each story on both engines: `sqlite::leases::…` and `postgres::leases::…`.
//!
//! PostgreSQL is the one at `EXECUTOR_TEST_DATABASE_URL`, else at 127.0.0.1:5432; each story has a schema of its
//! own there. Where none answers, its stories are shown as ignored, and in CI they fail.

#![allow(
    clippy::disallowed_types,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test starts programs, fails by panicking and warns on the terminal"
)]

mod approvals;
mod audit;
mod blobs;
mod catalog;
mod crash;
mod disk;
mod leases;
mod opening;
mod organizations;
mod refreshes;
mod request_states;
mod reviews;
mod rules;
mod sensitive;
mod stage;
mod story;
mod tasks;
mod tenants;
mod toolkits;
mod waiting;
mod webhooks;
mod writing;

use std::process::ExitCode;

fn main() -> ExitCode {
    if crash::is_child() {
        return crash::live_until_killed();
    }
    if disk::is_child() {
        return disk::fill_it();
    }
    let stories = [
        approvals::stories(),
        audit::stories(),
        blobs::stories(),
        catalog::stories(),
        crash::stories(),
        leases::stories(),
        opening::stories(),
        organizations::stories(),
        refreshes::stories(),
        request_states::stories(),
        reviews::stories(),
        rules::stories(),
        sensitive::stories(),
        tasks::stories(),
        tenants::stories(),
        toolkits::stories(),
        waiting::stories(),
        webhooks::stories(),
        writing::stories(),
    ];
    let mut trials = story::trials(stories.into_iter().flatten());
    trials.extend(disk::trials());
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
}
