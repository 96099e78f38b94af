//! Frames as bytes: a length of four bytes, little-endian, and so many bytes of postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest body that is taken.
pub(crate) const MOST_FRAME_BYTES: usize = 32 << 20;

const PREFIX_BYTES: usize = size_of::<u32>();

/// Bytes that are no frame, or a frame too large to be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a frame of {0} bytes")]
    TooLong(usize),
    #[error("a frame that cannot be read")]
    Malformed,
}

/// Appends a frame to `out`, or nothing.
pub(crate) fn encode<T: Serialize>(frame: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX_BYTES]);
    let written = append_body(frame, out).and_then(|()| {
        let length = out.len() - start - PREFIX_BYTES;
        let prefix = u32::try_from(length).ok().filter(|_| length <= MOST_FRAME_BYTES);
        prefix.ok_or(FrameError::TooLong(length))
    });
    match written {
        Ok(prefix) => out[start..start + PREFIX_BYTES].copy_from_slice(&prefix.to_le_bytes()),
        Err(_) => out.truncate(start),
    }
    written.map(|_| ())
}

fn append_body<T: Serialize>(frame: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
    postcard::to_io(frame, out).map(|_| ()).map_err(|_| FrameError::Malformed)
}

/// Bytes as they come in, and frames as they become whole. Holds at most one frame and one read.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    buffer: Vec<u8>,
    start: usize,
}

impl Decoder {
    /// Where to put what is read next: at the end of this.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        &mut self.buffer
    }

    /// The next whole frame.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let unread = &self.buffer[self.start..];
        let Some((prefix, rest)) = unread.split_first_chunk::<PREFIX_BYTES>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
        if length > MOST_FRAME_BYTES {
            return Err(FrameError::TooLong(length));
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let (frame, left) = postcard::take_from_bytes(body).map_err(|_| FrameError::Malformed)?;
        if !left.is_empty() {
            return Err(FrameError::Malformed);
        }
        self.start += PREFIX_BYTES + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{Delivered, FromWorker, ToWorker};

    fn frame(call: u32, text: &str) -> FromWorker {
        let text = text.to_owned();
        FromWorker::Call {
            call,
            path: text.clone(),
            arguments: text.clone(),
            options: text,
            line: Some(call),
        }
    }

    proptest! {
        #[test]
        fn frames_survive_any_cut_of_their_bytes(texts in prop::collection::vec(".*", 1..8), cut in 1..64_usize) {
            let frames: Vec<_> = (1..).zip(&texts).map(|(call, text)| frame(call, text)).collect();
            let mut bytes = Vec::new();
            frames.iter().for_each(|frame| encode(frame, &mut bytes).unwrap());
            let mut decoder = Decoder::default();
            let mut read = Vec::new();
            for chunk in bytes.chunks(cut) {
                decoder.buffer().extend_from_slice(chunk);
                while let Some(frame) = decoder.next::<FromWorker>().unwrap() {
                    read.push(frame);
                }
            }
            prop_assert_eq!(read, frames);
        }

        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let mut decoder = Decoder::default();
            decoder.buffer().extend_from_slice(&bytes);
            while let Ok(Some(_)) = decoder.next::<FromWorker>() {}
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_an_error_before_its_bytes_come() {
        let mut decoder = Decoder::default();
        decoder.buffer().extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(decoder.next::<FromWorker>(), Err(FrameError::TooLong(_))));
    }

    #[test]
    fn a_frame_beyond_the_limit_is_not_sent() {
        let mut out = vec![1];
        let what = Delivered::Completed { call: 1, value: "x".repeat(MOST_FRAME_BYTES) };
        let frame = ToWorker::Deliver(crate::protocol::Deliver { what, now: 0, turn_micros: 0, run: true });
        assert!(matches!(encode(&frame, &mut out), Err(FrameError::TooLong(_))));
        assert_eq!(out, [1]);
    }
}
