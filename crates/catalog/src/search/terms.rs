//! From words to terms: stop words are dropped, the others are cut to their stems.

use std::collections::HashMap;
use std::sync::Arc;

use rust_stemmers::{Algorithm, Stemmer};

use super::forms;

/// Words that stand in any text whatever it is about.
const STOP_WORDS: &[&str] = &[
    "a",
    "able",
    "about",
    "according",
    "accordingly",
    "after",
    "again",
    "against",
    "all",
    "along",
    "already",
    "also",
    "although",
    "always",
    "am",
    "among",
    "an",
    "and",
    "another",
    "any",
    "anyone",
    "anything",
    "appropriate",
    "are",
    "arent",
    "as",
    "at",
    "based",
    "be",
    "because",
    "been",
    "before",
    "being",
    "both",
    "but",
    "by",
    "can",
    "cannot",
    "cant",
    "certain",
    "corresponding",
    "could",
    "did",
    "didnt",
    "do",
    "does",
    "doesnt",
    "doing",
    "dont",
    "during",
    "each",
    "eg",
    "either",
    "ensure",
    "ensuring",
    "etc",
    "every",
    "everything",
    "except",
    "following",
    "for",
    "from",
    "given",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "him",
    "his",
    "how",
    "however",
    "i",
    "ie",
    "if",
    "im",
    "in",
    "include",
    "included",
    "includes",
    "including",
    "instead",
    "into",
    "is",
    "isnt",
    "it",
    "its",
    "itself",
    "ive",
    "just",
    "let",
    "lets",
    "like",
    "many",
    "may",
    "me",
    "might",
    "more",
    "most",
    "much",
    "must",
    "my",
    "necessary",
    "need",
    "needed",
    "needs",
    "never",
    "no",
    "nor",
    "not",
    "nothing",
    "of",
    "on",
    "once",
    "only",
    "onto",
    "or",
    "other",
    "our",
    "ourselves",
    "over",
    "own",
    "particular",
    "particularly",
    "per",
    "please",
    "provide",
    "provided",
    "provides",
    "providing",
    "regarding",
    "related",
    "relevant",
    "respective",
    "respectively",
    "same",
    "several",
    "shall",
    "she",
    "should",
    "since",
    "so",
    "some",
    "someone",
    "something",
    "specific",
    "specified",
    "still",
    "such",
    "than",
    "that",
    "thats",
    "the",
    "their",
    "theirs",
    "them",
    "themselves",
    "then",
    "there",
    "therefore",
    "theres",
    "these",
    "they",
    "this",
    "those",
    "though",
    "through",
    "thus",
    "to",
    "too",
    "toward",
    "towards",
    "under",
    "unless",
    "until",
    "upon",
    "us",
    "use",
    "used",
    "uses",
    "using",
    "various",
    "very",
    "via",
    "want",
    "wants",
    "was",
    "wasnt",
    "we",
    "were",
    "what",
    "whatever",
    "whats",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "within",
    "without",
    "wont",
    "would",
    "yet",
    "you",
    "your",
    "youre",
    "yourself",
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
        forms::stem(stemmer, word)
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
