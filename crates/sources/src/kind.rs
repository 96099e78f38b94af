//! What every kind of source can do.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{ErrorCode, Failure, Json, ToolError, ToolPath};
use executor_egress::Injection;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::address::{Address, Fetched};
use crate::body::Files;
use crate::dialogue::{Answers, Attendant};
use crate::document::Document;
use crate::import::{Detection, Import, ImportOptions};
use crate::page::Page;
use crate::perform::{Answer, Performed};
use crate::plan::{Plan, Reach};

/// Work that ends in a `T`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A kind of source.
///
/// Whatever the kind, what describes an API is a document: where it is not a file already, `fetch` makes one of what the
/// API says about itself. So each kind imports, compares and refreshes alike, with or without a network.
pub trait Kind: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> SourceKind;

    /// Whether such an address can be asked: one of the web, for most kinds.
    fn asks(&self, address: &Address<'_>) -> bool {
        address.is_of_the_web()
    }

    /// Asks an address for the document that describes its API.
    fn fetch<'a>(&'a self, address: &'a Address<'a>) -> BoxFuture<'a, Result<Fetched, Failure>>;

    /// Whether the document is of this kind, and what it holds at a glance.
    fn detect(&self, document: &Document) -> Option<Detection>;

    /// Makes the document's operations into tools.
    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure>;

    /// The request that a call makes. Pure: the same call is always the same request.
    ///
    /// The arguments are taken to have been checked against the tool's schema; those that do not fit may be refused here
    /// as well, and none can make it panic or change the route.
    fn plan(&self, call: &Call<'_>) -> Result<Plan, ToolError>;

    /// The page that the answer to a call is, for code that wants all of them. Most kinds know no pages.
    fn page(&self, call: &Call<'_>, answer: &Answer) -> Result<Page, ToolError> {
        let _ = answer;
        let message = format!("The answers of `{}` have no pages.", call.path);
        Err(ToolError::new(ErrorCode::InvalidArguments, call.path.as_str(), message)
            .with_hint("Call it without `paginate`."))
    }

    /// Where the requests of an operation go and what they carry, whatever the arguments. `operation` is what import
    /// stored with the tool.
    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure>;

    /// Sends a planned request and reads what came of it. One that must not be repeated is sent once.
    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed>;
}

/// A call of a tool, before it is a request.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tool.
    pub path: &'a ToolPath,
    /// What import stored with the tool.
    pub operation: &'a Json,
    /// Where the source's API is.
    pub base_url: &'a str,
    /// What import stored for all tools of the source, if it did.
    pub context: Option<&'a Json>,
    /// The arguments.
    pub arguments: &'a Map<String, Value>,
    /// Where the page begins that is wanted, as [`Kind::page`] has said it of the one before.
    pub cursor: Option<&'a Json>,
}

/// A request on its way.
pub struct Sending<'a> {
    /// The tool.
    pub path: &'a ToolPath,
    /// The request.
    pub plan: Plan,
    /// The stored files that it sends.
    pub files: Files,
    /// What the tool does.
    pub side_effect: SideEffect,
    /// For whom what is kept open between two requests is kept: a connection, or a workspace where a source is used without
    /// one. Nobody else gets it.
    pub kept_for: Option<Uuid>,
    /// The credential.
    pub injection: Option<Injection>,
    /// How long it may take, without the time that people take to answer.
    pub timeout: Duration,
    /// What people have answered to what the API asked when the same request was sent before.
    pub answers: Option<Answers>,
    /// Who hears what the API says before it answers.
    pub attendant: &'a dyn Attendant,
}
