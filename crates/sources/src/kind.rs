//! What every kind of source can do.

use std::future::Future;
use std::pin::Pin;

use executor_core::tool::SourceKind;
use executor_core::{Failure, Json, ToolError};
use executor_egress::{Client, Injection, Limits};
use url::Url;

use crate::document::Document;
use crate::import::{Import, ImportOptions};
use crate::perform::Performed;
use crate::plan::Plan;

/// A kind of source.
pub trait Kind: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> SourceKind;

    /// Whether the document is of this kind.
    fn detect(&self, document: &Document, hints: &Hints<'_>) -> Option<Detection>;

    /// Makes the document's operations into tools.
    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure>;

    /// The request that a call makes. Pure: the same call is always the same request.
    ///
    /// The arguments are taken to have been checked against the tool's schema. Some that do not fit are refused here as
    /// well; none can make it panic or change the route.
    fn plan(&self, call: &Call<'_>) -> Result<Plan, ToolError>;

    /// Sends a planned request and reads what came of it.
    fn perform<'a>(
        &'a self,
        plan: &'a Plan,
        injection: Option<Injection>,
        client: &'a Client,
        limits: Limits,
    ) -> Performing<'a>;
}

/// The work of [`Kind::perform`].
pub type Performing<'a> = Pin<Box<dyn Future<Output = Performed> + Send + 'a>>;

/// What is known of a document besides itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// Where it came from.
    pub url: Option<&'a Url>,
}

/// How sure a kind is that a document is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It could be.
    Low,
    /// It looks like it.
    Medium,
    /// It says so itself.
    High,
}

/// A kind's claim to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The kind.
    pub kind: SourceKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// What the document calls its API.
    pub title: Option<String>,
    /// Where the document says its API is.
    pub base_url: Option<String>,
    /// Whether an import has to be given a base URL.
    pub needs_base_url: bool,
    /// Whether a connection most likely has to bring a credential.
    pub needs_credential: bool,
}

/// One call of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tool's path, for messages.
    pub path: &'a str,
    /// What import stored as the tool's `operation`.
    pub operation: &'a Json,
    /// The arguments, by their published names.
    pub arguments: &'a serde_json::Map<String, serde_json::Value>,
    /// Where the source's API is.
    pub base_url: &'a Url,
}
