//! Frames to the server.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::protocol::{FromWorker, encode};

/// A buffer this full is written at once.
const MOST_BUFFERED_BYTES: usize = 64 << 10;
/// While a turn runs, what it wrote leaves after this.
const MOST_AGE: Duration = Duration::from_millis(20);

/// Frames to the server, written together at the end of a turn: few system calls for many frames.
pub(super) struct Outbox {
    bytes: RefCell<Vec<u8>>,
    flushed: Cell<Instant>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { bytes: RefCell::default(), flushed: Cell::new(Instant::now()) }
    }
}

impl Outbox {
    /// Adds a frame.
    pub(super) fn push(&self, frame: &FromWorker) {
        // A limit may strike in the midst of a push, and then has nothing more to say than that it struck: the server
        // sees the pipe's end.
        let Ok(mut bytes) = self.bytes.try_borrow_mut() else { return };
        let encoded = encode(frame, &mut bytes);
        let full = bytes.len() >= MOST_BUFFERED_BYTES;
        drop(bytes);
        if encoded.is_err() {
            // What is too large for a frame was too large for its own limit before.
            std::process::abort();
        }
        if full {
            self.flush();
        }
    }

    /// Writes what has been waiting for a while, so that the lines of a program that loops are seen before its end.
    pub(super) fn flush_old(&self, now: Instant) {
        if now.duration_since(self.flushed.get()) >= MOST_AGE {
            self.flush();
        }
    }

    /// Writes everything.
    pub(super) fn flush(&self) {
        let Ok(mut bytes) = self.bytes.try_borrow_mut() else { return };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match rustix::io::retry_on_intr(|| rustix::io::write(rustix::stdio::stdin(), rest)) {
                Ok(written) if written > 0 => rest = &rest[written..],
                // Nobody listens any more.
                _ => super::end_process(),
            }
        }
        bytes.clear();
        bytes.shrink_to(MOST_BUFFERED_BYTES);
        self.flushed.set(Instant::now());
    }
}
