//! Finding tools by intent: BM25F over the words of paths, summaries, descriptions and parameter names.
//!
//! One [`Index`] holds one immutable segment a source, so that replacing a source builds only its own, and one
//! directory of where each term stands. The statistics of a search are those of the sources that it may see: what others have can change neither its
//! order nor its scores.

mod builder;
mod chinese;
mod corrections;
mod directory;
mod field;
mod forms;
mod index;
mod intent;
mod nearest;
mod overview;
mod purpose;
mod ranking;
mod scoring;
mod segment;
mod statistics;
mod synonyms;
mod terms;
mod turns;
mod varint;
mod view;
mod weights;
mod words;

use std::borrow::Cow;

use executor_core::SourceId;
use executor_core::tool::SideEffect;

pub use index::Index;
pub use weights::Weights;

/// What a source is called.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming<'a> {
    /// The first segment of its tools' paths.
    pub name: &'a str,
    /// What it calls itself.
    pub title: &'a str,
    /// The address of its API, or of its document; empty if it has none.
    pub url: &'a str,
}

/// A tool as the index wants it.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The path within the source: `issues.create`.
    pub name: &'a str,
    /// One line.
    pub summary: &'a str,
    /// As much as the source says.
    pub description: &'a str,
    /// The names of the top-level arguments.
    pub parameters: Vec<Cow<'a, str>>,
    /// What calling it does.
    pub side_effect: SideEffect,
    /// Whether the source wants it used no more.
    pub deprecated: bool,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The intent, in words.
    pub text: &'a str,
    /// The sources that the caller sees; all of them if there is no list.
    pub sources: Option<&'a [SourceId]>,
    /// Only tools that read, or only tools that write.
    pub effect: Option<Effect>,
    /// The most hits wanted.
    pub limit: usize,
}

/// A narrowing by what calling a tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Only tools that change nothing.
    Read,
    /// Only tools that change something.
    Write,
}

/// A tool that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its source.
    pub source: SourceId,
    /// Its source's name.
    pub source_name: String,
    /// Its path within the source.
    pub name: String,
    /// Its place among the entries that the source was indexed with.
    pub ordinal: u32,
    /// How well it matches; comparable within one search only.
    pub score: f32,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// The best first.
    pub hits: Vec<Hit>,
    /// A sentence that says what exists, if nothing was found.
    pub note: Option<String>,
}
