//! The index of one source: immutable, and small for the number of its tools.

use executor_core::tool::SideEffect;

use super::directory::Postings;
use super::field::{Counts, FIELDS};
use super::varint;

/// One source's tools.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// The source's name.
    pub(super) name: Box<str>,
    /// How many terms the source's name has.
    pub(super) name_terms: u32,
    /// How many terms name and tools have.
    pub(super) terms: u32,
    /// The source's place in the directory.
    pub(super) slot: u32,
    pub(super) paths: Box<str>,
    pub(super) path_ends: Box<[u32]>,
    pub(super) flags: Box<[Flags]>,
    /// How many words each field of each tool has, up to 255.
    pub(super) lengths: Box<[[u8; FIELDS]]>,
    /// The fewest words that a path has.
    pub(super) shortest_path: u8,
    /// The sums of `lengths`.
    pub(super) totals: [u64; FIELDS],
    pub(super) postings: Box<[u8]>,
}

/// What is known of a tool beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u8);

impl Flags {
    const READS: u8 = 1;
    const DEPRECATED: u8 = 2;

    pub(super) fn new(side_effect: SideEffect, deprecated: bool) -> Self {
        let reads = if side_effect.is_read() { Self::READS } else { 0 };
        Self(reads | if deprecated { Self::DEPRECATED } else { 0 })
    }

    pub(super) fn reads(self) -> bool {
        self.0 & Self::READS != 0
    }

    pub(super) fn deprecated(self) -> bool {
        self.0 & Self::DEPRECATED != 0
    }
}

impl Segment {
    /// How many tools there are.
    pub(super) fn len(&self) -> usize {
        self.path_ends.len()
    }

    /// The path of a tool within the source.
    pub(super) fn path(&self, tool: usize) -> &str {
        let start = tool.checked_sub(1).and_then(|before| self.path_ends.get(before)).copied().unwrap_or(0);
        let end = self.path_ends.get(tool).copied().unwrap_or(start);
        self.paths.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Gives each tool in which a term stands, in order.
    #[inline]
    pub(super) fn for_each(&self, postings: Postings, mut give: impl FnMut(usize, Counts)) {
        let start = postings.start as usize;
        let mut bytes = self.postings.get(start..start + postings.bytes as usize).unwrap_or_default();
        let mut tool = 0;
        while let Some(step) = varint::read(&mut bytes) {
            let Some((counts, rest)) = bytes.split_first() else { return };
            bytes = rest;
            tool += step as usize;
            give(tool, Counts(*counts));
        }
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + self.name.len()
            + self.paths.len()
            + size_of_val::<[u32]>(&self.path_ends)
            + self.flags.len()
            + size_of_val::<[[u8; FIELDS]]>(&self.lengths)
            + self.postings.len()
    }
}
