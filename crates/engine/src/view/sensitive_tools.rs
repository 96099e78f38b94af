//! Marks of sensitive tools, as they are shown and given.

use executor_core::ToolPattern;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tools whose calls carry what is not for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SensitiveTools {
    /// Which tools, as `payroll.*`.
    pub tools: ToolPattern,
}
