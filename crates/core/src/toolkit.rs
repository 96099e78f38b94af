//! A toolkit: a named narrowing of a workspace's catalog. It can only narrow.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ErrorCode, Failure};
use crate::path::{ToolPath, ToolPattern};
use crate::policy::{BoundConnection, ConnectionMatch};

/// The longest slug, in bytes.
const MOST_SLUG_BYTES: usize = 64;

/// The longest name, in characters.
const MOST_NAME: usize = 200;

/// How many patterns a toolkit may have. Each is asked at every call.
const MOST_PATTERNS: usize = 200;

/// A named narrowing of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Toolkit {
    /// What it is called in addresses and rules; unique in its workspace.
    pub slug: String,
    /// What it is called by people.
    pub name: String,
    /// What is in it: tools that match any of these patterns.
    pub tools: Vec<ToolPattern>,
    /// Over which connections they may be called, by id or as `workspace/work`; over all that the caller may use if none is
    /// named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub connections: Vec<ConnectionMatch>,
}

impl Toolkit {
    /// Fails with [`ErrorCode::InvalidRequest`] where the toolkit cannot be one.
    pub fn check(&self) -> Result<(), Failure> {
        let invalid = |message: String, hint: &str| {
            Err(Failure::new(ErrorCode::InvalidRequest, message).with_hint(hint.to_owned()))
        };
        let of_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let slug = &self.slug;
        if slug.is_empty() || slug.len() > MOST_SLUG_BYTES || !slug.bytes().all(of_slug) {
            let hint = "Write 1 to 64 lower-case letters, digits and `-`.";
            return invalid(format!("`{slug}` cannot be the slug of a toolkit."), hint);
        }
        if self.name.trim().is_empty() || self.name.chars().count() > MOST_NAME {
            return invalid("`name` is empty or too long.".to_owned(), "Write 1 to 200 characters.");
        }
        if self.tools.is_empty() || self.tools.len() > MOST_PATTERNS {
            let message = "`tools` says what is in the toolkit.".to_owned();
            return invalid(message, "Give 1 to 200 patterns, as `github.issues.*`.");
        }
        if self.connections.len() > MOST_PATTERNS {
            let message = "`connections` says over which connections its tools are called.".to_owned();
            return invalid(message, "Name at most 200, or none for all.");
        }
        Ok(())
    }

    /// Whether the tool is in it.
    pub fn admits(&self, path: &ToolPath) -> bool {
        let folded = path.folded();
        self.tools.iter().any(|pattern| pattern.matches_folded(&folded))
    }

    /// Whether its tools may be called over the connection.
    pub fn admits_connection(&self, connection: &BoundConnection<'_>) -> bool {
        self.connections.is_empty() || self.connections.iter().any(|wanted| wanted.admits(connection))
    }

    /// Whether a tool of the source may be in it.
    pub fn reaches(&self, source: &str) -> bool {
        self.tools.iter().any(|pattern| pattern.reaches(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolkit(slug: &str, tools: &[&str]) -> Toolkit {
        let tools = tools.iter().map(|pattern| pattern.parse().unwrap()).collect();
        Toolkit { slug: slug.to_owned(), name: "A toolkit".to_owned(), tools, connections: Vec::new() }
    }

    #[test]
    fn a_toolkit_has_what_its_patterns_match_and_the_sources_of_that() {
        let issues = toolkit("issues", &["github.issues.*", "shop*.items.get"]);
        let table = [
            ("github.issues.create", true),
            ("GitHub.Issues.create", true),
            ("github.repos.get", false),
            ("shop2.items.get", true),
            ("shop.items.create", false),
        ];
        for (path, expected) in table {
            assert_eq!(issues.admits(&path.parse().unwrap()), expected, "{path}");
        }
        for (source, expected) in [("github", true), ("Git_Hub", true), ("shop2", true), ("gitlab", false)] {
            assert_eq!(issues.reaches(source), expected, "{source}");
        }
        assert!(toolkit("all", &["*"]).reaches("anything"));
    }

    #[test]
    fn a_toolkit_that_cannot_be_one_is_refused() {
        assert!(toolkit("team-1", &["*"]).check().is_ok());
        let long = "a".repeat(65);
        let bad = [
            toolkit("", &["*"]),
            toolkit("Team", &["*"]),
            toolkit("a/b", &["*"]),
            toolkit(&long, &["*"]),
            toolkit("a", &[]),
        ];
        for toolkit in bad {
            assert_eq!(toolkit.check().unwrap_err().code, ErrorCode::InvalidRequest, "{toolkit:?}");
        }
    }
}
