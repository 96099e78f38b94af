//! A program, through the TypeScript transform.
//!
//! Its parser has no limit of depth, which is why it runs in a jailed worker only: the sandbox's own tests prove that a
//! text that is nested too deeply costs one worker. So what is looked for here is everything but that: short texts, on a
//! stack that bears them.

use std::panic::resume_unwind;
use std::thread;

use executor_sandbox::fuzz_transform;

use crate::Target;

pub(super) const TARGET: Target = Target { name: "transform", run, deep: Vec::new };

/// The longest text, and the stack that is enough for it, unoptimised too.
const MOST_BYTES: usize = 4 << 10;
const STACK: usize = 1 << 30;

fn run(bytes: &[u8]) {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MOST_BYTES) else { return };
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK);
        let worker = worker.spawn_scoped(scope, || fuzz_transform(text)).expect("a thread");
        worker.join().unwrap_or_else(|panic| resume_unwind(panic));
    });
}
