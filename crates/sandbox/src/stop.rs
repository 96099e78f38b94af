//! What ends an attempt from outside. The program can catch none of it.

use executor_core::error::{ErrorCode, Failure};

use crate::jail::JailReport;

/// What ended an attempt from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// A turn ran past its time.
    #[error("the program ran past its time")]
    TimedOut,
    /// The heap would have grown past its limit.
    #[error("the program used up its memory of {limit} bytes")]
    MemoryLimit {
        /// The limit.
        limit: u64,
    },
    /// A value, or all emitted values together, are larger than is taken.
    #[error("{what} larger than {limit} bytes")]
    OutputLimit {
        /// What was too large, as "the result is".
        what: String,
        /// The limit.
        limit: u64,
    },
    /// One call more than is allowed.
    #[error("the program made more than {limit} calls")]
    CallLimit {
        /// The limit.
        limit: u32,
    },
    /// One timer more than is allowed.
    #[error("the program set more than {limit} timers")]
    TimerLimit {
        /// The limit.
        limit: u32,
    },
    /// The source is larger than is taken.
    #[error("the code has {bytes} bytes; {limit} are taken")]
    CodeTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The program waits, and there is no call and no timer that could wake it.
    #[error("the program waits for something that can never happen")]
    Deadlock,
    /// The worker process died.
    #[error("the worker process died: {how}")]
    Crashed {
        /// How, as "killed by signal 11".
        how: String,
    },
    /// The worker did what the jail or the protocol forbids.
    #[error("the worker process did what is forbidden: {what}")]
    Violation {
        /// What.
        what: String,
    },
    /// Run again, the program did something else than the journal says.
    #[error("run again, the program did something else: recorded was {recorded}; now {now}")]
    ReplayDiverged {
        /// What the journal says.
        recorded: String,
        /// What the program did.
        now: String,
    },
    /// Running the program again took longer than its budget.
    #[error("running the program again took too long")]
    ReplayLimit,
    /// The compiled program is of a version that this build cannot run.
    #[error("this build cannot run programs of replay version {version}")]
    ReplayVersion {
        /// The program's version.
        version: u32,
    },
    /// No worker could be had.
    #[error("no worker could be started: {why}")]
    Unavailable {
        /// Why.
        why: String,
    },
}

impl Stop {
    /// The code under which a task that it ends fails.
    pub fn code(&self) -> ErrorCode {
        match self {
            Stop::TimedOut => ErrorCode::TimedOut,
            Stop::MemoryLimit { .. } => ErrorCode::MemoryLimit,
            Stop::OutputLimit { .. } => ErrorCode::OutputLimit,
            Stop::CallLimit { .. } | Stop::TimerLimit { .. } => ErrorCode::CallLimit,
            Stop::CodeTooLarge { .. } => ErrorCode::CodeTooLarge,
            Stop::Deadlock => ErrorCode::Deadlock,
            Stop::Crashed { .. } => ErrorCode::WorkerCrashed,
            Stop::Violation { .. } => ErrorCode::SandboxViolation,
            Stop::ReplayDiverged { .. } | Stop::ReplayVersion { .. } => ErrorCode::ReplayDiverged,
            Stop::ReplayLimit => ErrorCode::ReplayLimit,
            Stop::Unavailable { .. } => ErrorCode::SandboxUnavailable,
        }
    }

    /// Whether another attempt may end otherwise.
    pub fn may_retry(&self) -> bool {
        matches!(self, Stop::Crashed { .. } | Stop::Unavailable { .. })
    }
}

impl From<&Stop> for Failure {
    fn from(stop: &Stop) -> Self {
        Failure::new(stop.code(), format!("{}.", sentence(&stop.to_string())))
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No worker came up.
    #[error("no worker could be started: {0}")]
    Worker(String),
    /// Part of the jail's floor is missing.
    #[error("the jail is not whole: {}", .0.missing_floor())]
    BelowFloor(JailReport),
    /// A layer above the floor is missing, and all are required.
    #[error("the jail is not strict: {}", .0.missing())]
    NotStrict(JailReport),
}

impl From<&StartError> for Failure {
    fn from(error: &StartError) -> Self {
        Failure::new(ErrorCode::SandboxUnavailable, format!("{}.", sentence(&error.to_string())))
    }
}
