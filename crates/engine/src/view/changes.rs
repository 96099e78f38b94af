//! What a refresh changed of a source, as it is shown, and what is accepted of it.

use executor_core::review::ToolChange;
use executor_core::{SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a source's tools since a person last accepted them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceChanges {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// The revision that this is about; accepting says it, so that nobody accepts what they have not seen.
    pub revision: u64,
    /// The tools that are not as they were accepted, by their paths.
    pub tools: Vec<ChangedTool>,
}

/// A tool that is not as it was accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedTool {
    /// Its path.
    pub path: String,
    /// Whether its calls ask, whatever rules say, until somebody accepts the change.
    pub needs_review: bool,
    /// What became of it.
    #[serde(flatten)]
    pub change: ToolChange,
    /// Since when.
    pub since: Timestamp,
    /// The path under which it is to be found now, where a refresh has renamed it. The old one leads there for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_to: Option<String>,
}

/// Which changed tools are accepted as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptTools {
    /// The revision that was looked at.
    pub revision: u64,
    /// Their paths, or names within the source; all if not said.
    #[serde(default)]
    pub tools: Option<Vec<String>>,
}
