//! From words to terms: stop words are dropped, the others are cut to their stems.

use std::collections::HashMap;
use std::sync::Arc;

use rust_stemmers::{Algorithm, Stemmer};

/// Words that stand in any text whatever it is about.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before",
    "being", "both", "but", "by", "can", "could", "did", "do", "does", "doesnt", "dont", "each", "eg",
    "either", "etc", "for", "from", "had", "has", "have", "how", "i", "ie", "if", "in", "into", "is", "it",
    "its", "may", "me", "might", "must", "my", "no", "not", "of", "on", "only", "or", "other", "our", "over",
    "per", "please", "shall", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "through", "to", "under", "until", "upon", "us", "via", "was",
    "we", "were", "what", "when", "where", "whether", "which", "while", "who", "whose", "why", "will",
    "with", "within", "without", "would", "you", "your",
];

/// How many words the cache remembers; a vocabulary of technical English is not much larger.
const MAX_CACHED: usize = 16 * 1024;

/// Cuts words to terms and remembers the result.
pub(super) struct Terms {
    stemmer: Stemmer,
    known: HashMap<Box<str>, Option<Arc<str>>>,
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Terms").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self { stemmer: stemmer(), known: HashMap::new() }
    }
}

impl Terms {
    /// The term of a lower-case word, or nothing if it is a stop word.
    pub(super) fn term(&mut self, word: &str) -> Option<Arc<str>> {
        if let Some(known) = self.known.get(word) {
            return known.clone();
        }
        let term = (!is_stop_word(word)).then(|| Arc::from(stem(&self.stemmer, word)));
        if self.known.len() < MAX_CACHED {
            self.known.insert(word.into(), term.clone());
        }
        term
    }
}

/// A stemmer for one use; [`Terms`] is for many.
pub(super) fn stemmer() -> Stemmer {
    Stemmer::create(Algorithm::English)
}

/// Whether a word says nothing about what a text is about.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The stem of a word. Only plain letters are cut: the rules are those of English.
pub(super) fn stem(stemmer: &Stemmer, word: &str) -> String {
    if word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        stemmer.stem(word).into_owned()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_so_that_they_can_be_looked_up() {
        assert!(STOP_WORDS.is_sorted());
    }
}
