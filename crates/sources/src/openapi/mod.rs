//! OpenAPI 3.0 and 3.1.

use executor_core::tool::SourceKind;
use executor_core::{ErrorCode, Failure, ToolError};
use executor_egress::{Client, Injection, Limits};

use crate::document::Document;
use crate::import::{Import, ImportOptions};
use crate::kind::{Call, Detection, Hints, Kind, Performing};
use crate::perform::Performed;
use crate::plan::Plan;

/// The kind `openapi`.
pub(crate) struct OpenApi;

impl Kind for OpenApi {
    fn kind(&self) -> SourceKind {
        SourceKind::Openapi
    }

    fn detect(&self, _document: &Document, _hints: &Hints<'_>) -> Option<Detection> {
        None
    }

    fn import(&self, _document: &Document, _options: &ImportOptions<'_>) -> Result<Import, Failure> {
        Err(Failure::new(ErrorCode::Internal, "Importing is not built yet."))
    }

    fn plan(&self, call: &Call<'_>) -> Result<Plan, ToolError> {
        Err(ToolError::new(ErrorCode::Internal, call.path, "Planning is not built yet."))
    }

    fn perform<'a>(
        &'a self,
        plan: &'a Plan,
        _injection: Option<Injection>,
        _client: &'a Client,
        _limits: Limits,
    ) -> Performing<'a> {
        Box::pin(async move {
            Performed::Failed(ToolError::new(
                ErrorCode::Internal,
                plan.tool.clone(),
                "Performing is not built yet.",
            ))
        })
    }
}
