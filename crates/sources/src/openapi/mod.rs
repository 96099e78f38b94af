//! OpenAPI 3.0 and 3.1.
//!
//! [`import`] reads a document once and leaves nothing of it behind but tools, shared schemas and, with each tool, an
//! [`operation::Operation`]; [`plan`] needs no more than that to make a request.

mod body;
mod detect;
mod import;
pub(crate) mod naming;
mod operation;
mod operations;
mod parameters;
mod plan;
mod reach;
pub(crate) mod reference;
mod response;
pub(crate) mod schema;
mod security;
mod servers;
pub(crate) mod shared;
pub(crate) mod text;
mod tool;

use executor_core::tool::SourceKind;
use executor_core::{Failure, Json, ToolError};
use executor_egress::Client;

use crate::address::{Address, Fetched};
use crate::document::Document;
use crate::http;
use crate::import::{Detection, Import, ImportOptions};
use crate::kind::{BoxFuture, Call, Kind, Sending};
use crate::perform::Performed;
use crate::plan::{Plan, Reach};

/// The kind `openapi`.
pub(crate) struct OpenApi {
    client: Client,
}

impl OpenApi {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Kind for OpenApi {
    fn kind(&self) -> SourceKind {
        SourceKind::Openapi
    }

    fn fetch<'a>(&'a self, address: &'a Address<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        Box::pin(address.file(&self.client))
    }

    fn detect(&self, document: &Document) -> Option<Detection> {
        detect::detect(document)
    }

    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
        import::import(document, options)
    }

    fn plan(&self, call: &Call<'_>) -> Result<Plan, ToolError> {
        plan::plan(call)
    }

    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure> {
        reach::reach(operation, base_url)
    }

    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed> {
        Box::pin(http::perform(&self.client, sending))
    }
}
