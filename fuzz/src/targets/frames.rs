//! What a worker that was taken over may say to the server.

use executor_sandbox::fuzz_frames;

use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "frames", run: fuzz_frames, deep };

/// The places of these frames among those that a worker may send.
const COMPILED: u8 = 2;
const CALL: u8 = 3;

/// A program that compiled, and a call whose arguments are nested.
fn deep() -> Vec<Vec<u8>> {
    let call = |arguments: String| {
        let compiled = [&[COMPILED, 1][..], &text("(async () => {})"), &text("")].concat();
        let call = [&[CALL, 1][..], &text("a.b"), &text(&arguments), &text("{}"), &[0]].concat();
        [frame(&compiled), frame(&call)].concat()
    };
    nested::json().into_iter().map(call).collect()
}

fn frame(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes(), body].concat()
}

/// A text behind its length, which is written seven bits a byte.
fn text(text: &str) -> Vec<u8> {
    let (mut bytes, mut length) = (Vec::new(), text.len());
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}
