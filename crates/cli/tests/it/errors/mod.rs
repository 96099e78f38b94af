//! Every code of the error table, provoked from outside.
//!
//! A code is new: add a case to the table that it belongs to. A case names its code and provokes it through something
//! that a user has in their hands. What only a test of another crate can provoke stands in [`ELSEWHERE`] with that
//! test; a code that nothing can produce yet stands in [`NOT_YET`].

mod calls;
mod outside;
mod programs;
mod requests;
mod sources;
mod told;
mod upstream;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use executor_core::ErrorCode;

use told::Told;
use world::World;

/// A way to provoke a code.
struct Case {
    code: ErrorCode,
    provoke: fn(&World) -> Told,
}

const TABLES: [&[Case]; 5] = [requests::CASES, sources::CASES, calls::CASES, programs::CASES, outside::CASES];

/// Codes that cannot be provoked from outside of the process: the test that does it, and what it names the code by.
const ELSEWHERE: [(ErrorCode, &str, &str); 5] = [
    // It takes thirty days; a database can be told that they are over.
    (ErrorCode::TaskExpired, "crates/engine/tests/it/approvals.rs", "ErrorCode::TaskExpired"),
    // Twenty thousand tasks would have to wait at once; the engine's settings can say two.
    (ErrorCode::TooManyTasks, "crates/engine/tests/it/limits.rs", "ErrorCode::TooManyTasks"),
    // A build always finds its own program to start workers from.
    (ErrorCode::SandboxUnavailable, "crates/engine/tests/it/limits.rs", "ErrorCode::SandboxUnavailable"),
    // Nobody wants a full disk; the engine's settings can ask for more room than there is.
    (ErrorCode::StorageFull, "crates/engine/tests/it/limits.rs", "ErrorCode::StorageFull"),
    // A call may take a minute.
    (ErrorCode::UpstreamTimeout, "crates/sources/tests/it/performing.rs", "ErrorCode::UpstreamTimeout"),
];

/// Codes that wait for what produces them.
const NOT_YET: [(ErrorCode, &str); 1] = [(
    ErrorCode::AmbiguousWorkspace,
    "an account is in one organization only, where each slug is one workspace's",
)];

/// Runs the cases of one table on a server of their own, which has to be well afterwards.
fn run(cases: &[Case]) {
    let world = World::new();
    for Case { code, provoke } in cases {
        provoke(&world).check(*code);
    }
    world.check_health();
}

#[test]
fn requests_that_are_refused() {
    run(requests::CASES);
}

#[test]
fn documents_that_are_no_source() {
    run(sources::CASES);
}

#[test]
fn calls_that_fail() {
    run(calls::CASES);
}

#[test]
fn programs_that_fail() {
    run(programs::CASES);
}

#[test]
fn harm_from_outside() {
    run(outside::CASES);
}

#[test]
fn every_code_is_provoked_by_a_case() {
    let provoked: BTreeSet<_> = TABLES.iter().flat_map(|table| table.iter().map(|case| case.code)).collect();
    let excused: Vec<_> =
        ELSEWHERE.iter().map(|(code, ..)| *code).chain(NOT_YET.iter().map(|(code, _)| *code)).collect();
    let both: Vec<_> = excused.iter().filter(|code| provoked.contains(code)).collect();
    assert!(both.is_empty(), "these have a case and need no excuse: {both:?}");
    let missing: Vec<_> =
        ErrorCode::ALL.iter().filter(|code| !provoked.contains(code) && !excused.contains(code)).collect();
    assert!(missing.is_empty(), "no case provokes {missing:?}");
}

#[test]
fn what_is_provoked_elsewhere_is_provoked_there() {
    for (code, file, named) in ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(named), "{file} has no test that provokes {code}");
    }
}
