//! The other side of the pipe: a jailed process that runs one program after another.

use std::process::ExitCode;

/// The whole life of a worker process. The pipe to the server is standard input.
pub fn main() -> ExitCode {
    ExitCode::FAILURE
}
