//! Words that name the same thing in the interfaces of programs.
//!
//! General English and general usage of interfaces only: a set is here if it holds for any catalog.

mod actions;
mod things;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::{chinese, terms};

static OF_TERM: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let stemmer = terms::stemmer();
    let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
    for set in actions::SETS.iter().chain(things::SETS).chain(chinese::SETS) {
        let stems: Vec<String> = set.iter().map(|word| terms::stem(&stemmer, word)).collect();
        for (position, stem) in stems.iter().enumerate() {
            let others = stems.iter().enumerate().filter(|(other, _)| *other != position);
            let known = synonyms.entry(stem.clone()).or_default();
            for (_, other) in others {
                if other != stem && !known.contains(other) {
                    known.push(other.clone());
                }
            }
        }
    }
    synonyms
});

/// The terms that stand for a term.
pub(super) fn of_term(term: &str) -> &'static [String] {
    OF_TERM.get(term).map_or(&[], Vec::as_slice)
}

static ACTION_TERMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let stemmer = terms::stemmer();
    actions::SETS.iter().copied().flatten().map(|word| terms::stem(&stemmer, word)).collect()
});

/// Whether a term says what is done rather than to what.
pub(super) fn is_action(term: &str) -> bool {
    ACTION_TERMS.contains(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_says_each_thing_once() {
        let stemmer = terms::stemmer();
        let mut repeated = Vec::new();
        for set in actions::SETS.iter().chain(things::SETS) {
            let stems: HashSet<String> = set.iter().map(|word| terms::stem(&stemmer, word)).collect();
            if stems.len() < set.len() {
                repeated.push(set);
            }
        }
        assert!(repeated.is_empty(), "{repeated:?}");
    }
}
