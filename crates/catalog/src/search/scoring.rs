//! BM25F over several segments as if they were one.
//!
//! A term's weight in a tool is the sum over the fields of how often it stands there, each by the field's weight
//! and length; saturated once, over the sum. How rare a term is, and how long fields are, is counted over all the
//! segments of the search.

use super::directory::Postings;
use super::field::{FIELDS, Field};
use super::purpose::Purpose;
use super::ranking::Place;
use super::segment::{Flags, Segment};
use super::statistics::Statistics;
use super::weights::Weights;

/// What a bound is above the greatest score, so that rounding makes it no less.
const ROUNDING: f32 = 1.0001;

/// A concept that some tool has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought {
    /// How much it counts in the query.
    pub(super) weight: f32,
    /// How much more it tells because few have it.
    pub(super) rarity: f32,
    /// The same of the word itself in the name of a source, of which there are fewer than tools.
    pub(super) name_rarity: f32,
    /// Whether it only says again what others say.
    pub(super) extra: bool,
}

/// That a source has a term that may stand for a concept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    /// The number of the concept.
    pub(super) concept: usize,
    /// What the term counts for the concept.
    pub(super) weight: f32,
    /// Whether it is the concept's own word.
    pub(super) is_own_word: bool,
    /// Whether the source's name has it.
    pub(super) named: bool,
    pub(super) postings: Postings,
}

/// Scores the tools of one source after the other.
pub(super) struct Scorer<'v> {
    pub(super) segments: &'v [&'v Segment],
    pub(super) weights: &'v Weights,
    pub(super) statistics: Statistics,
    pub(super) purpose: Purpose,
    pub(super) sought: Vec<Sought>,
    pub(super) scratch: Scratch,
}

/// Numbers for each tool of the source at hand.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    /// How many words of its path the query has.
    in_path: Vec<f32>,
    /// The evidence for the concept at hand.
    current: Vec<f32>,
    /// How far the concept at hand stands in the path.
    current_in_path: Vec<f32>,
    touched: Vec<u32>,
}

impl Scorer<'_> {
    /// What no tool of a source with this evidence exceeds.
    pub(super) fn bound(&self, number: usize, evidence: &[Evidence]) -> f32 {
        let Some(segment) = self.segments.get(number) else { return 0.0 };
        let named_share = named_share(segment, evidence);
        let (mut score, mut in_path) = (0.0, 0.0);
        for of_concept in evidence.chunk_by(|one, other| one.concept == other.concept) {
            let Some(sought) = self.sought_by(of_concept) else { continue };
            let (mut most, mut most_in_path) = (0.0_f32, 0.0_f32);
            for one in of_concept {
                // No tool has more of the term than this, nor has it in shorter fields.
                let of_term = self.statistics.weigh(one.postings.most, [1; FIELDS]);
                most = most.max(self.saturate(one.weight, self.own(one, named_share) + of_term));
                if one.postings.most.get(Field::Path) > 0 {
                    most_in_path = most_in_path.max(one.weight);
                }
            }
            score += sought.rarity * sought.weight * most;
            if !sought.extra {
                in_path += most_in_path * sought.weight;
            }
        }
        let theme = self.theme(segment, evidence);
        self.finish(score, theme, in_path, segment.shortest_path) * (1.0 + self.weights.purpose) * ROUNDING
    }

    /// Gives the tools of a source that have something of what is sought.
    pub(super) fn score(
        &mut self,
        number: usize,
        evidence: &[Evidence],
        is_wanted: impl Fn(Flags) -> bool,
        mut give: impl FnMut(Place),
    ) {
        let Some(segment) = self.segments.get(number).copied() else { return };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.reset(segment.len());
        let named_share = named_share(segment, evidence);
        for of_concept in evidence.chunk_by(|one, other| one.concept == other.concept) {
            if let Some(sought) = self.sought_by(of_concept) {
                self.add(&mut scratch, segment, sought, of_concept, named_share);
            }
        }
        let theme = self.theme(segment, evidence);
        let tools = segment.flags.iter().zip(&segment.lengths);
        for (tool, (flags, lengths)) in tools.enumerate() {
            let score = scratch.scores[tool];
            if score > 0.0 && is_wanted(*flags) {
                let path = lengths[Field::Path.index()];
                let mut score = self.finish(score, theme, scratch.in_path[tool], path);
                if self.purpose.is_served(flags.reads()) {
                    score *= 1.0 + self.weights.purpose;
                }
                if flags.deprecated() {
                    score *= self.weights.deprecated;
                }
                give(Place { score, segment: number as u32, tool: tool as u32 });
            }
        }
        self.scratch = scratch;
    }

    /// Adds what the tools have of a concept.
    fn add(
        &self,
        scratch: &mut Scratch,
        segment: &Segment,
        sought: Sought,
        evidence: &[Evidence],
        named_share: f32,
    ) {
        let Scratch { scores, in_path, current, current_in_path, touched } = scratch;
        for one in evidence {
            let own = self.own(one, named_share);
            if one.named {
                let least = self.saturate(one.weight, own);
                for (tool, current) in current.iter_mut().enumerate() {
                    if *current == 0.0 {
                        touched.push(tool as u32);
                    }
                    *current = current.max(least);
                }
            }
            segment.for_each(one.postings, |tool, counts| {
                let (Some(current), Some(lengths)) = (current.get_mut(tool), segment.lengths.get(tool))
                else {
                    return;
                };
                if *current == 0.0 {
                    touched.push(tool as u32);
                }
                let of_tool = own + self.statistics.weigh(counts, *lengths);
                *current = current.max(self.saturate(one.weight, of_tool));
                if counts.get(Field::Path) > 0 {
                    current_in_path[tool] = current_in_path[tool].max(one.weight);
                }
            });
        }
        for tool in touched.drain(..) {
            let tool = tool as usize;
            scores[tool] += sought.rarity * sought.weight * std::mem::take(&mut current[tool]);
            let of_concept = std::mem::take(&mut current_in_path[tool]);
            if !sought.extra {
                in_path[tool] += of_concept * sought.weight;
            }
        }
    }

    /// What the source as a whole has of the query.
    fn theme(&self, segment: &Segment, evidence: &[Evidence]) -> f32 {
        let tools = segment.len().max(1) as f32;
        let mut theme = 0.0;
        for of_concept in evidence.chunk_by(|one, other| one.concept == other.concept) {
            let Some(sought) = self.sought_by(of_concept) else { continue };
            let share = |one: &Evidence| one.weight * (one.postings.documents as f32 / tools).sqrt();
            let most = of_concept.iter().map(share).fold(0.0, f32::max);
            theme += self.weights.theme * most * (sought.rarity * sought.weight);
            if of_concept.iter().any(|one| one.named && one.is_own_word) {
                theme += self.weights.named * sought.name_rarity * sought.weight;
            }
        }
        theme
    }

    fn finish(&self, score: f32, theme: f32, in_path: f32, path_words: u8) -> f32 {
        let share = (in_path / f32::from(path_words).max(1.0)).min(1.0);
        (score + theme) * (1.0 + self.weights.whole_path * share)
    }

    fn own(&self, one: &Evidence, named_share: f32) -> f32 {
        if one.named { self.weights.source * named_share } else { 0.0 }
    }

    #[inline]
    fn saturate(&self, weight: f32, evidence: f32) -> f32 {
        let saturation = self.weights.saturation;
        weight * evidence * (saturation + 1.0) / (evidence + saturation)
    }

    fn sought_by(&self, of_concept: &[Evidence]) -> Option<Sought> {
        self.sought.get(of_concept.first()?.concept).copied()
    }
}

/// How much of the source's name the query has. People leave out most of a long name: its root counts.
fn named_share(segment: &Segment, evidence: &[Evidence]) -> f32 {
    let named = evidence.iter().filter(|one| one.named && one.is_own_word).count();
    (named as f32 / segment.name_terms.max(1) as f32).sqrt()
}

impl Scratch {
    fn reset(&mut self, tools: usize) {
        for numbers in [&mut self.scores, &mut self.in_path, &mut self.current, &mut self.current_in_path] {
            numbers.clear();
            numbers.resize(tools, 0.0);
        }
    }
}
