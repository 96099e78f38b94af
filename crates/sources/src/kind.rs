//! What every kind of source can do.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use executor_core::tool::{SideEffect, SourceKind};
use executor_core::{Failure, Json, ToolError, ToolPath};
use executor_egress::{Client, Injection};
use serde_json::{Map, Value};

use crate::document::Document;
use crate::import::{Detection, Import, ImportOptions};
use crate::perform::Performed;
use crate::plan::{Plan, Reach};

/// Work that ends in a `T`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A kind of source.
pub trait Kind: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> SourceKind;

    /// Whether the document is of this kind, and what it holds at a glance.
    fn detect(&self, document: &Document) -> Option<Detection>;

    /// Makes the document's operations into tools.
    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure>;

    /// The request that a call makes. Pure: the same call is always the same request.
    ///
    /// `operation` is what import stored with the tool. The arguments are taken to have been checked against the tool's
    /// schema; those that do not fit may be refused here as well, and none can make it panic or change the route.
    fn plan(
        &self,
        path: &ToolPath,
        operation: &Json,
        base_url: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Plan, ToolError>;

    /// Where the requests of an operation go and what they carry, whatever the arguments. `operation` as for `plan`.
    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure>;

    /// Sends a planned request, once, and reads what came of it.
    fn perform<'a>(
        &'a self,
        path: &'a ToolPath,
        plan: Plan,
        side_effect: SideEffect,
        injection: Option<Injection>,
        client: &'a Client,
        timeout: Duration,
    ) -> BoxFuture<'a, Performed>;
}
