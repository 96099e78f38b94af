//! BM25F over several segments as if they were one.
//!
//! A term's weight in a tool is the sum over the fields of how often it stands there, each by the field's weight
//! and length; saturated once, over the sum. How rare a term is, and how long fields are, is counted over all the
//! segments of the search.

use std::collections::BinaryHeap;

use super::corrections;
use super::dictionary::Postings;
use super::field::{Counts, FIELDS, Field};
use super::filter;
use super::intent::{self, Alternative, Concept};
use super::segment::{Flags, Segment};
use super::weights::Weights;

/// A tool with its score. Greater is better; among equals the shorter path, then the earlier tool.
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

/// All tools that match.
pub(super) struct Ranking<'s> {
    segments: &'s [&'s Segment],
    places: Vec<Place>,
}

/// An alternative with where it stands in each segment.
struct Lookup<'c> {
    alternative: &'c Alternative,
    postings: Vec<Option<Postings>>,
    documents: u32,
}

/// A concept that some tool has.
struct Sought<'c> {
    concept: &'c Concept,
    lookups: Vec<Lookup<'c>>,
    rarity: f32,
}

/// What the segments have together.
struct Statistics {
    tools: f32,
    /// By how much a count in a field of some length is multiplied.
    field_factors: [[f32; 256]; FIELDS],
}

#[derive(Default)]
struct Scratch {
    scores: Vec<f32>,
    /// How many words of its path the query has.
    in_path: Vec<f32>,
    /// The evidence for the concept at hand.
    current: Vec<f32>,
    /// How far the concept at hand stands in the path.
    current_in_path: Vec<f32>,
    touched: Vec<u32>,
}

impl<'s> Ranking<'s> {
    /// Ranks the tools of the segments for a query.
    pub(super) fn of(segments: &'s [&'s Segment], text: &str, weights: &Weights) -> Self {
        let mut concepts = intent::concepts(text, weights);
        corrections::extend(&mut concepts, segments, weights);
        let statistics = Statistics::of(segments, weights);
        let sought: Vec<Sought<'_>> =
            concepts.iter().filter_map(|concept| Sought::of(concept, segments, &statistics)).collect();
        let mut scratch = Scratch::default();
        let mut places = Vec::new();
        for (number, segment) in segments.iter().enumerate() {
            scratch.reset(segment.len());
            let mut theme = 0.0;
            let named_share = named_share(segment, &sought);
            for concept in &sought {
                theme += scratch.add(concept, number, segment, named_share, weights, &statistics);
            }
            scratch.collect(number, segment, theme, weights, &mut places);
        }
        Self { segments, places }
    }

    /// Drops the tools whose flags are not wanted.
    pub(super) fn keep(&mut self, wanted: impl Fn(Flags) -> bool) {
        let segments = self.segments;
        self.places.retain(|place| {
            let flags = segments.get(place.segment as usize).and_then(|of| of.flags.get(place.tool as usize));
            flags.is_some_and(|flags| wanted(*flags))
        });
    }

    /// How many tools match.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The tools, best first. Only as many are put in order as are taken.
    pub(super) fn best_first(self) -> impl Iterator<Item = Place> {
        let mut heap = BinaryHeap::from(self.places);
        std::iter::from_fn(move || heap.pop())
    }
}

impl Statistics {
    fn of(segments: &[&Segment], weights: &Weights) -> Self {
        let tools = segments.iter().map(|segment| segment.len()).sum::<usize>() as f32;
        let mut field_factors = [[0.0; 256]; FIELDS];
        for (field, factors) in field_factors.iter_mut().enumerate() {
            let total = segments.iter().map(|segment| segment.totals[field]).sum::<u64>() as f32;
            let average = (total / tools.max(1.0)).max(1e-6);
            let normalisation = weights.normalisation[field];
            for (length, factor) in factors.iter_mut().enumerate() {
                let relative = 1.0 - normalisation + normalisation * length as f32 / average;
                *factor = weights.fields[field] / relative.max(1e-6);
            }
        }
        Self { tools, field_factors }
    }

    fn rarity(&self, documents: u32) -> f32 {
        let documents = (documents as f32).min(self.tools);
        (1.0 + (self.tools - documents + 0.5) / (documents + 0.5)).ln()
    }

    #[inline]
    fn weigh(&self, counts: Counts, lengths: [u8; FIELDS]) -> f32 {
        let mut sum = 0.0;
        for field in Field::ALL {
            let factor = self.field_factors[field.index()][lengths[field.index()] as usize];
            sum += f32::from(counts.get(field)) * factor;
        }
        sum
    }
}

impl<'c> Sought<'c> {
    fn of(concept: &'c Concept, segments: &[&Segment], statistics: &Statistics) -> Option<Self> {
        let lookups: Vec<Lookup<'_>> = concept
            .alternatives
            .iter()
            .map(|alternative| Lookup::of(alternative, segments))
            .filter(|lookup| lookup.documents > 0)
            .collect();
        // A concept is as rare as its most frequent alternative: a rare synonym of a frequent word says no more.
        let documents = lookups.iter().map(|lookup| lookup.documents).max()?;
        Some(Self { concept, lookups, rarity: statistics.rarity(documents) })
    }
}

/// How much of the source's name the query has.
fn named_share(segment: &Segment, sought: &[Sought<'_>]) -> f32 {
    let has = |term: &str| sought.iter().any(|sought| sought.concept.term() == term);
    let named = segment.name_terms.iter().filter(|term| has(term)).count();
    named as f32 / segment.name_terms.len().max(1) as f32
}

impl<'c> Lookup<'c> {
    fn of(alternative: &'c Alternative, segments: &[&Segment]) -> Self {
        let hash = filter::hash(&alternative.term);
        let postings: Vec<_> = segments.iter().map(|segment| segment.find(&alternative.term, hash)).collect();
        let documents = postings
            .iter()
            .zip(segments)
            .map(|(postings, segment)| {
                if segment.is_named(&alternative.term) {
                    segment.len() as u32
                } else {
                    postings.map_or(0, |postings| postings.documents)
                }
            })
            .sum();
        Self { alternative, postings, documents }
    }
}

impl Scratch {
    fn reset(&mut self, tools: usize) {
        for numbers in [&mut self.scores, &mut self.in_path, &mut self.current, &mut self.current_in_path] {
            numbers.clear();
            numbers.resize(tools, 0.0);
        }
    }

    /// Adds what the tools have of a concept. Gives what the source as a whole has of it.
    fn add(
        &mut self,
        sought: &Sought<'_>,
        number: usize,
        segment: &Segment,
        named_share: f32,
        weights: &Weights,
        statistics: &Statistics,
    ) -> f32 {
        let Self { current, current_in_path, touched, .. } = self;
        let mut theme = 0.0_f32;
        for lookup in &sought.lookups {
            let weight = lookup.alternative.weight;
            let saturate = |evidence: f32| {
                weight * evidence * (weights.saturation + 1.0) / (evidence + weights.saturation)
            };
            let named = segment.is_named(&lookup.alternative.term);
            let own = if named { weights.source * named_share } else { 0.0 };
            if named {
                let least = saturate(own);
                for (tool, current) in current.iter_mut().enumerate() {
                    if *current == 0.0 {
                        touched.push(tool as u32);
                    }
                    *current = current.max(least);
                }
            }
            let Some(postings) = lookup.postings.get(number).copied().flatten() else { continue };
            let share = postings.documents as f32 / segment.len().max(1) as f32;
            theme = theme.max(weight * share.sqrt());
            segment.for_each(postings, |tool, counts| {
                let (Some(current), Some(lengths)) = (current.get_mut(tool), segment.lengths.get(tool))
                else {
                    return;
                };
                let evidence = saturate(own + statistics.weigh(counts, *lengths));
                if *current == 0.0 {
                    touched.push(tool as u32);
                }
                *current = current.max(evidence);
                if counts.get(Field::Path) > 0 {
                    current_in_path[tool] = current_in_path[tool].max(weight);
                }
            });
        }
        let weight = sought.rarity * sought.concept.weight;
        for tool in self.touched.drain(..) {
            let tool = tool as usize;
            self.scores[tool] += weight * std::mem::take(&mut self.current[tool]);
            let in_path = std::mem::take(&mut self.current_in_path[tool]);
            if !sought.concept.extra {
                self.in_path[tool] += in_path * sought.concept.weight;
            }
        }
        theme * weight
    }

    fn collect(
        &self,
        number: usize,
        segment: &Segment,
        theme: f32,
        weights: &Weights,
        places: &mut Vec<Place>,
    ) {
        for (tool, score) in self.scores.iter().enumerate().filter(|(_, score)| **score > 0.0) {
            let words = f32::from(segment.lengths[tool][Field::Path.index()]).max(1.0);
            let share = (self.in_path[tool] / words).min(1.0);
            let mut score = (score + weights.theme * theme) * (1.0 + weights.whole_path * share);
            if segment.flags[tool].deprecated() {
                score *= weights.deprecated;
            }
            places.push(Place { score, segment: number as u32, tool: tool as u32 });
        }
    }
}
