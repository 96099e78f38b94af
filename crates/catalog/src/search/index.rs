//! The index: one segment a source, and what the engine does with them.

use std::collections::{BTreeMap, HashSet};

use executor_core::SourceId;

use super::builder::Builder;
use super::directory::Directory;
use super::ranking::Ranking;
use super::segment::{Flags, Segment};
use super::terms::Terms;
use super::view::View;
use super::weights::Weights;
use super::{Effect, Entry, Hit, Naming, Query, Results, nearest, overview};

/// All tools of an installation, findable. Reading takes `&self` only.
#[derive(Debug, Default)]
pub struct Index {
    segments: BTreeMap<SourceId, Segment>,
    directory: Directory,
    weights: Weights,
    terms: Terms,
}

impl Index {
    /// An index of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// An index of nothing that ranks by other weights than those that were measured to be best.
    pub fn with_weights(weights: Weights) -> Self {
        Self { weights, ..Self::default() }
    }

    /// The same tools, ranked by other weights.
    pub fn set_weights(&mut self, weights: Weights) {
        self.weights = weights;
    }

    /// Indexes a source's tools, in place of those that it had.
    pub fn replace<'a>(
        &mut self,
        source: SourceId,
        naming: Naming<'_>,
        tools: impl IntoIterator<Item = Entry<'a>>,
    ) {
        let mut builder = Builder::new(&mut self.terms);
        for tool in tools {
            builder.push(&tool);
        }
        let segment = builder.finish(naming, &mut self.directory);
        if let Some(before) = self.segments.insert(source, segment) {
            self.forget(&before);
        }
    }

    /// Forgets a source. Says whether there was one.
    pub fn remove(&mut self, source: SourceId) -> bool {
        let removed = self.segments.remove(&source);
        if let Some(before) = &removed {
            self.forget(before);
        }
        removed.is_some()
    }

    fn forget(&mut self, before: &Segment) {
        let left: HashSet<u32> = self.segments.values().map(|segment| segment.slot).collect();
        self.directory.forget(before.terms as usize, |slot| left.contains(&slot));
    }

    /// The best matches.
    pub fn search(&self, query: &Query<'_>) -> Results {
        self.search_where(query, |_| true)
    }

    /// The best matches among those that the caller accepts. It is asked best first, until it has accepted enough.
    pub fn search_where(&self, query: &Query<'_>, mut accept: impl FnMut(&Hit) -> bool) -> Results {
        let view = self.view(query.sources);
        let is_wanted = |flags: Flags| match query.effect {
            None => true,
            Some(Effect::Read) => flags.reads(),
            Some(Effect::Write) => !flags.reads(),
        };
        let hits: Vec<Hit> = Ranking::of(&view, query.text, &self.weights, is_wanted)
            .filter_map(|place| {
                let segment = view.segments.get(place.segment as usize)?;
                Some(Hit {
                    source: *view.sources.get(place.segment as usize)?,
                    source_name: segment.name.to_string(),
                    name: segment.path(place.tool as usize).to_owned(),
                    ordinal: place.tool,
                    score: place.score,
                })
            })
            .filter(|hit| accept(hit))
            .take(query.limit)
            .collect();
        let note = hits.is_empty().then(|| overview::of(query.text, &view.segments));
        Results { hits, note }
    }

    /// The paths most like one that does not exist, best first.
    pub fn nearest(&self, path: &str, sources: Option<&[SourceId]>, limit: usize) -> Vec<String> {
        nearest::of(path, &self.view(sources).segments, limit)
    }

    /// How many tools there are.
    pub fn len(&self) -> usize {
        self.segments.values().map(|segment| segment.len()).sum()
    }

    /// Whether there is no tool.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the tools take.
    pub fn size(&self) -> usize {
        self.segments.values().map(|segment| segment.size()).sum::<usize>() + self.directory.size()
    }

    fn view(&self, sources: Option<&[SourceId]>) -> View<'_> {
        let Some(sources) = sources else {
            let all = self.segments.iter().map(|(source, segment)| (*source, segment));
            return View::of(&self.directory, all);
        };
        let mut sources = sources.to_vec();
        sources.sort_unstable();
        sources.dedup();
        let seen = sources.into_iter().filter_map(|source| Some((source, self.segments.get(&source)?)));
        View::of(&self.directory, seen)
    }
}
