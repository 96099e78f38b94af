//! "Did you mean": the paths nearest to one that does not exist.
//!
//! Two ways to be near: spelled alike, and made of the same words in another order (`createIssue` for
//! `issues.create`). The first is looked for in the sources whose name is near, and in all only while there are few
//! tools, so that the time is bounded.

use executor_core::path::fold;

use super::segment::Segment;
use super::words::Splitter;
use crate::spelling;

/// How many paths are compared by spelling.
const MAX_COMPARED: usize = 20_000;
/// How far a word counts that is spelled almost alike.
const ALMOST: f32 = 0.7;
/// The least likeness that is worth showing, of 1.
const MIN_LIKENESS: f32 = 0.45;
/// The longest path that is looked at, in bytes.
const MAX_PATH: usize = 256;

/// The nearest paths, best first.
pub(super) fn of(path: &str, segments: &[&Segment], limit: usize) -> Vec<String> {
    let path = &path[..path.floor_char_boundary(MAX_PATH)];
    let (source, name) = path.split_once('.').unwrap_or(("", path));
    let source = fold(source);
    let wanted = Wanted { folded: fold(name), words: words(name) };
    let mut sources: Vec<(f32, &Segment)> =
        segments.iter().map(|segment| (likeness(&source, &fold(&segment.name)), *segment)).collect();
    sources.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut found: Vec<(f32, String)> = Vec::new();
    let mut compared = 0;
    for (nearness, segment) in sources {
        for tool in 0..segment.len() {
            compared += 1;
            if compared > MAX_COMPARED {
                break;
            }
            let candidate = segment.path(tool);
            let score = 0.75 * wanted.likeness(candidate) + 0.25 * nearness;
            if score >= MIN_LIKENESS {
                found.push((score, format!("{}.{candidate}", segment.name)));
            }
        }
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    found.truncate(limit);
    found.into_iter().map(|(_, path)| path).collect()
}

struct Wanted {
    folded: String,
    words: Vec<String>,
}

impl Wanted {
    fn likeness(&self, candidate: &str) -> f32 {
        let by_words = shared(&self.words, &words(candidate));
        let folded = fold(candidate);
        // Comparing letters costs more than comparing words, and can only win where the lengths are near.
        if by_words >= 0.99 && folded == self.folded {
            1.0
        } else {
            by_words.max(likeness(&self.folded, &folded))
        }
    }
}

/// How alike two folded texts are: 1 if they are equal, 0 if more than a third of the letters differ.
fn likeness(one: &str, other: &str) -> f32 {
    let most = spelling::most_edits(one);
    spelling::distance(one, other, most)
        .map_or(0.0, |edits| 1.0 - edits as f32 / one.chars().count().max(1) as f32)
}

/// The share of words that both have, in any order.
fn shared(one: &[String], other: &[String]) -> f32 {
    let best = |word: &String| {
        let equal = other.iter().any(|candidate| candidate == word);
        let almost = || {
            let most = usize::from(word.len() >= 4);
            other.iter().any(|candidate| spelling::distance(word, candidate, most).is_some())
        };
        if equal {
            1.0
        } else if almost() {
            ALMOST
        } else {
            0.0
        }
    };
    let both: f32 = one.iter().map(best).sum();
    2.0 * both / (one.len() + other.len()).max(1) as f32
}

fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    Splitter::default().split(name, |word, shape| {
        if shape != super::words::Shape::Whole {
            words.push(word.strip_suffix('s').unwrap_or(word).to_owned());
        }
    });
    words
}
