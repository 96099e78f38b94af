//! OpenAPI 3.0 and 3.1.
//!
//! [`import`] reads a document once and leaves nothing of it behind but tools, shared schemas and, with each tool, an
//! [`operation::Operation`]; [`plan`] needs no more than that to make a request.

mod body;
mod detect;
mod import;
mod naming;
mod operation;
mod operations;
mod parameters;
mod plan;
mod reach;
mod reference;
mod response;
mod schema;
mod security;
mod servers;
mod shared;
mod text;
mod tool;

use std::time::Duration;

use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{Failure, Json, ToolError, ToolPath};
use executor_egress::{Client, Injection};
use serde_json::{Map, Value};

use crate::document::Document;
use crate::http;
use crate::import::{Detection, Import, ImportOptions};
use crate::kind::{BoxFuture, Kind};
use crate::perform::Performed;
use crate::plan::{Plan, Reach};

/// The kind `openapi`.
pub(crate) struct OpenApi;

impl Kind for OpenApi {
    fn kind(&self) -> SourceKind {
        SourceKind::Openapi
    }

    fn detect(&self, document: &Document) -> Option<Detection> {
        detect::detect(document)
    }

    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
        import::import(document, options)
    }

    fn plan(
        &self,
        path: &ToolPath,
        operation: &Json,
        base_url: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Plan, ToolError> {
        plan::plan(path, operation, base_url, arguments)
    }

    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure> {
        reach::reach(operation, base_url)
    }

    fn perform<'a>(
        &'a self,
        path: &'a ToolPath,
        plan: Plan,
        side_effect: SideEffect,
        injection: Option<Injection>,
        client: &'a Client,
        timeout: Duration,
    ) -> BoxFuture<'a, Performed> {
        Box::pin(http::perform(path, plan, side_effect, injection, client, timeout))
    }
}
