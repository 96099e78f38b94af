//! Toolkits, as they are changed.

use executor_core::ToolPattern;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be another at a toolkit; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ToolkitChange {
    /// What it is called by people.
    #[serde(default)]
    pub name: Option<String>,
    /// What is in it, in place of what was.
    #[serde(default)]
    pub tools: Option<Vec<ToolPattern>>,
}
