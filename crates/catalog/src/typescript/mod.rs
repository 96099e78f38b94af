//! JSON Schema (2020-12) shown as compact TypeScript.

use executor_core::ToolPath;
use executor_core::tool::Tool;

use crate::Resolve;

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

/// One line for a search result: `github.issues.create(args: { title: string; body?: string }): Promise<Issue>`.
pub fn signature(path: &ToolPath, _tool: &Tool, _schemas: Resolve<'_>) -> String {
    format!("{path}(): Promise<unknown>")
}

/// The declaration of a tool and of the types that it uses.
pub fn describe(path: &ToolPath, _tool: &Tool, _schemas: Resolve<'_>, _limits: Limits) -> String {
    path.to_string()
}
