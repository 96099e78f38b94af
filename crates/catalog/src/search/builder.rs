//! Making a segment from a source's tools, in one pass over their words.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::directory::{Directory, Postings};
use super::field::{Counts, FIELDS, Field};
use super::segment::{Flags, Segment};
use super::terms::Terms;
use super::varint;
use super::words::{Shape, Splitter};
use super::{Entry, Naming};

/// How much of a description is indexed, in bytes. What a tool is for stands at the beginning; pages of examples
/// after it would only make it match everything.
const MAX_DESCRIPTION_BYTES: usize = 1_500;
/// How much of a summary is.
const MAX_SUMMARY_BYTES: usize = 300;
/// How many parameters are.
const MAX_PARAMETERS: usize = 64;

/// Words in the names, titles and hosts of sources that do not tell one from another.
const NAMING_NOTHING: &[&str] = &[
    "api",
    "apis",
    "app",
    "cloud",
    "co",
    "com",
    "documentation",
    "http",
    "https",
    "io",
    "mcp",
    "net",
    "openapi",
    "org",
    "rest",
    "server",
    "service",
    "services",
    "spec",
    "specification",
    "swagger",
    "tool",
    "tools",
    "v1",
    "v2",
    "v3",
    "www",
];

#[derive(Debug, Default)]
struct TermPostings {
    bytes: Vec<u8>,
    documents: u32,
    last: u32,
    most: Counts,
}

/// Collects a source's tools.
#[derive(Debug)]
pub(super) struct Builder<'t> {
    terms: &'t mut Terms,
    splitter: Splitter,
    /// The number of each word's term; nothing for a stop word.
    words: HashMap<Box<str>, Option<u32>>,
    numbers: HashMap<Arc<str>, u32>,
    postings: Vec<TermPostings>,
    /// The terms of the tool at hand.
    counts: Vec<Counts>,
    present: Vec<u32>,
    segment: SegmentParts,
}

#[derive(Debug, Default)]
struct SegmentParts {
    paths: String,
    path_ends: Vec<u32>,
    flags: Vec<Flags>,
    lengths: Vec<[u8; FIELDS]>,
    totals: [u64; FIELDS],
}

impl<'t> Builder<'t> {
    /// A builder of a source without tools.
    pub(super) fn new(terms: &'t mut Terms) -> Self {
        Self {
            terms,
            splitter: Splitter::default(),
            words: HashMap::new(),
            numbers: HashMap::new(),
            postings: Vec::new(),
            counts: Vec::new(),
            present: Vec::new(),
            segment: SegmentParts::default(),
        }
    }

    /// Adds a tool.
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        let summary = beginning(entry.summary, MAX_SUMMARY_BYTES);
        let description = entry.description.strip_prefix(entry.summary).unwrap_or(entry.description);
        let mut lengths = [
            self.read(entry.name, Field::Path),
            self.read(summary, Field::Summary),
            self.read(beginning(description, MAX_DESCRIPTION_BYTES), Field::Description),
            0,
        ];
        for parameter in entry.parameters.iter().take(MAX_PARAMETERS) {
            let words = self.read(parameter, Field::Parameters);
            lengths[Field::Parameters.index()] += words;
        }
        let lengths = lengths.map(|length| u8::try_from(length).unwrap_or(u8::MAX));
        self.finish_tool();
        let segment = &mut self.segment;
        segment.paths.push_str(entry.name);
        segment.path_ends.push(segment.paths.len() as u32);
        segment.flags.push(Flags::new(entry.side_effect, entry.deprecated));
        segment.lengths.push(lengths);
        for (total, length) in segment.totals.iter_mut().zip(lengths) {
            *total += u64::from(length);
        }
    }

    /// Counts the terms of a text of the tool at hand. Gives how many words count for the field's length.
    fn read(&mut self, text: &str, field: Field) -> u32 {
        let Self { terms, splitter, words, numbers, postings, counts, present, .. } = self;
        let mut length = 0;
        splitter.split(text, |word, shape| {
            let number = match words.get(word) {
                Some(known) => *known,
                None => {
                    let number = terms.term(word).map(|term| {
                        let next = numbers.len() as u32;
                        *numbers.entry(term).or_insert(next)
                    });
                    postings.resize_with(numbers.len(), TermPostings::default);
                    counts.resize(numbers.len(), Counts::default());
                    words.insert(word.into(), number);
                    number
                }
            };
            let Some(number) = number else { return };
            // What counts as a whole does so if no part of it does: no field with a term has the length 0.
            if shape != Shape::Whole || length == 0 {
                length += 1;
            }
            if let Some(counts) = counts.get_mut(number as usize) {
                if *counts == Counts::default() {
                    present.push(number);
                }
                counts.add(field);
            }
        });
        length
    }

    fn finish_tool(&mut self) {
        let tool = self.segment.path_ends.len() as u32;
        for number in self.present.drain(..) {
            let number = number as usize;
            if let Some((postings, counts)) = self.postings.get_mut(number).zip(self.counts.get_mut(number)) {
                varint::write(&mut postings.bytes, tool - postings.last);
                let counts = std::mem::take(counts);
                postings.bytes.push(counts.0);
                postings.most = postings.most.most(counts);
                postings.last = tool;
                postings.documents += 1;
            }
        }
    }

    /// The segment, which the directory knows.
    pub(super) fn finish(mut self, naming: Naming<'_>, directory: &mut Directory) -> Segment {
        let mut in_name = self.name_terms(naming);
        let name_terms = in_name.len() as u32;
        let mut sorted: Vec<(Arc<str>, u32)> = self.numbers.drain().collect();
        sorted.sort_unstable();
        let mut terms = Vec::with_capacity(sorted.len() + in_name.len());
        let mut postings = Vec::with_capacity(self.postings.iter().map(|term| term.bytes.len()).sum());
        for (term, number) in sorted {
            if let Some(of_term) = self.postings.get(number as usize) {
                let place = Postings {
                    documents: of_term.documents,
                    start: postings.len() as u32,
                    bytes: of_term.bytes.len() as u32,
                    most: of_term.most,
                };
                postings.extend_from_slice(&of_term.bytes);
                let named = in_name.remove(&term);
                terms.push((term, named, place));
            }
        }
        terms.extend(in_name.into_iter().map(|term| (term, true, Postings::default())));
        Segment {
            name: naming.name.into(),
            name_terms,
            terms: terms.len() as u32,
            slot: directory.add(terms),
            paths: self.segment.paths.into(),
            path_ends: self.segment.path_ends.into(),
            flags: self.segment.flags.into(),
            shortest_path: self.segment.lengths.iter().map(|of| of[Field::Path.index()]).min().unwrap_or(0),
            lengths: self.segment.lengths.into(),
            totals: self.segment.totals,
            postings: postings.into(),
        }
    }

    fn name_terms(&mut self, naming: Naming<'_>) -> BTreeSet<Arc<str>> {
        let Self { terms, splitter, .. } = self;
        let mut own = BTreeSet::new();
        // A host is often the product with `api` at its end: `walmartapis.com`.
        for text in [naming.name, beginning(naming.title, MAX_SUMMARY_BYTES), host(naming.url)] {
            splitter.split(text, |word, _| {
                let word = word.strip_suffix("apis").or(word.strip_suffix("api")).unwrap_or(word);
                own.extend(terms.term(word).filter(|_| word.len() > 1 && !NAMING_NOTHING.contains(&word)));
            });
        }
        own
    }
}

/// The host in a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or_default()
}

/// The beginning of a text, up to the end of a character.
fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
