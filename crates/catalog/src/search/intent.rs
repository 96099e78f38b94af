//! From the text of a query to what is looked up: one [`Concept`] a word, with the terms that may stand for it.

use super::purpose;
use super::synonyms;
use super::terms;
use super::turns;
use super::weights::Weights;
use super::words::{Shape, Splitter};

/// How many concepts a query may have; the rest of a longer text is ignored.
const MAX_CONCEPTS: usize = 40;
/// How much of a query is read, in bytes.
const MAX_QUERY_BYTES: usize = 2_000;

/// What tools are called that give many things, which who asks for many does not say.
const LIST: &str = "list";

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

struct Word {
    text: String,
    term: String,
    shape: Shape,
}

/// The concepts of a query.
pub(super) fn concepts(text: &str, weights: &Weights) -> Vec<Concept> {
    let words = words(&text[..text.floor_char_boundary(MAX_QUERY_BYTES)]);
    let mut concepts: Vec<Concept> = Vec::new();
    for word in &words {
        let weight = if synonyms::is_action(&word.term) { weights.action } else { 1.0 };
        push(&mut concepts, &word.term, weight, word.shape == Shape::Whole);
    }
    if purpose::wants_many(text) {
        push(&mut concepts, LIST, weights.action, true);
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
    let mut splitter = Splitter::default();
    let mut spoken: Vec<(String, Shape)> = Vec::new();
    for token in text.split_whitespace() {
        splitter.split(stand_in(token), |word, shape| {
            let turn = spoken.last().and_then(|(before, _)| turns::of(before, word));
            if let Some(meaning) = turn {
                spoken.pop();
                spoken.push((meaning.to_owned(), Shape::Plain));
            } else {
                spoken.push((word.to_owned(), shape));
            }
        });
    }
    let telling = spoken.into_iter().filter(|(word, _)| !terms::is_stop_word(word));
    telling.map(|(text, shape)| Word { term: terms::stem(&stemmer, &text), text, shape }).collect()
}

/// What a pasted address or path of a file stands for. What is in it says which one, not what to do with it.
fn stand_in(token: &str) -> &str {
    let token = token.trim_start_matches(['(', '"', '\'', '`', '<']);
    if token.starts_with("http://") || token.starts_with("https://") {
        "url"
    } else if ["/", "~/", "./", "../"].iter().any(|root| token.starts_with(root)) && token.len() > 3 {
        "file"
    } else {
        token
    }
}
