//! What the server and a worker say to each other. Private to this crate and bound to one build: both ends are the same
//! executable, and the handshake proves it.
//!
//! The server takes every frame of a worker for hostile: sizes are bounded before anything is allocated for them
//! ([`codec`]), and what a well-formed frame says is checked against what the worker may say at that moment.

mod codec;

use executor_core::journal::ConsoleLevel;
use serde::{Deserialize, Serialize};

pub(crate) use codec::{Decoder, FrameError, MOST_FRAME_BYTES, encode};

use crate::options::Limits;
use crate::output::{CompileError, ThrownError};
use crate::program::CompiledProgram;

/// What both ends of the pipe must agree on.
pub(crate) const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "+protocol.2");

/// The longest path of a tool that a worker may name.
pub(crate) const MOST_PATH_BYTES: usize = 512;
/// The longest delay of a timer.
pub(crate) const MOST_DELAY_MILLIS: u64 = 30 * 24 * 3_600 * 1_000;
/// What stands for the console lines that are too many.
pub(crate) const CONSOLE_CUT: &str = "[the rest of the console is left out: it is too long]";

/// From the server to a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// Run a program up to its first wait.
    Begin(Begin),
    /// Go on with this.
    Deliver(Deliver),
    /// Forget the program and prepare for another.
    Abandon,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Begin {
    pub(crate) program: ProgramText,
    pub(crate) seed: u64,
    pub(crate) now: i64,
    pub(crate) limits: Limits,
    pub(crate) turn_micros: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ProgramText {
    /// To be compiled for that version.
    Source {
        source: String,
        replay_version: u32,
    },
    Compiled(CompiledProgram),
}

impl ProgramText {
    /// The version whose prelude it runs with.
    pub(crate) fn replay_version(&self) -> u32 {
        match self {
            Self::Source { replay_version, .. } => *replay_version,
            Self::Compiled(program) => program.replay_version,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    pub(crate) what: Delivered,
    pub(crate) now: i64,
    pub(crate) turn_micros: u64,
    /// Whether to run the job queue after it. Off only where a test asks for the wrong thing.
    pub(crate) run: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Delivered {
    /// A call's value, as JSON.
    Completed { call: u32, value: String },
    /// A call's `ToolError`, as JSON.
    Failed { call: u32, error: String },
    /// A timer fired.
    Timer { timer: u32 },
}

/// From a worker to the server.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// The first frame: which build this is, and its [`crate::JailReport`] as JSON.
    Hello { build: String, jail: String },
    /// A runtime is prepared and waits for a program.
    Ready,
    /// The source compiled.
    Compiled(CompiledProgram),
    /// The program made a call; both texts are JSON.
    Call { call: u32, path: String, arguments: String, options: String, line: Option<u32> },
    /// The program set a timer.
    TimerSet { timer: u32, delay_millis: u64 },
    /// The program cleared a timer.
    TimerCleared { timer: u32 },
    /// The program wrote a line.
    Console { line: u32, level: ConsoleLevel, text: String },
    /// The program showed a value, as JSON.
    Emit { item: u32, value: String },
    /// The job queue is empty; the turn took so long.
    Idle { ran_micros: u64 },
    /// The program ended by itself; the turn took so long.
    Ended { end: End, ran_micros: u64 },
    /// A limit ended the worker; this is its last word.
    Limit(Limit),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum End {
    /// With a JSON text, or with `undefined`.
    Returned(Option<String>),
    Threw(ThrownError),
    Unserializable(String),
    Invalid(CompileError),
}

/// What a worker ended itself for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Limit {
    Time,
    Memory,
    Calls,
    Timers,
    Result,
    Emitted,
    Arguments,
}
