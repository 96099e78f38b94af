//! Words that stand nowhere: those that begin with them, and those that are spelled almost like them.
//!
//! Only a word without any posting is corrected, so that a right spelling never finds less for it.

use std::collections::BTreeMap;

use super::filter;
use super::intent::{Alternative, Concept};
use super::segment::Segment;
use super::weights::Weights;
use crate::spelling;

/// The shortest word that is corrected: shorter ones are near too many others.
const MIN_CORRECTED: usize = 4;
/// How many corrections a word gets.
const MAX_CORRECTIONS: usize = 3;

/// Adds corrections to the concepts that no tool has.
pub(super) fn extend(concepts: &mut [Concept], segments: &[&Segment], weights: &Weights) {
    for concept in concepts.iter_mut().filter(|concept| !concept.extra) {
        if concept.term().chars().count() < MIN_CORRECTED || is_known(concept.term(), segments) {
            continue;
        }
        let corrections = corrections(concept.term(), segments);
        concept
            .alternatives
            .extend(corrections.into_iter().map(|term| Alternative { term, weight: weights.correction }));
    }
}

fn is_known(term: &str, segments: &[&Segment]) -> bool {
    let hash = filter::hash(term);
    segments.iter().any(|segment| segment.is_named(term) || segment.find(term, hash).is_some())
}

/// The most frequent of the nearest terms. A first letter is seldom wrong, so that only its terms are looked at.
fn corrections(term: &str, segments: &[&Segment]) -> Vec<String> {
    let Some(first) = term.chars().next() else { return Vec::new() };
    let most = if term.len() < 8 { 1 } else { 2 };
    let mut found: BTreeMap<String, (usize, u32)> = BTreeMap::new();
    let mut consider = |candidate: &str, documents: u32| {
        let distance =
            if candidate.starts_with(term) { Some(1) } else { spelling::distance(term, candidate, most) };
        if let Some(distance) = distance {
            found.entry(candidate.to_owned()).or_insert((distance, 0)).1 += documents;
        }
    };
    for segment in segments {
        segment.dictionary.for_each_with_prefix(first.encode_utf8(&mut [0; 4]), |candidate, postings| {
            consider(candidate, postings.documents);
        });
        segment
            .name_terms
            .iter()
            .filter(|name| name.starts_with(first))
            .for_each(|name| consider(name, segment.len() as u32));
    }
    let Some(nearest) = found.values().map(|(distance, _)| *distance).min() else { return Vec::new() };
    let mut found: Vec<(String, u32)> = found
        .into_iter()
        .filter(|(_, (distance, _))| *distance == nearest)
        .map(|(term, (_, documents))| (term, documents))
        .collect();
    found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    found.into_iter().take(MAX_CORRECTIONS).map(|(term, _)| term).collect()
}
