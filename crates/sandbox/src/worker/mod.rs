//! The other side of the pipe: a jailed process that runs one program after another, each in a JavaScript runtime of
//! its own that was prepared before the program was known.
//!
//! Invariants:
//! - The jail is closed before anything a user wrote is read.
//! - One thread, one loop: take a frame, run the job queue until it is empty, say so, wait for the next.
//! - A limit is the process's end: its last frame says which, and no code runs after it.

mod host;
mod inbox;
mod machine;
mod memory;
mod outbox;
mod prelude;
mod random;
mod state;
mod text;
mod thrown;
mod url;

use std::process::ExitCode;
use std::rc::Rc;

use crate::jail;
use crate::program::REPLAY_VERSION;
use crate::protocol::{BUILD, FromWorker, ToWorker};
use inbox::Inbox;
use machine::Machine;
use outbox::Outbox;
use prelude::Preludes;

/// The whole life of a worker process. The pipe to the server is standard input.
pub fn main() -> ExitCode {
    let Ok(mut preludes) = Preludes::new() else { return ExitCode::FAILURE };
    let jail = jail::enter();
    let outbox = Rc::new(Outbox::default());
    let report = serde_json::to_string(&jail).unwrap_or_default();
    outbox.push(&FromWorker::Hello { build: BUILD.to_owned(), jail: report });
    let mut inbox = Inbox::default();
    loop {
        let Ok(machine) = Machine::prepare(&mut preludes, REPLAY_VERSION, &outbox) else {
            return ExitCode::FAILURE;
        };
        outbox.push(&FromWorker::Ready);
        outbox.flush();
        // The pipe's end is the server's end, or its wish that we end.
        let begin = loop {
            match inbox.next() {
                Some(ToWorker::Begin(begin)) => break begin,
                Some(_) => {}
                None => return ExitCode::SUCCESS,
            }
        };
        let version = begin.program.replay_version();
        // What an older build compiled finds what it would have found there.
        let machine = if version == REPLAY_VERSION {
            Ok(machine)
        } else {
            drop(machine);
            Machine::prepare(&mut preludes, version, &outbox)
        };
        if machine.and_then(|machine| machine.run(begin, &mut inbox)).is_err() {
            return ExitCode::FAILURE;
        }
    }
}

/// Ends the worker where it stands, in the midst of the engine if need be.
#[expect(
    clippy::disallowed_methods,
    reason = "returning would run more of the program; there is nothing to be dropped"
)]
fn end_process() -> ! {
    std::process::exit(0)
}
