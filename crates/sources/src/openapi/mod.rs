//! OpenAPI 3.0 and 3.1.

use std::time::Duration;

use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{ErrorCode, Failure, Json, ToolError, ToolPath};
use executor_egress::{Client, Injection};
use serde_json::{Map, Value};

use crate::document::Document;
use crate::import::{Detection, Import, ImportOptions};
use crate::kind::{BoxFuture, Kind};
use crate::perform::Performed;
use crate::plan::Plan;

/// The kind `openapi`.
pub(crate) struct OpenApi;

impl Kind for OpenApi {
    fn kind(&self) -> SourceKind {
        SourceKind::Openapi
    }

    fn detect(&self, _document: &Document) -> Option<Detection> {
        None
    }

    fn import(&self, _document: &Document, _options: &ImportOptions<'_>) -> Result<Import, Failure> {
        Err(Failure::new(ErrorCode::Internal, "Importing is not built yet."))
    }

    fn plan(
        &self,
        path: &ToolPath,
        _operation: &Json,
        _base_url: &str,
        _arguments: &Map<String, Value>,
    ) -> Result<Plan, ToolError> {
        Err(ToolError::new(ErrorCode::Internal, path.as_str(), "Planning is not built yet."))
    }

    fn perform<'a>(
        &'a self,
        path: &'a ToolPath,
        _plan: Plan,
        _side_effect: SideEffect,
        _injection: Option<Injection>,
        _client: &'a Client,
        _timeout: Duration,
    ) -> BoxFuture<'a, Performed> {
        Box::pin(async move {
            Performed::Failed(ToolError::new(
                ErrorCode::Internal,
                path.as_str(),
                "Performing is not built yet.",
            ))
        })
    }
}
