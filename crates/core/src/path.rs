//! Tool paths, `github.issues.create`, and the patterns with which rules match them.
//!
//! A path is made of segments that are JavaScript identifiers; the first is the source's name. Lookup folds case,
//! `_` and `-`, so that a path can be guessed; folded paths are unique within a source. Rules and records see only
//! the canonical path, and patterns match folded, so that no spelling slips past a rule.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 256;

/// Segments that mean something of our own or of JavaScript's; a tool so named gets a trailing `_`.
pub const RESERVED: [&str; 12] = [
    "search",
    "describe",
    "executor",
    "then",
    "catch",
    "finally",
    "constructor",
    "prototype",
    "__proto__",
    "toString",
    "toJSON",
    "valueOf",
];

/// Whether a source or segment may not have this name.
pub fn is_reserved(segment: &str) -> bool {
    RESERVED.contains(&segment)
}

/// Whether a text is a segment: an identifier of ASCII letters, digits, `_` and `$` that begins with no digit.
pub fn is_segment(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
}

/// The form in which spellings of a path are compared: lower case, without `_` and `-`.
pub fn fold(path: &str) -> String {
    path.chars().filter(|character| !matches!(character, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// A text that is no path or pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: {reason}")]
pub struct InvalidPath {
    text: String,
    kind: &'static str,
    reason: &'static str,
}

impl InvalidPath {
    fn new(text: &str, kind: &'static str, reason: &'static str) -> Self {
        Self { text: text.chars().take(120).collect(), kind, reason }
    }
}

/// A tool's canonical path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ToolPath(String);

impl ToolPath {
    /// The path of a tool of a source; `name` may have several segments.
    pub fn new(source: &str, name: &str) -> Result<Self, InvalidPath> {
        format!("{source}.{name}").parse()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first segment: the source's name.
    pub fn source(&self) -> &str {
        self.0.split_once('.').map_or(self.as_str(), |(source, _)| source)
    }

    /// Everything after the first segment.
    pub fn name(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, name)| name)
    }

    /// The form in which spellings are compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl FromStr for ToolPath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let invalid = |reason| InvalidPath::new(text, "tool path", reason);
        if text.len() > MAX_PATH_BYTES {
            return Err(invalid("it is longer than 256 bytes"));
        }
        if !text.contains('.') {
            return Err(invalid("it has no `.` between source and tool"));
        }
        if !text.split('.').all(is_segment) {
            return Err(invalid("each part has to be a JavaScript identifier of ASCII characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ToolPath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl From<ToolPath> for String {
    fn from(path: ToolPath) -> Self {
        path.0
    }
}

impl fmt::Display for ToolPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a rule says about paths.
///
/// Segments separated by dots. Within a segment `*` stands for any run of characters, so that `list*` and `*` are
/// segments. A last segment that is only `*` matches one or more segments, so that `github.*` is all of a source and
/// `*` is everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ToolPattern {
    text: String,
    /// As it is compared: a rule is asked at every call.
    folded: String,
}

impl From<&ToolPath> for ToolPattern {
    /// The pattern that matches this tool only.
    fn from(path: &ToolPath) -> Self {
        Self { text: path.as_str().to_owned(), folded: fold(path.as_str()) }
    }
}

impl ToolPattern {
    /// The pattern that matches every tool.
    pub fn everything() -> Self {
        Self { text: "*".to_owned(), folded: "*".to_owned() }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern may match a tool of the source.
    pub fn reaches(&self, source: &str) -> bool {
        let first = self.folded.split('.').next().unwrap_or_default();
        segment_matches(first.as_bytes(), fold(source).as_bytes())
    }

    /// Whether the pattern matches the path, in any spelling of it.
    pub fn matches(&self, path: &ToolPath) -> bool {
        self.matches_folded(&path.folded())
    }

    /// The same of a path that is folded already.
    pub fn matches_folded(&self, path: &str) -> bool {
        let mut wanted = self.folded.split('.').peekable();
        let mut given = path.split('.');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some("*"), Some(_)) if wanted.peek().is_none() => return true,
                (Some(pattern), Some(segment)) if segment_matches(pattern.as_bytes(), segment.as_bytes()) => {
                }
                _ => return false,
            }
        }
    }
}

/// Matches with `*` as any run, in time linear in the product of the lengths: only the last `*` is ever retried.
fn segment_matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut position, mut retry) = (0, 0, None);
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, position));
                at += 1;
            }
            Some(byte) if *byte == text[position] => {
                at += 1;
                position += 1;
            }
            _ => match retry {
                Some((after_star, matched)) => {
                    retry = Some((after_star, matched + 1));
                    at = after_star;
                    position = matched + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

impl FromStr for ToolPattern {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let invalid = |reason| InvalidPath::new(text, "tool pattern", reason);
        if text.len() > MAX_PATH_BYTES {
            return Err(invalid("it is longer than 256 bytes"));
        }
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'*'))
        };
        if !text.split('.').all(is_part) {
            return Err(invalid("write it as `source.group.tool`, with `*` for what may vary"));
        }
        Ok(Self { text: text.to_owned(), folded: fold(text) })
    }
}

impl TryFrom<String> for ToolPattern {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl From<ToolPattern> for String {
    fn from(pattern: ToolPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for ToolPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_identifiers_joined_by_dots() {
        for good in ["github.issues.create", "a.b", "$a._b.c9"] {
            assert_eq!(good.parse::<ToolPath>().unwrap().to_string(), good);
        }
        for bad in
            ["", "a", "a.", ".a", "a..b", "a.9b", "a.b c", "a.b-c", "a.é", &format!("a.{}", "b".repeat(300))]
        {
            assert!(bad.parse::<ToolPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_match_as_documented() {
        let table = [
            ("*", "github.issues.create", true),
            ("github.*", "github.issues.create", true),
            ("github.*", "gitlab.issues.create", false),
            ("github.*", "github_old.issues.create", false),
            ("github.*.create", "github.issues.create", true),
            ("github.*.create", "github.issues.labels.create", false),
            ("github.issues.create", "github.issues.create", true),
            ("github.issues.create", "github.issues.createLabel", false),
            ("github.issues", "github.issues.create", false),
            ("github.issues.list*", "github.issues.listForRepo", true),
            ("*.issues.*", "github.issues.create", true),
            ("github.*Repo", "github.listForRepo", true),
            ("github.l*t*Repo", "github.listForRepo", true),
            ("GitHub.Issues.list_for_repo", "github.issues.listForRepo", true),
            ("github.*x*", "github.issues", false),
        ];
        for (pattern, path, expected) in table {
            let pattern: ToolPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(&path.parse().unwrap()), expected, "{pattern} on {path}");
        }
        for bad in ["", ".", "a..b", "a.b c", "a.(b)", "é"] {
            assert!(bad.parse::<ToolPattern>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_path_is_matched_by_itself_and_by_each_prefix(segments in prop::collection::vec("[a-z][a-zA-Z0-9_]{0,6}", 2..5)) {
            let path: ToolPath = segments.join(".").parse().unwrap();
            prop_assert!(path.as_str().parse::<ToolPattern>().unwrap().matches(&path));
            for end in 1..segments.len() {
                let pattern: ToolPattern = format!("{}.*", segments[..end].join(".")).parse().unwrap();
                prop_assert!(pattern.matches(&path));
            }
        }

        #[test]
        fn segment_matching_agrees_with_the_obvious_recursion(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            fn obvious(pattern: &[u8], text: &[u8]) -> bool {
                match (pattern.first(), text.first()) {
                    (None, None) => true,
                    (Some(b'*'), _) => obvious(&pattern[1..], text) || (!text.is_empty() && obvious(pattern, &text[1..])),
                    (Some(wanted), Some(given)) if wanted == given => obvious(&pattern[1..], &text[1..]),
                    _ => false,
                }
            }
            prop_assert_eq!(segment_matches(pattern.as_bytes(), text.as_bytes()), obvious(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
