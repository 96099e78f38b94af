//! The fields of a tool, and how often a term stands in each, packed into one byte.
//!
//! The counts saturate: what a term says about a tool is said by its first few occurrences, and BM25 flattens the
//! rest anyway.

/// How many fields there are.
pub(super) const FIELDS: usize = 4;

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Path,
    Summary,
    Description,
    Parameters,
}

impl Field {
    pub(super) const ALL: [Field; FIELDS] =
        [Field::Path, Field::Summary, Field::Description, Field::Parameters];

    /// The field's place in arrays.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// How many bits its count takes, and where they begin.
    const fn bits(self) -> (u8, u8) {
        match self {
            Field::Path => (2, 0),
            Field::Summary => (2, 2),
            Field::Description => (3, 4),
            Field::Parameters => (1, 7),
        }
    }
}

/// How often a term stands in each field of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts(pub(super) u8);

impl Counts {
    /// The count of a field.
    #[inline]
    pub(super) fn get(self, field: Field) -> u8 {
        let (bits, start) = field.bits();
        (self.0 >> start) & ((1 << bits) - 1)
    }

    /// The greater count of each field.
    pub(super) fn most(self, other: Self) -> Self {
        let greater = |field: Field| {
            let (_, start) = field.bits();
            self.get(field).max(other.get(field)) << start
        };
        Self(Field::ALL.into_iter().map(greater).sum())
    }

    /// One more in a field, up to what its bits hold.
    pub(super) fn add(&mut self, field: Field) {
        let (bits, start) = field.bits();
        if self.get(field) < (1 << bits) - 1 {
            self.0 += 1 << start;
        }
    }
}
