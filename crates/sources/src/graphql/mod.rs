//! GraphQL, over HTTP.
//!
//! A schema is read from what a server says of itself or from a file in GraphQL SDL. Each field of the query and the
//! mutation type is a tool, `query.<field>` and `mutation.<field>`, so that a rule can speak of all mutations; two more
//! take whole documents.
//!
//! What holds:
//! - A tool's request asks for its own field and nothing beside it, whatever selection the call gives.
//! - A whole document names the tools of all root fields that it reaches, and a selection those that it leads back to: it
//!   goes only where calls of each would.
//! - What is sent is written anew from what was understood of the text. What is not understood is refused.
//!
//! What an answer brings: a tool's payload is the value of its field, and never anything else. A value that is null, or
//! not there, with errors is a failure that carries them. One that is there is good, whatever is missing in it: of a query
//! it is what there is to know, and a mutation has been done, which an error would deny. The errors then lie among the
//! answer's headers, as `graphql-errors`, where the option `response` shows them. Whole documents get `data` with
//! `errors` beside it, as the API sent them, and fail where there is no data.

mod answer;
mod api;
mod context;
mod detect;
mod endpoint;
mod fetch;
mod import;
mod introspection;
mod operation;
mod plan;
mod problem;
mod query;
mod raw;
mod reached;
mod select;
mod selection;
mod tool;
mod types;

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
use context::Schemas;

/// The media types in which an answer may come.
const ACCEPT: &str = "application/graphql-response+json, application/json";

/// The kind `graphql`.
pub(crate) struct GraphQl {
    client: Client,
    schemas: Schemas,
}

impl GraphQl {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, schemas: Schemas::new() }
    }
}

impl Kind for GraphQl {
    fn kind(&self) -> SourceKind {
        SourceKind::Graphql
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
        plan::plan(&self.schemas, call)
    }

    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure> {
        plan::reach(operation, base_url)
    }

    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed> {
        Box::pin(async move {
            let path = sending.path;
            let field = plan::field_of(&sending.plan.route).map(str::to_owned);
            match http::perform(&self.client, sending).await {
                Performed::Completed(answer) => answer::read(path, field.as_deref(), answer),
                other => other,
            }
        })
    }
}
