//! Which terms a segment certainly does not have, answered without looking into its dictionary.
//!
//! A query is looked up in every segment, and most have none of its words. Each term sets three bits in one word;
//! a term whose bits are not all set is not there.

/// Terms a word of 64 bits: ten bits a term, of which three are set, lets about one in thirty pass for nothing.
const TERMS_PER_WORD: usize = 6;

/// A term's hash. It is the same in every process.
pub(super) fn hash(term: &str) -> u64 {
    let hash = term.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The filter.
#[derive(Debug, Default)]
pub(super) struct Filter {
    words: Box<[u64]>,
}

impl Filter {
    /// A filter of so many terms.
    pub(super) fn of<'t>(count: usize, terms: impl Iterator<Item = &'t str>) -> Self {
        let mut words = vec![0; count.div_ceil(TERMS_PER_WORD)];
        for term in terms {
            let hash = hash(term);
            let place = place(hash, words.len());
            if let Some(word) = words.get_mut(place) {
                *word |= bits(hash);
            }
        }
        Self { words: words.into() }
    }

    /// Whether the term of this hash may be there.
    #[inline]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.words.get(place(hash, self.words.len())).is_some_and(|word| word & bits == bits)
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of_val::<[u64]>(&self.words)
    }
}

#[inline]
fn place(hash: u64, words: usize) -> usize {
    ((u128::from(hash) * words as u128) >> 64) as usize
}

#[inline]
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << ((hash >> 6) & 63) | 1 << ((hash >> 12) & 63)
}
