//! Toolkits, as they are changed.

use executor_core::ToolPattern;
use executor_core::policy::ConnectionMatch;
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
    /// Over which connections its tools may be called, in place of those that were; an empty list for all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub connections: Option<Vec<ConnectionMatch>>,
}
