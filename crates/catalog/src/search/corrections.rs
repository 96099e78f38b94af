//! Words that stand nowhere: those that begin with them, and those that are spelled almost like them.
//!
//! Only a word without any posting is corrected, so that a right spelling never finds less for it.

use super::intent::{Alternative, Concept};
use super::view::View;
use super::weights::Weights;
use crate::spelling;

/// The shortest word that is corrected: shorter ones are near too many others.
const MIN_CORRECTED: usize = 4;
/// How many corrections a word gets.
const MAX_CORRECTIONS: usize = 3;

/// Adds corrections to the concepts that no tool has.
pub(super) fn extend(concepts: &mut [Concept], view: &View<'_>, weights: &Weights) {
    for concept in concepts.iter_mut().filter(|concept| !concept.extra) {
        if concept.term().chars().count() < MIN_CORRECTED || view.find(concept.term()).next().is_some() {
            continue;
        }
        let corrections = corrections(concept.term(), view);
        concept
            .alternatives
            .extend(corrections.into_iter().map(|term| Alternative { term, weight: weights.correction }));
    }
}

/// The most frequent of the nearest terms. A first letter is seldom wrong, so that only its terms are looked at.
fn corrections(term: &str, view: &View<'_>) -> Vec<String> {
    let Some(first) = term.chars().next() else { return Vec::new() };
    let most = if term.len() < 8 { 1 } else { 2 };
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    let mut buffer = [0; 4];
    for (candidate, occurrences) in view.with_prefix(first.encode_utf8(&mut buffer)) {
        let distance =
            if candidate.starts_with(term) { Some(1) } else { spelling::distance(term, candidate, most) };
        let Some(distance) = distance else { continue };
        let documents = occurrences.map(|(number, occurrence)| view.documents(number, &occurrence)).sum();
        if documents > 0 {
            found.push((distance, documents, candidate));
        }
    }
    let Some(nearest) = found.iter().map(|(distance, ..)| *distance).min() else { return Vec::new() };
    found.retain(|(distance, ..)| *distance == nearest);
    found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.2.cmp(other.2)));
    found.into_iter().take(MAX_CORRECTIONS).map(|(.., term)| term.to_owned()).collect()
}
