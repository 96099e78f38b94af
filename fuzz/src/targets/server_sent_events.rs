//! A stream of events, cut anywhere: the first byte says where.

use crate::Target;
use crate::nested::LEVELS;

// The file of the command line itself: nothing can depend on a program.
#[path = "../../../crates/cli/src/sse/parser.rs"]
mod parser;

pub(super) const TARGET: Target = Target { name: "server_sent_events", run, deep };

fn run(bytes: &[u8]) {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let mut whole = parser::Parser::default();
    whole.push(bytes);
    let mut pieces = parser::Parser::default();
    bytes.chunks(usize::from(*cut).max(1)).for_each(|piece| pieces.push(piece));
    assert_eq!(whole.ready, pieces.ready);
}

fn deep() -> Vec<Vec<u8>> {
    vec!["\u{1}data: a\n".repeat(LEVELS).into_bytes(), format!("0{}", "a:\n".repeat(LEVELS)).into_bytes()]
}
