//! Where each term stands: one list a term over all sources, so that a search reads the lists of its own terms and
//! nothing of what else there is.
//!
//! A source is known by its slot, which is never given twice: what a source brings is written at the ends of the lists,
//! and what a forgotten one has left there is passed over until it is more than half of all.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::field::Counts;
use super::varint;

/// Where a term stands in the postings of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Postings {
    /// In how many tools the term stands.
    pub(super) documents: u32,
    /// Where they begin in the segment's postings.
    pub(super) start: u32,
    /// How many bytes they take.
    pub(super) bytes: u32,
    /// In each field, how often the term stands there in the tool that has it most often.
    pub(super) most: Counts,
}

/// What a source has of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) slot: u32,
    /// Whether the source's name has the term.
    pub(super) named: bool,
    /// The tools that have it; there may be none if the name does.
    pub(super) postings: Postings,
}

/// The lists.
#[derive(Debug, Default)]
pub(super) struct Directory {
    lists: BTreeMap<Arc<str>, Vec<u8>>,
    next_slot: u32,
    /// How many occurrences there are, and how many of them are of sources that are no more.
    occurrences: usize,
    forgotten: usize,
}

impl Directory {
    /// Writes down what a source has. Gives its slot.
    pub(super) fn add(&mut self, terms: Vec<(Arc<str>, bool, Postings)>) -> u32 {
        let slot = self.next_slot;
        self.next_slot += 1;
        self.occurrences += terms.len();
        for (term, named, postings) in terms {
            write(self.lists.entry(term).or_default(), &Occurrence { slot, named, postings });
        }
        slot
    }

    /// Forgets a source that had so many terms. What is left has the slots that are told apart.
    pub(super) fn forget(&mut self, terms: usize, is_left: impl Fn(u32) -> bool) {
        self.forgotten += terms;
        if self.forgotten * 2 <= self.occurrences {
            return;
        }
        self.lists.retain(|_, list| {
            let mut left = Vec::new();
            occurrences(list).filter(|one| is_left(one.slot)).for_each(|one| write(&mut left, &one));
            *list = left;
            !list.is_empty()
        });
        self.occurrences -= self.forgotten;
        self.forgotten = 0;
    }

    /// The slots given so far are all below this.
    pub(super) fn slots(&self) -> usize {
        self.next_slot as usize
    }

    /// What the sources have of a term.
    pub(super) fn find(&self, term: &str) -> impl Iterator<Item = Occurrence> {
        occurrences(self.lists.get(term).map_or(&[], Vec::as_slice))
    }

    /// The terms that begin with a prefix, in order.
    pub(super) fn with_prefix<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = (&'d str, impl Iterator<Item = Occurrence>)> {
        self.lists
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(term, _)| term.starts_with(prefix))
            .map(|(term, list)| (&**term, occurrences(list)))
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        // Beside its text, a term has two counters, and a place in a node that is two thirds full.
        let of_term = 16 + (size_of::<Arc<str>>() + size_of::<Vec<u8>>()) * 3 / 2;
        self.lists.iter().map(|(term, list)| of_term + term.len() + list.capacity()).sum()
    }
}

fn write(list: &mut Vec<u8>, occurrence: &Occurrence) {
    let Occurrence { slot, named, postings } = occurrence;
    varint::write(list, *slot);
    varint::write(list, postings.documents << 1 | u32::from(*named));
    if postings.documents > 0 {
        varint::write(list, postings.start);
        varint::write(list, postings.bytes);
        list.push(postings.most.0);
    }
}

fn occurrences(mut list: &[u8]) -> impl Iterator<Item = Occurrence> {
    std::iter::from_fn(move || read(&mut list))
}

#[inline]
fn read(list: &mut &[u8]) -> Option<Occurrence> {
    let slot = varint::read(list)?;
    let packed = varint::read(list)?;
    let (named, documents) = (packed & 1 == 1, packed >> 1);
    let mut postings = Postings { documents, ..Postings::default() };
    if documents > 0 {
        postings.start = varint::read(list)?;
        postings.bytes = varint::read(list)?;
        let (most, rest) = list.split_first()?;
        *list = rest;
        postings.most = Counts(*most);
    }
    Some(Occurrence { slot, named, postings })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(of: &[&str], documents: u32) -> Vec<(Arc<str>, bool, Postings)> {
        let postings = Postings { documents, start: 300, bytes: 2 * documents, most: Counts(5) };
        of.iter().map(|term| (Arc::from(*term), documents == 0, postings)).collect()
    }

    fn slots(directory: &Directory, term: &str) -> Vec<u32> {
        directory.find(term).map(|one| one.slot).collect()
    }

    #[test]
    fn what_is_written_is_read_until_it_is_forgotten() {
        let mut directory = Directory::default();
        let first = directory.add(terms(&["pay", "payment", "refund"], 200));
        let second = directory.add(terms(&["pay", "stripe"], 0));
        assert_eq!(slots(&directory, "pay"), [first, second]);
        assert_eq!(slots(&directory, "pa"), [0; 0]);
        let found = directory.find("pay").next().unwrap();
        let expected = Postings { documents: 200, start: 300, bytes: 400, most: Counts(5) };
        assert_eq!((found.named, found.postings), (false, expected));
        assert!(directory.find("stripe").all(|one| one.named && one.postings.documents == 0));
        let prefixed: Vec<&str> = directory.with_prefix("pay").map(|(term, _)| term).collect();
        assert_eq!(prefixed, ["pay", "payment"]);

        let size = directory.size();
        directory.forget(3, |slot| slot == second);
        assert_eq!(slots(&directory, "pay"), [second]);
        assert_eq!(slots(&directory, "refund"), [0; 0]);
        assert!(directory.size() < size);
        assert_ne!(directory.add(terms(&["pay"], 1)), first);
    }
}
