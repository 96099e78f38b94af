//! A sorted dictionary of terms in few bytes.
//!
//! Terms stand in blocks. The first term of a block is written whole, each other as what it shares with the one
//! before it and what follows. A term is found by halving over the blocks and reading one of them.

use std::cmp::Ordering;

use super::varint;

/// Terms in a block: more are smaller and slower.
const BLOCK: usize = 16;

/// Where a term's postings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postings {
    /// In how many tools the term stands.
    pub(super) documents: u32,
    /// Where they begin in the segment's postings.
    pub(super) start: u32,
    /// How many bytes they take.
    pub(super) bytes: u32,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    /// What the first term begins with: most comparisons end there, without a look at the entries.
    begins: u32,
    entries: u32,
    postings: u32,
}

/// The dictionary.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    blocks: Box<[Block]>,
    entries: Box<[u8]>,
}

/// Makes a dictionary of terms that come in order.
#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    entries: Vec<u8>,
    previous: String,
    terms: usize,
    postings: u32,
}

impl Builder {
    /// Adds the next term with the size of its postings.
    pub(super) fn push(&mut self, term: &str, documents: u32, bytes: u32) {
        let mut shared = 0;
        if self.terms.is_multiple_of(BLOCK) {
            self.blocks.push(Block {
                begins: beginning(term.as_bytes()),
                entries: self.entries.len() as u32,
                postings: self.postings,
            });
        } else {
            shared = shared_prefix(&self.previous, term);
        }
        let suffix = &term.as_bytes()[shared..];
        varint::write(&mut self.entries, shared as u32);
        varint::write(&mut self.entries, suffix.len() as u32);
        self.entries.extend_from_slice(suffix);
        varint::write(&mut self.entries, documents);
        varint::write(&mut self.entries, bytes);
        self.postings += bytes;
        self.previous.clear();
        self.previous.push_str(term);
        self.terms += 1;
    }

    /// The dictionary.
    pub(super) fn finish(self) -> Dictionary {
        Dictionary { blocks: self.blocks.into(), entries: self.entries.into() }
    }
}

/// The first four bytes as a number that is ordered as they are.
fn beginning(term: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    bytes.iter_mut().zip(term).for_each(|(byte, of_term)| *byte = *of_term);
    u32::from_be_bytes(bytes)
}

fn shared_prefix(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

impl Dictionary {
    /// The postings of a term. Nothing is put together: what an entry shares with the one before it says whether it
    /// can be the term.
    pub(super) fn find(&self, term: &str) -> Option<Postings> {
        let term = term.as_bytes();
        let begins = beginning(term);
        let after = self.blocks.partition_point(|block| match block.begins.cmp(&begins) {
            Ordering::Equal => self.first_term(*block) <= term,
            order => order == Ordering::Less,
        });
        let block = after.checked_sub(1)?;
        let Block { entries, postings: mut start, .. } = self.blocks.get(block).copied()?;
        let end = self.blocks.get(after).map_or(self.entries.len(), |next| next.entries as usize);
        let mut bytes = self.entries.get(entries as usize..end)?;
        // How many bytes the term shares with the entry before, which is smaller.
        let mut matched = 0;
        loop {
            let shared = varint::read(&mut bytes)? as usize;
            let length = varint::read(&mut bytes)? as usize;
            let (suffix, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            let documents = varint::read(&mut bytes)?;
            let size = varint::read(&mut bytes)?;
            if shared < matched {
                return None;
            }
            if shared == matched {
                let wanted = term.get(matched..)?;
                match suffix.cmp(wanted) {
                    Ordering::Equal => return Some(Postings { documents, start, bytes: size }),
                    Ordering::Greater => return None,
                    Ordering::Less => {}
                }
                matched += suffix.iter().zip(wanted).take_while(|(one, other)| one == other).count();
            }
            start += size;
        }
    }

    /// Gives each term that begins with a prefix, in order.
    pub(super) fn for_each_with_prefix(&self, prefix: &str, mut give: impl FnMut(&str, Postings)) {
        let prefix = prefix.as_bytes();
        let after = self.blocks.partition_point(|block| self.first_term(*block) < prefix);
        let mut term = Vec::new();
        for block in after.saturating_sub(1)..self.blocks.len() {
            let mut past = false;
            self.read_block(block, &mut term, |candidate, postings| {
                if candidate.starts_with(prefix) {
                    if let Ok(candidate) = std::str::from_utf8(candidate) {
                        give(candidate, postings);
                    }
                } else if candidate > prefix {
                    past = true;
                }
                !past
            });
            if past {
                return;
            }
        }
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of_val::<[Block]>(&self.blocks) + self.entries.len()
    }

    fn first_term(&self, block: Block) -> &[u8] {
        let mut bytes = self.entries.get(block.entries as usize..).unwrap_or_default();
        let length = varint::read(&mut bytes).and_then(|_| varint::read(&mut bytes)).unwrap_or(0);
        bytes.get(..length as usize).unwrap_or_default()
    }

    /// Gives the terms of a block until it is told to stop.
    fn read_block(&self, block: usize, term: &mut Vec<u8>, mut give: impl FnMut(&[u8], Postings) -> bool) {
        let Some(Block { entries, postings: mut start, .. }) = self.blocks.get(block).copied() else {
            return;
        };
        let end = self.blocks.get(block + 1).map_or(self.entries.len(), |next| next.entries as usize);
        let mut bytes = self.entries.get(entries as usize..end).unwrap_or_default();
        term.clear();
        while let Some((shared, suffix)) = varint::read(&mut bytes).zip(varint::read(&mut bytes)) {
            let Some((suffix, rest)) = bytes.split_at_checked(suffix as usize) else { return };
            bytes = rest;
            let Some((documents, size)) = varint::read(&mut bytes).zip(varint::read(&mut bytes)) else {
                return;
            };
            term.truncate(shared as usize);
            term.extend_from_slice(suffix);
            if !give(term, Postings { documents, start, bytes: size }) {
                return;
            }
            start += size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_is_found_and_none_between_them() {
        let words = ["a", "ab", "abc", "b", "ba", "bab", "babel", "c", "ca", "cab", "cabin", "d"];
        let terms: Vec<String> =
            words.iter().flat_map(|word| ["", "a", "ing", "z"].map(|end| format!("{word}{end}"))).collect();
        let mut known: Vec<&String> = terms.iter().step_by(2).collect();
        known.sort();
        known.dedup();
        let mut builder = Builder::default();
        for (number, term) in known.iter().enumerate() {
            builder.push(term, number as u32 + 1, 3);
        }
        let dictionary = builder.finish();
        for term in &terms {
            let expected = known.iter().position(|known| *known == term).map(|number| Postings {
                documents: number as u32 + 1,
                start: number as u32 * 3,
                bytes: 3,
            });
            assert_eq!(dictionary.find(term), expected, "{term}");
        }
        assert_eq!(dictionary.find(""), None);
        assert_eq!(dictionary.find("zzz"), None);
    }
}
