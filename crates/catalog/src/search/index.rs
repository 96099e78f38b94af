//! The index: one segment a source, and what the engine does with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use executor_core::SourceId;

use super::builder::Builder;
use super::ranking::Ranking;
use super::segment::Segment;
use super::terms::Terms;
use super::weights::Weights;
use super::{Effect, Entry, Hit, Query, Results, nearest, overview};

/// All tools of an installation, findable.
///
/// Reading takes `&self` only; a clone shares the segments and is cheap, so that an index can be changed in a copy
/// while others search.
#[derive(Debug, Default)]
pub struct Index {
    segments: BTreeMap<SourceId, Arc<Segment>>,
    weights: Weights,
    terms: Terms,
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self { segments: self.segments.clone(), weights: self.weights, terms: Terms::default() }
    }
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
        source_name: &str,
        tools: impl IntoIterator<Item = Entry<'a>>,
    ) {
        let mut builder = Builder::new(&mut self.terms);
        for tool in tools {
            builder.push(&tool);
        }
        let segment = builder.finish(source_name);
        self.segments.insert(source, Arc::new(segment));
    }

    /// Forgets a source. Says whether there was one.
    pub fn remove(&mut self, source: SourceId) -> bool {
        self.segments.remove(&source).is_some()
    }

    /// The best matches.
    pub fn search(&self, query: &Query<'_>) -> Results {
        self.search_where(query, |_| true)
    }

    /// The best matches among those that the caller accepts. It is asked best first, until it has accepted enough.
    pub fn search_where(&self, query: &Query<'_>, mut accept: impl FnMut(&Hit) -> bool) -> Results {
        let visible = self.visible(query.sources);
        let segments: Vec<&Segment> = visible.iter().map(|(_, segment)| *segment).collect();
        let mut ranking = Ranking::of(&segments, query.text, &self.weights);
        ranking.keep(|flags| match query.effect {
            None => true,
            Some(Effect::Read) => flags.reads(),
            Some(Effect::Write) => !flags.reads(),
        });
        let matched = ranking.len();
        let hits: Vec<Hit> = ranking
            .best_first()
            .filter_map(|place| {
                let (source, segment) = visible.get(place.segment as usize)?;
                Some(Hit {
                    source: *source,
                    source_name: segment.name.to_string(),
                    name: segment.path(place.tool as usize).to_owned(),
                    ordinal: place.tool,
                    score: place.score,
                })
            })
            .filter(|hit| accept(hit))
            .take(query.limit)
            .collect();
        let note = hits.is_empty().then(|| overview::of(query.text, &segments));
        Results { hits, matched, note }
    }

    /// The paths most like one that does not exist, best first.
    pub fn nearest(&self, path: &str, sources: Option<&[SourceId]>, limit: usize) -> Vec<String> {
        let segments: Vec<&Segment> = self.visible(sources).into_iter().map(|(_, segment)| segment).collect();
        nearest::of(path, &segments, limit)
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
        self.segments.values().map(|segment| segment.size()).sum()
    }

    fn visible(&self, sources: Option<&[SourceId]>) -> Vec<(SourceId, &Segment)> {
        match sources {
            None => self.segments.iter().map(|(source, segment)| (*source, &**segment)).collect(),
            Some(sources) => {
                let mut sources = sources.to_vec();
                sources.sort_unstable();
                sources.dedup();
                let found = |source| Some((source, &**self.segments.get(&source)?));
                sources.into_iter().filter_map(found).collect()
            }
        }
    }
}
