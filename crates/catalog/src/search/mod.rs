//! Finding tools by intent: BM25F over the words of paths, summaries, descriptions and parameter names.
//!
//! One [`Index`] holds one immutable segment a source, so that replacing a source builds only its own. The
//! statistics of a search are those of the sources that it may see: what others have can change neither its
//! order nor its scores.

use std::borrow::Cow;

use executor_core::SourceId;
use executor_core::tool::SideEffect;

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
    /// How many tools matched at all, before the caller's own choice.
    pub matched: usize,
    /// A sentence that says what exists, if nothing was found.
    pub note: Option<String>,
}

/// All tools of an installation, findable.
#[derive(Debug, Clone, Default)]
pub struct Index {}

impl Index {
    /// An index of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Indexes a source's tools, in place of those that it had.
    pub fn replace<'a>(
        &mut self,
        _source: SourceId,
        _source_name: &str,
        _tools: impl IntoIterator<Item = Entry<'a>>,
    ) {
    }

    /// Forgets a source. Says whether there was one.
    pub fn remove(&mut self, _source: SourceId) -> bool {
        false
    }

    /// The best matches.
    pub fn search(&self, query: &Query<'_>) -> Results {
        self.search_where(query, |_| true)
    }

    /// The best matches among those that the caller accepts. Asked best first, and only until enough are accepted.
    pub fn search_where(&self, _query: &Query<'_>, _accept: impl FnMut(&Hit) -> bool) -> Results {
        Results::default()
    }

    /// The paths most like one that does not exist, best first.
    pub fn nearest(&self, _path: &str, _sources: Option<&[SourceId]>, _limit: usize) -> Vec<String> {
        Vec::new()
    }

    /// How many tools there are.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there is no tool.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
