//! A document in memory: JSON or YAML, compact and quick to walk, or a GraphQL schema.
//!
//! The whole of a JSON or YAML document lies in a few flat vectors: cells of 16 bytes, and one text in which each key and each short string
//! is kept once. A [`Node`] is a place in it and is copied freely. What holds: members are in document order, no two of
//! them have the same name, and nothing is nested deeper than [`MAX_DEPTH`], so that recursion over a document is safe;
//! and there are at most [`MAX_NODES`] values, however few bytes each of them takes.
//!
//! A schema in GraphQL's own language is no tree of values: it is kept as its definitions, and has no [`Document::root`]
//! to find anything in. It is nested no deeper than [`MAX_DEPTH`] either.

mod arena;
mod builder;
mod node;
mod read;
mod sdl;

use apollo_compiler::ast;
use executor_core::{Digest, Failure};

use arena::{Arena, Cell};
pub(crate) use node::Node;
pub(crate) use sdl::is_sdl;

/// The deepest nesting of a document.
pub(crate) const MAX_DEPTH: usize = 128;
/// The most values of a document. The largest that is known, Microsoft Graph beta, has 1.5 million.
const MAX_NODES: usize = 6_000_000;

/// A document that has been read: JSON, YAML or GraphQL SDL, whatever it describes.
#[derive(Debug)]
pub struct Document {
    digest: Digest,
    arena: Arena,
    root: Cell,
    sdl: Option<ast::Document>,
}

impl Document {
    /// Reads JSON, YAML or GraphQL SDL.
    pub fn read(bytes: &[u8]) -> Result<Document, Failure> {
        let digest = Digest::of(bytes);
        Ok(match read::read(bytes)? {
            Content::Tree(arena, root) => Self { digest, arena, root, sdl: None },
            Content::Sdl(sdl) => Self { digest, arena: Arena::default(), root: Cell::Null, sdl: Some(sdl) },
        })
    }

    /// The digest of the bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The outermost value; null in GraphQL SDL.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::new(&self.arena, self.root)
    }

    /// The definitions, in GraphQL SDL.
    pub(crate) fn sdl(&self) -> Option<&ast::Document> {
        self.sdl.as_ref()
    }
}

/// What a document is made of.
enum Content {
    Tree(Arena, Cell),
    Sdl(ast::Document),
}
