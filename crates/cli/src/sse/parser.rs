//! From bytes to server-sent events. Pure, so that it can be fuzzed.

use std::collections::VecDeque;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// What kind it is; empty where the server did not say.
    pub(crate) kind: String,
    /// What it carries.
    pub(crate) data: String,
}

/// From bytes to events. An event counts once the empty line behind it has come.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    pub(crate) ready: VecDeque<Event>,
}

impl Parser {
    /// Takes the next bytes; what they complete is in `ready`.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            self.take_line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
        self.line.extend_from_slice(rest);
    }

    fn take_line(&mut self, line: &str) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                self.ready.push_back(event);
            }
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => self.event.kind = value.to_owned(),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            // Comments, ids and retry times are of no use here.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(chunks: &[&str]) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        chunks.iter().for_each(|chunk| parser.push(chunk.as_bytes()));
        parser.ready.into_iter().map(|event| (event.kind, event.data)).collect()
    }

    fn event(kind: &str, data: &str) -> (String, String) {
        (kind.to_owned(), data.to_owned())
    }

    #[test]
    fn events_come_whole_wherever_the_chunks_are_cut() {
        let text = "event: progress\ndata: {\"done\":1}\n\nevent: source\r\ndata: ü\r\n\r\n";
        let whole = vec![event("progress", "{\"done\":1}"), event("source", "ü")];
        assert_eq!(parse(&[text]), whole);
        let mut parser = Parser::default();
        text.as_bytes().iter().for_each(|byte| parser.push(std::slice::from_ref(byte)));
        assert_eq!(parser.ready.len(), 2);
        assert_eq!(parser.ready[1].data, "ü");
    }

    #[test]
    fn lines_of_data_belong_together_and_comments_to_nothing() {
        assert_eq!(parse(&[": heartbeat\n\n", "id: 7\ndata: a\ndata:b\n\n"]), [event("", "a\nb")]);
    }

    #[test]
    fn an_event_without_its_end_is_none() {
        assert_eq!(parse(&["data: a\n"]), []);
    }
}
