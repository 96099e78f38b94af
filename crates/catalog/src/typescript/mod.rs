//! JSON Schema (2020-12) shown as compact TypeScript.
//!
//! What is shown is for reading by people and models, and always parses. It is bounded: what finds no room is
//! counted, so that whoever reads knows what is missing and can ask for more.

mod declaration;
mod library;
mod literal;
mod notes;
mod signature;
mod types;
mod ways;

use executor_core::ToolPath;
use executor_core::tool::Tool;

use crate::Resolve;

pub use library::Library;

/// How much a declaration may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes.
    pub bytes: usize,
    /// How many references deep shared types are declared.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 8 * 1024, depth: 6 }
    }
}

/// One line for a search result: `github.issues.create(args: { title: string; body?: string; … }): Promise<Issue>`.
pub fn signature(path: &ToolPath, tool: &Tool, schemas: Resolve<'_>) -> String {
    signature::of(path, tool, schemas)
}

/// The declaration of a tool and of the types that it uses.
pub fn describe(path: &ToolPath, tool: &Tool, schemas: Resolve<'_>, limits: Limits) -> String {
    declaration::of(path, tool, schemas, limits)
}
