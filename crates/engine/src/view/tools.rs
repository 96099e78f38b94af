//! Tools, as they are looked for and shown.

use executor_core::policy::Effect;
use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{Json, ToolPath};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tool in a search or a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolSummary {
    /// Its path.
    pub path: ToolPath,
    /// One line about it.
    pub summary: String,
    /// A short TypeScript signature.
    pub signature: String,
    /// What calling it does.
    pub side_effect: SideEffect,
    /// What policy says about calling it, as far as that is known without arguments.
    pub policy: Effect,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// The tools, best first.
    pub items: Vec<ToolSummary>,
    /// What to try if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A tool in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ToolView {
    /// What a search shows.
    #[serde(flatten)]
    pub summary: ToolSummary,
    /// As much as the source says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// TypeScript of what it takes and gives.
    pub typescript: String,
    /// JSON Schema of its arguments.
    pub input: Json,
    /// JSON Schema of its payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Json>,
    /// Whether the source wants it used no more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// What tools are looked for.
#[derive(Debug, Clone, Default)]
pub struct ToolQuery {
    /// The intent, in words.
    pub query: String,
    /// At most this many: 10 if not said, 50 at most.
    pub limit: Option<u32>,
    /// Only tools of this source.
    pub source: Option<String>,
    /// Only tools of sources of this kind.
    pub kind: Option<SourceKind>,
    /// Only tools with this side effect: `none` for those that only read.
    pub side_effect: Option<SideEffect>,
}
