//! What comes out of a running program.

use executor_core::Timestamp;
use executor_core::error::ErrorCode;
use executor_core::journal::{CallIssued, ConsoleLine, Emitted};
use executor_core::json::Json;
use executor_core::task::Location;
use serde::{Deserialize, Serialize};

use crate::program::CompiledProgram;

/// What comes out of a running program, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// The source compiled. Comes first, and only where the session was given source.
    Compiled(CompiledProgram),
    /// The program made a call.
    Call(IssuedCall),
    /// The program set a timer.
    TimerSet(TimerSet),
    /// The program cleared a timer that had not fired.
    TimerCleared {
        /// Its number.
        timer: u32,
    },
    /// The program wrote a line to its console.
    Console(ConsoleLine),
    /// The program showed a value to its user.
    Emit(Emitted),
    /// The job queue is empty: the program waits for a delivery.
    Idle {
        /// Calls that were issued and not settled.
        calls_pending: u32,
        /// Timers that were set and neither fired nor cleared.
        timers_pending: u32,
    },
    /// The program ended by itself. Comes last.
    Settled(ProgramEnd),
}

/// A call that the program made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCall {
    /// The event to record, unless `replayed`.
    pub event: CallIssued,
    /// Whether the journal has it already: the program was run again, and the call is still without an outcome.
    pub replayed: bool,
}

/// A timer that the program set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerSet {
    /// Its number: 1, 2, 3, …
    pub timer: u32,
    /// When it is due: the program's time when it was set, and the delay.
    pub due_at: Timestamp,
    /// Whether it was set in the part of the program that was run again.
    pub replayed: bool,
}

/// How a program ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramEnd {
    /// It returned; nothing stands for `undefined`.
    Returned(Option<Json>),
    /// It threw, and nothing caught it.
    Threw(ThrownError),
    /// What it returned has no JSON form. Says what and where, as "a BigInt at `items[3].id`".
    Unserializable(String),
    /// It could not be compiled.
    Invalid(CompileError),
}

/// An error that nothing caught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThrownError {
    /// The error's name, as `TypeError`; `None` if what was thrown is no error.
    pub name: Option<String>,
    /// Its message, or what was thrown as the console shows it.
    pub message: String,
    /// The place in the program's own text.
    pub location: Option<Location>,
    /// The program's own frames, innermost first.
    pub stack: Option<String>,
    /// The code that it was made with, if it is a `ToolError` as a call was settled with.
    pub tool_error: Option<ErrorCode>,
    /// What to do next, if that `ToolError` said.
    pub hint: Option<String>,
}

/// Why a source is no program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileError {
    /// What is wrong.
    pub message: String,
    /// Where, in the text as submitted.
    pub location: Option<Location>,
    /// What to do instead, where we know.
    pub hint: Option<String>,
}
