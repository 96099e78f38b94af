//! Frames from the server.

use crate::protocol::{Decoder, ToWorker};

const READ_BYTES: usize = 64 << 10;

/// Frames from the server, read from standard input as they are wanted.
#[derive(Default)]
pub(super) struct Inbox {
    decoder: Decoder,
}

impl Inbox {
    /// Waits for the next frame. `None` is the end of the pipe, or a frame that cannot be read.
    pub(super) fn next(&mut self) -> Option<ToWorker> {
        loop {
            if let Some(frame) = self.decoder.next().ok()? {
                return Some(frame);
            }
            let buffer = self.decoder.buffer();
            let end = buffer.len();
            buffer.resize(end + READ_BYTES, 0);
            let read =
                rustix::io::retry_on_intr(|| rustix::io::read(rustix::stdio::stdin(), &mut buffer[end..]));
            buffer.truncate(end + read.unwrap_or(0));
            if buffer.len() == end {
                return None;
            }
        }
    }
}
