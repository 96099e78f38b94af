//! What a sandbox is built from.

use std::path::PathBuf;
use std::time::Duration;

use executor_core::task::TaskLimits;

use crate::program::REPLAY_VERSION;

/// How a worker process is started.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    /// The executable: one whose `main` enters [`crate::worker::main`] for these arguments. On Linux prefer
    /// `/proc/self/exe`, which stays the running build while the file on disk is replaced.
    pub program: PathBuf,
    /// Its arguments, as `__worker`.
    pub arguments: Vec<String>,
}

/// What a sandbox is built from.
#[derive(Debug, Clone)]
pub struct Options {
    /// How a worker process is started.
    pub command: WorkerCommand,
    /// Workers kept ready, and as many again that stay with who had them last.
    pub workers: usize,
    /// Workers that may stay with who had them last while work comes in, until they have been idle for a while.
    pub most_idle_workers: usize,
    /// Workers alive at once; who asks for one more waits.
    pub most_workers: usize,
    /// Programs that one worker serves before it is replaced.
    pub programs_per_worker: u32,
    /// A worker that has more memory of its own than this after a program is replaced.
    pub most_own_bytes: u64,
    /// How long a new worker may take to say hello.
    pub start_timeout: Duration,
    /// Refuse to start unless every layer of the jail is active.
    pub strict: bool,
    /// Start even if the floor of the jail is not there.
    pub below_floor: bool,
    /// Let workers write what they panic with to our standard error.
    pub worker_diagnostics: bool,
    /// The replay version that source is compiled for. For tests only, which need what an older build left.
    #[doc(hidden)]
    pub compile_for: u32,
}

impl Options {
    /// The defaults, with workers started by `command`.
    pub fn new(command: WorkerCommand) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            command,
            workers: cores.max(2),
            most_idle_workers: 64,
            most_workers: 256,
            programs_per_worker: 100,
            most_own_bytes: 16 << 20,
            start_timeout: Duration::from_secs(5),
            strict: false,
            below_floor: false,
            worker_diagnostics: false,
            compile_for: REPLAY_VERSION,
        }
    }
}

/// What one program may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// The heap of the program, in bytes.
    pub memory_bytes: u64,
    /// Calls in all.
    pub calls: u32,
    /// Timers set in all.
    pub timers: u32,
    /// The JSON of a result, of one emitted value, and of one call's arguments, in bytes.
    pub value_bytes: u32,
    /// The JSON of all emitted values together, in bytes.
    pub emitted_bytes: u32,
    /// Console lines; one more says that the rest is left out.
    pub console_lines: u32,
    /// The text of all console lines together, in bytes.
    pub console_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            calls: 1_000,
            timers: 100_000,
            value_bytes: 16 << 20,
            emitted_bytes: 16 << 20,
            console_lines: 10_000,
            console_bytes: 1 << 20,
        }
    }
}

impl From<&TaskLimits> for Limits {
    fn from(limits: &TaskLimits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            calls: limits.calls,
            value_bytes: limits.value_bytes,
            ..Self::default()
        }
    }
}
