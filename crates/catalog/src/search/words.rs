//! From text to words: prose and identifiers are cut alike, so that `listForRepo`, `list_for_repo` and "list for
//! repo" give the same words.
//!
//! A run of letters and digits is cut where its case or kind changes. A run of exactly two parts also counts as a
//! whole, so that `GitHub` is found as "github". Scripts without spaces between words are cut into pairs of
//! characters. All words are lower case.

/// Words longer than this say nothing: they are keys, hashes and encoded data.
const MAX_WORD_BYTES: usize = 32;

/// How a word stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A word by itself.
    Plain,
    /// A part of a run that is cut.
    Part,
    /// The whole of a run that is cut in two; its parts come just before it.
    Whole,
}

/// Cuts text into words. The buffer is kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    run: String,
    lower: String,
    ends: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    /// Of a script that puts no spaces between words.
    Dense,
}

fn kind_of(character: char) -> Option<Kind> {
    match character {
        'a'..='z' => Some(Kind::Lower),
        'A'..='Z' => Some(Kind::Upper),
        '0'..='9' => Some(Kind::Digit),
        _ if character.is_ascii() => None,
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{0e00}'..='\u{0eff}' => Some(Kind::Dense),
        _ if character.is_uppercase() => Some(Kind::Upper),
        _ if character.is_numeric() => Some(Kind::Digit),
        _ if character.is_alphabetic() => Some(Kind::Lower),
        _ => None,
    }
}

impl Splitter {
    /// Gives each word of the text, in order.
    pub(super) fn split(&mut self, text: &str, mut give: impl FnMut(&str, Shape)) {
        let mut rest = text;
        while let Some(start) = rest.find(|character: char| kind_of(character).is_some()) {
            rest = &rest[start..];
            let end = rest.find(|character: char| !is_in_word(character)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            self.split_run(run, &mut give);
            rest = after;
        }
    }

    fn split_run(&mut self, run: &str, give: &mut impl FnMut(&str, Shape)) {
        if run.bytes().all(|byte| byte.is_ascii_lowercase()) {
            give_word(run, Shape::Plain, give);
            return;
        }
        self.run.clear();
        self.run.extend(run.chars().filter(|character| kind_of(*character).is_some()));
        self.find_ends();
        let mut start = 0;
        let mut parts = 0;
        for position in 0..self.ends.len() {
            let end = self.ends[position];
            let part = &self.run[start..end];
            start = end;
            parts += 1;
            if part.chars().next().and_then(kind_of) == Some(Kind::Dense) {
                give_pairs(part, give);
                continue;
            }
            self.lower.clear();
            self.lower.extend(part.chars().flat_map(char::to_lowercase));
            give_word(&self.lower, if self.ends.len() == 1 { Shape::Plain } else { Shape::Part }, give);
        }
        if parts == 2 {
            self.lower.clear();
            self.lower.extend(self.run.chars().flat_map(char::to_lowercase));
            give_word(&self.lower, Shape::Whole, give);
        }
    }

    /// Finds where the parts of the run end.
    fn find_ends(&mut self) {
        self.ends.clear();
        let mut characters = self.run.char_indices().peekable();
        let mut previous: Option<Kind> = None;
        while let Some((at, character)) = characters.next() {
            let kind = kind_of(character);
            let next = characters.peek().and_then(|(_, next)| kind_of(*next));
            let cut = match (previous, kind) {
                (None, _) => false,
                (Some(Kind::Upper), Some(Kind::Lower)) => false,
                // The last capital of several begins the next word: `HTTPServer`; but not in a plural: `URLs`.
                (Some(Kind::Upper), Some(Kind::Upper)) => {
                    next == Some(Kind::Lower) && !is_plural(&self.run[at + character.len_utf8()..])
                }
                (before, after) => before != after,
            };
            if cut {
                self.ends.push(at);
            }
            previous = kind;
        }
        self.ends.push(self.run.len());
    }
}

/// Whether a run goes on over this character: an apostrophe within a word is dropped.
fn is_in_word(character: char) -> bool {
    matches!(character, '\'' | '’') || kind_of(character).is_some()
}

/// Whether the rest of a run is the `s` of a plural.
fn is_plural(rest: &str) -> bool {
    let mut characters = rest.chars();
    characters.next() == Some('s')
        && characters.next().and_then(kind_of).is_none_or(|kind| matches!(kind, Kind::Upper | Kind::Digit))
}

fn give_word(word: &str, shape: Shape, give: &mut impl FnMut(&str, Shape)) {
    if word.len() <= MAX_WORD_BYTES {
        give(word, shape);
    }
}

fn give_pairs(run: &str, give: &mut impl FnMut(&str, Shape)) {
    let mut boundaries = run.char_indices().map(|(at, _)| at).chain([run.len()]);
    let mut one_before = boundaries.next().unwrap_or(0);
    let mut two_before = None;
    for boundary in boundaries {
        if let Some(start) = two_before {
            give(&run[start..boundary], Shape::Plain);
        } else if boundary == run.len() {
            give(run, Shape::Plain);
        }
        two_before = Some(one_before);
        one_before = boundary;
    }
}
