//! Google Discovery documents, one or a bundle of several.
//!
//! A document's methods become tools, and a call of one is planned as an OpenAPI operation's is. What is Google's own lies
//! around that: the names of resources, whose slashes stay in the path, and the upload of files. What holds: a resource's
//! name can fill its place and never reach another method's.

mod detect;
mod fetch;
mod import;
mod media;
mod operation;
mod parameters;
mod plan;
mod resource_name;
mod schema;
mod security;
mod service;
mod shared;
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

/// The kind `google_discovery`.
pub(crate) struct GoogleDiscovery {
    client: Client,
}

impl GoogleDiscovery {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Kind for GoogleDiscovery {
    fn kind(&self) -> SourceKind {
        SourceKind::GoogleDiscovery
    }

    fn fetch<'a>(&'a self, address: &'a Address<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        Box::pin(fetch::fetch(&self.client, address))
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
        plan::reach(operation, base_url)
    }

    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed> {
        Box::pin(http::perform(&self.client, sending))
    }
}
