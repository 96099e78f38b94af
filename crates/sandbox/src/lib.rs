//! Runs untrusted TypeScript: worker processes, limits, deterministic replay.
//!
//! A [`Sandbox`] keeps jailed worker processes ready. [`Sandbox::begin`] gives one of them a [`Program`] and answers
//! with a [`Session`]: the program's calls, timers and output come out of [`Session::next`], what becomes of them goes
//! in by [`Session::deliver`]. Nothing here knows what a tool is but "path and arguments in, outcome back".
//!
//! Invariants:
//! - The server process never parses user code. It sees well-formed frames of bounded size, or a dead worker.
//! - A program is a deterministic function from its seed, its start time and its deliveries to everything it does.
//! - A worker takes one delivery, runs its job queue until that is empty, and only then takes the next.
//! - A limit ends the worker process. No code can catch that, and no code runs in that process afterwards.
//! - A process serves one tenant only, and each program gets a JavaScript runtime of its own.
//!
//! The binary that hosts a sandbox must enter [`worker::main`] for the hidden subcommand that [`WorkerCommand`] names.

mod jail;
mod options;
mod output;
mod pool;
mod program;
mod protocol;
mod session;
mod stop;
mod transform;
pub mod type_check;
pub mod worker;

#[doc(hidden)]
pub use jail::enter as enter_jail;
pub use jail::{JailReport, Layer, LayerState};
pub use options::{Limits, Options, WorkerCommand};
pub use output::{CompileError, IssuedCall, Output, ProgramEnd, ThrownError, TimerSet};
pub use program::{CompiledProgram, Program, REPLAY_VERSION};
pub use session::{Begin, Delivery, Determinism, Sandbox, Session, Tenant};
pub use stop::{StartError, Stop};

/// Bytes as a hostile worker may write them, through everything that looks at them in the server's process.
#[doc(hidden)]
pub fn fuzz_frames(bytes: &[u8]) {
    session::fuzz_frames(bytes);
}

/// A text as a hostile author may write it, through the TypeScript transform, which runs in a worker. The parser
/// recurses: a text that is nested more deeply than the caller's stack allows ends the process.
#[doc(hidden)]
pub fn fuzz_transform(text: &str) {
    if let Ok(program) = transform::compile(text) {
        transform::Mapping::decode(&program.mapping).locate(1, 1);
    }
}
