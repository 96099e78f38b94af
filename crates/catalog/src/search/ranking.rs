//! The tools that match a query, best first, and only as many of them as are taken.
//!
//! What the directory says of the query's terms bounds from above what a tool of each source can reach. The sources are
//! looked into in the order of their bounds, and none before all tools above its bound are taken: the order is the same
//! as if every tool had been scored.

use std::collections::BinaryHeap;

use super::corrections;
use super::intent;
use super::purpose::Purpose;
use super::scoring::{Evidence, Scorer, Scratch, Sought};
use super::segment::Flags;
use super::statistics::Statistics;
use super::view::View;
use super::weights::Weights;

/// A tool with its score. Greater is better; among equals the earlier source, then the earlier tool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) score: f32,
    pub(super) segment: u32,
    pub(super) tool: u32,
}

impl Eq for Place {}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let earlier = (other.segment, other.tool).cmp(&(self.segment, self.tool));
        self.score.total_cmp(&other.score).then(earlier)
    }
}

/// Gives all tools that match.
pub(super) struct Ranking<'v, W> {
    scorer: Scorer<'v>,
    /// What the sources have of the query, source by source, and where that of each begins and ends.
    evidence: Vec<Evidence>,
    starts: Vec<usize>,
    /// The sources that are not looked into yet, each with its bound in place of a score.
    ahead: BinaryHeap<Place>,
    places: BinaryHeap<Place>,
    is_wanted: W,
}

impl<'v, W: Fn(Flags) -> bool> Ranking<'v, W> {
    /// Ranks the tools whose flags are wanted for a query.
    pub(super) fn of(view: &'v View<'v>, text: &str, weights: &'v Weights, is_wanted: W) -> Self {
        let mut concepts = intent::concepts(text, weights);
        corrections::extend(&mut concepts, view, weights);
        let statistics = Statistics::of(&view.segments, weights);
        let mut found = Vec::new();
        let mut sought = Vec::with_capacity(concepts.len());
        for (concept, intent) in concepts.iter().enumerate() {
            // A concept is as rare as its most frequent alternative: a rare synonym of a frequent word says no more.
            let mut most = 0;
            let mut names = 0;
            for (place, alternative) in intent.alternatives.iter().enumerate() {
                let (weight, is_own_word) = (alternative.weight, place == 0);
                let mut documents = 0;
                for (source, occurrence) in view.find(&alternative.term) {
                    names += usize::from(is_own_word && occurrence.named);
                    documents += view.documents(source, &occurrence);
                    let (named, postings) = (occurrence.named, occurrence.postings);
                    found.push((source, Evidence { concept, weight, is_own_word, named, postings }));
                }
                most = most.max(documents);
            }
            let (weight, extra) = (intent.weight, intent.extra);
            sought.push(Sought {
                weight,
                rarity: statistics.rarity(most),
                name_rarity: statistics.name_rarity(names),
                extra,
            });
        }
        let (evidence, starts) = by_source(&found, view.segments.len());
        let segments = &view.segments;
        let purpose = Purpose::of(text);
        let scorer = Scorer { purpose, segments, weights, statistics, sought, scratch: Scratch::default() };
        let mut ranking =
            Self { scorer, evidence, starts, ahead: BinaryHeap::new(), places: BinaryHeap::new(), is_wanted };
        ranking.ahead = (0..view.segments.len())
            .filter_map(|source| {
                let evidence = ranking.of_source(source);
                let score = ranking.scorer.bound(source, evidence);
                (!evidence.is_empty()).then_some(Place { score, segment: source as u32, tool: 0 })
            })
            .collect();
        ranking
    }

    fn of_source(&self, source: usize) -> &[Evidence] {
        of_source(&self.evidence, &self.starts, source)
    }
}

impl<W: Fn(Flags) -> bool> Iterator for Ranking<'_, W> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        while let Some(ahead) = self.ahead.peek()
            && self.places.peek().is_none_or(|best| best.score <= ahead.score)
        {
            let source = ahead.segment as usize;
            self.ahead.pop();
            let evidence = of_source(&self.evidence, &self.starts, source);
            self.scorer.score(source, evidence, &self.is_wanted, |place| self.places.push(place));
        }
        self.places.pop()
    }
}

fn of_source<'e>(evidence: &'e [Evidence], starts: &[usize], source: usize) -> &'e [Evidence] {
    let bounds = starts.get(source).zip(starts.get(source + 1));
    bounds.and_then(|(start, end)| evidence.get(*start..*end)).unwrap_or_default()
}

/// Puts what was found in the order of the sources, what is of one source as it was found; and where each begins.
fn by_source(found: &[(usize, Evidence)], sources: usize) -> (Vec<Evidence>, Vec<usize>) {
    let mut starts = vec![0; sources + 1];
    for (source, _) in found {
        starts[source + 1] += 1;
    }
    for source in 0..sources {
        starts[source + 1] += starts[source];
    }
    let mut order = vec![0; found.len()];
    let mut next = starts.clone();
    for (place, (source, _)) in found.iter().enumerate() {
        order[next[*source]] = place;
        next[*source] += 1;
    }
    (order.into_iter().map(|place| found[place].1).collect(), starts)
}
