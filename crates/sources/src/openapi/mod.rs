//! OpenAPI 3.0 to 3.2, and Swagger 2.0.
//!
//! [`import`] reads a document once and leaves nothing of it behind but tools, shared schemas and, with each tool, an
//! [`operation::Operation`]; [`plan`] needs no more than that to make a request.

pub(crate) mod arguments;
mod body;
mod bundle;
mod detect;
mod dialect;
mod discriminator;
mod external;
mod family;
mod import;
mod media;
pub(crate) mod naming;
mod oauth;
mod one_way;
pub(crate) mod operation;
mod operations;
mod pages;
mod parameters;
pub(crate) mod plan;
pub(crate) mod reach;
pub(crate) mod reference;
mod response;
pub(crate) mod schema;
mod security;
pub(crate) mod servers;
pub(crate) mod shared;
mod swagger;
pub(crate) mod text;
pub(crate) mod tool;

use executor_core::tool::SourceKind;
use executor_core::{Failure, Json, ToolError};
use executor_egress::Client;

use crate::address::{Address, Fetched};
use crate::document::Document;
use crate::http;
use crate::import::{Detection, Import, ImportOptions};
use crate::kind::{BoxFuture, Call, Kind, Sending};
use crate::page::Page;
use crate::perform::{Answer, Performed};
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
        Box::pin(bundle::fetch(&self.client, address))
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

    fn page(&self, call: &Call<'_>, answer: &Answer) -> Result<Page, ToolError> {
        pages::page(call, answer)
    }

    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure> {
        reach::reach(operation, base_url)
    }

    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed> {
        Box::pin(http::perform(&self.client, sending))
    }
}
