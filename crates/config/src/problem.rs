//! What keeps a configuration from being used.

use std::fmt;

use crate::notice::Notice;
use crate::sources::Origin;

/// One thing that has to be put right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A value that is not what the variable expects.
    #[error("{name} has to be {expects}{}; it comes from: {origin}", was(.value))]
    Invalid {
        /// The variable.
        name: &'static str,
        /// The value, unless it is a secret.
        value: Option<String>,
        /// Where it came from.
        origin: Origin,
        /// What it has to be.
        expects: &'static str,
    },
    /// A value that cannot be found out and has to be given.
    #[error("{name} has to be set: there is no default on this machine")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// Two values that exclude each other.
    #[error("{first} and {second} cannot be used together: {reason}")]
    Conflict {
        /// One variable.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A line of the `.env` file.
    #[error(".env line {line} is not of the form NAME=value")]
    DotEnv {
        /// Counted from 1.
        line: usize,
    },
    /// The managed runtime's file.
    #[error("the managed runtime's config.json cannot be used: {detail}")]
    RuntimeFile {
        /// What is wrong with it.
        detail: String,
    },
}

/// Everything that is wrong with a configuration, and what was noticed besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// What has to be put right. Never empty.
    pub problems: Vec<Problem>,
    /// What may explain it: a misspelt name, for example.
    pub notices: Vec<Notice>,
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration cannot be used:")?;
        self.problems.iter().try_for_each(|problem| write!(formatter, "\n  - {problem}"))?;
        self.notices.iter().try_for_each(|notice| write!(formatter, "\n  note: {notice}"))
    }
}

fn was(value: &Option<String>) -> String {
    value.as_ref().map(|value| format!(", not `{value}`")).unwrap_or_default()
}
