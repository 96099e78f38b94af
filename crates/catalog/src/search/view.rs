//! What a search may see: some of the sources, and of the directory only what they have.

use executor_core::SourceId;

use super::directory::{Directory, Occurrence};
use super::segment::Segment;

/// Stands for a slot whose source is not seen.
const UNSEEN: u32 = u32::MAX;

/// Sources that are seen, in the order of their ids.
#[derive(Debug)]
pub(super) struct View<'i> {
    pub(super) sources: Vec<SourceId>,
    pub(super) segments: Vec<&'i Segment>,
    /// By slot, the number of the source among those that are seen.
    numbers: Vec<u32>,
    directory: &'i Directory,
}

impl<'i> View<'i> {
    /// A view of the sources, which are in order and no source twice.
    pub(super) fn of(
        directory: &'i Directory,
        sources: impl Iterator<Item = (SourceId, &'i Segment)>,
    ) -> Self {
        let (sources, segments): (Vec<_>, Vec<_>) = sources.unzip();
        let mut numbers = vec![UNSEEN; directory.slots()];
        for (number, segment) in segments.iter().enumerate() {
            if let Some(of_slot) = numbers.get_mut(segment.slot as usize) {
                *of_slot = number as u32;
            }
        }
        Self { sources, segments, numbers, directory }
    }

    /// What the sources have of a term, each by its number.
    pub(super) fn find(&self, term: &str) -> impl Iterator<Item = (usize, Occurrence)> {
        self.seen(self.directory.find(term))
    }

    /// The terms that begin with a prefix, each with what the sources have of it: of some that may be nothing.
    pub(super) fn with_prefix<'v>(
        &'v self,
        prefix: &'v str,
    ) -> impl Iterator<Item = (&'v str, impl Iterator<Item = (usize, Occurrence)>)> {
        self.directory.with_prefix(prefix).map(|(term, occurrences)| (term, self.seen(occurrences)))
    }

    /// How many tools of a source have a term: all, if its name has it.
    pub(super) fn documents(&self, number: usize, occurrence: &Occurrence) -> usize {
        match occurrence.named {
            true => self.segments.get(number).map_or(0, |segment| segment.len()),
            false => occurrence.postings.documents as usize,
        }
    }

    fn seen(
        &self,
        occurrences: impl Iterator<Item = Occurrence>,
    ) -> impl Iterator<Item = (usize, Occurrence)> {
        occurrences.filter_map(|occurrence| {
            let number = *self.numbers.get(occurrence.slot as usize)?;
            (number != UNSEEN).then_some((number as usize, occurrence))
        })
    }
}
