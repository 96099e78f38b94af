//! Server-sent events, read from an answer piece by piece.

mod parser;

use futures::StreamExt;
use futures::stream::BoxStream;

use parser::{Event, Parser};

/// The events of an answer.
pub(crate) struct Events {
    chunks: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    parser: Parser,
}

impl Events {
    /// The events of this answer.
    pub(crate) fn of(response: reqwest::Response) -> Self {
        let chunks = response.bytes_stream().map(|chunk| chunk.map(|bytes| bytes.to_vec()));
        Self { chunks: chunks.boxed(), parser: Parser::default() }
    }

    /// The next event; nothing at the end.
    pub(crate) async fn next(&mut self) -> reqwest::Result<Option<Event>> {
        loop {
            if let Some(event) = self.parser.ready.pop_front() {
                return Ok(Some(event));
            }
            match self.chunks.next().await {
                Some(chunk) => self.parser.push(&chunk?),
                None => return Ok(None),
            }
        }
    }
}
