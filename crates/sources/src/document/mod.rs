//! A JSON or YAML document in memory, compact and quick to walk.
//!
//! The whole document lies in a few flat vectors: cells of 16 bytes, and one text in which each key and each short string
//! is kept once. A [`Node`] is a place in it and is copied freely. What holds: members are in document order, no two of
//! them have the same name, and nothing is nested deeper than [`MAX_DEPTH`], so that recursion over a document is safe;
//! and there are at most [`MAX_NODES`] values, however few bytes each of them takes.

mod arena;
mod builder;
mod node;
mod read;

use executor_core::{Digest, Failure};

use arena::{Arena, Cell};
pub(crate) use node::Node;

/// The deepest nesting of a document.
pub(crate) const MAX_DEPTH: usize = 128;
/// The most values of a document. The largest that is known, Microsoft Graph beta, has 1.5 million.
const MAX_NODES: usize = 6_000_000;

/// A document that has been read: JSON or YAML, whatever it describes.
#[derive(Debug)]
pub struct Document {
    digest: Digest,
    arena: Arena,
    root: Cell,
}

impl Document {
    /// Reads JSON or YAML.
    pub fn read(bytes: &[u8]) -> Result<Document, Failure> {
        let (arena, root) = read::read(bytes)?;
        Ok(Self { digest: Digest::of(bytes), arena, root })
    }

    /// The digest of the bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The outermost value.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::new(&self.arena, self.root)
    }
}
