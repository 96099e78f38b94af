//! From the text of a query to what is looked up: one [`Concept`] a word, with the terms that may stand for it.

use super::synonyms;
use super::terms;
use super::weights::Weights;
use super::words::{Shape, Splitter};

/// How many concepts a query may have; the rest of a longer text is ignored.
const MAX_CONCEPTS: usize = 40;
/// How much of a query is read, in bytes.
const MAX_QUERY_BYTES: usize = 2_000;

/// A term that may stand for a concept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alternative {
    pub(super) term: String,
    pub(super) weight: f32,
}

/// Something that a tool should be about. A tool has it as much as its best alternative.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Concept {
    /// The word itself first.
    pub(super) alternatives: Vec<Alternative>,
    /// How much it counts in the query.
    pub(super) weight: f32,
    /// Whether it only says again what others say.
    pub(super) extra: bool,
}

impl Concept {
    /// The term of the word itself.
    pub(super) fn term(&self) -> &str {
        self.alternatives.first().map_or("", |own| &own.term)
    }
}

/// Words that people put around what they want. They count, but less.
const VAGUE: &[&str] = &[
    "access",
    "action",
    "answer",
    "appropriate",
    "available",
    "based",
    "basic",
    "content",
    "data",
    "detail",
    "detailed",
    "different",
    "ensure",
    "focusing",
    "following",
    "give",
    "given",
    "help",
    "important",
    "include",
    "including",
    "info",
    "information",
    "like",
    "material",
    "multiple",
    "necessary",
    "need",
    "new",
    "optional",
    "particular",
    "perform",
    "provide",
    "relate",
    "related",
    "relevant",
    "report",
    "result",
    "specific",
    "specified",
    "thing",
    "tool",
    "use",
    "user",
    "using",
    "various",
    "want",
];

struct Word {
    text: String,
    term: String,
    shape: Shape,
    vague: bool,
}

/// The concepts of a query.
pub(super) fn concepts(text: &str, weights: &Weights) -> Vec<Concept> {
    let words = words(&text[..text.floor_char_boundary(MAX_QUERY_BYTES)]);
    let mut concepts: Vec<Concept> = Vec::new();
    for (position, word) in words.iter().enumerate() {
        let weight = 1.0 / (1.0 + weights.decay * position as f32);
        let weight = if word.vague { weight * weights.vague } else { weight };
        push(&mut concepts, &word.term, weight, word.shape == Shape::Whole);
    }
    for concept in &mut concepts {
        let synonyms = synonyms::of_term(concept.term()).iter();
        concept
            .alternatives
            .extend(synonyms.map(|term| Alternative { term: term.clone(), weight: weights.synonym }));
    }
    let stemmer = terms::stemmer();
    for pair in words.windows(2) {
        if let [first, second] = pair
            && [first, second].iter().all(|word| word.shape == Shape::Plain)
        {
            let joined = terms::stem(&stemmer, &format!("{}{}", first.text, second.text));
            push(&mut concepts, &joined, weights.joined, true);
        }
    }
    concepts
}

fn push(concepts: &mut Vec<Concept>, term: &str, weight: f32, extra: bool) {
    if concepts.len() < MAX_CONCEPTS && weight > 0.0 && concepts.iter().all(|known| known.term() != term) {
        let alternatives = vec![Alternative { term: term.to_owned(), weight: 1.0 }];
        concepts.push(Concept { alternatives, weight, extra });
    }
}

fn words(text: &str) -> Vec<Word> {
    let stemmer = terms::stemmer();
    let mut words = Vec::new();
    Splitter::default().split(text, |word, shape| {
        if !terms::is_stop_word(word) {
            words.push(Word {
                text: word.to_owned(),
                term: terms::stem(&stemmer, word),
                shape,
                vague: VAGUE.binary_search(&word.strip_suffix('s').unwrap_or(word)).is_ok(),
            });
        }
    });
    words
}
