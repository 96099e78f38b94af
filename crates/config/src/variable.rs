//! What is declared about one variable.

use crate::derive::{Gap, Known};
use crate::sources::Origin;

/// One environment variable that this version reads.
#[derive(Debug)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// Other names for the same thing, which people bring along.
    pub aliases: &'static [&'static str],
    /// The part of the documentation that it belongs to.
    pub section: &'static str,
    /// What a value has to be: "a port number".
    pub expects: &'static str,
    /// What holds when it is not set.
    pub default: Fallback,
    /// Whether its value is never shown.
    pub secret: bool,
    /// What it does, in Markdown.
    pub help: &'static str,
    /// The version that first read it.
    pub since: &'static str,
}

/// What holds when a variable is not set.
#[derive(Debug)]
pub enum Fallback {
    /// This value.
    Fixed(&'static str),
    /// A value that follows from others.
    Derived {
        /// How the documentation names it.
        shown: &'static str,
        /// Finds it, and where it comes from.
        derive: fn(&Known<'_>) -> Result<(String, Origin), Gap>,
    },
    /// No value.
    Unset {
        /// What that means, for the documentation.
        shown: &'static str,
    },
}

impl Variable {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

impl Fallback {
    /// How the documentation names it.
    #[must_use]
    pub fn shown(&self) -> &'static str {
        match self {
            Self::Fixed(shown) | Self::Derived { shown, .. } | Self::Unset { shown } => shown,
        }
    }
}
