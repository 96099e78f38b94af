//! What an import takes and gives.

use executor_core::tool::{CredentialSlot, SharedSchema, Tool};
use serde::{Deserialize, Serialize};
use url::Url;

/// How an import is asked for.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Where the API is, whatever the document says.
    pub base_url: Option<&'a Url>,
    /// Where the document came from, for the relative addresses in it.
    pub document_url: Option<&'a Url>,
    /// Told now and then how far the import is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Default for ImportOptions<'_> {
    fn default() -> Self {
        Self { base_url: None, document_url: None, progress: &|_| () }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Operations that have been looked at.
    pub done: usize,
    /// Operations in the document.
    pub total: usize,
}

/// What a document offers.
#[derive(Debug, Clone)]
pub struct Import {
    /// What the document calls its API.
    pub title: String,
    /// What it says about it.
    pub description: String,
    /// The API's version, as the document writes it.
    pub version: String,
    /// Where the API is. Calls are planned against it.
    pub base_url: Url,
    /// The tools, by name.
    pub tools: Vec<Tool>,
    /// The schemas that tools or other schemas refer to, by name.
    pub schemas: Vec<SharedSchema>,
    /// The operations that became no tool.
    pub skipped: Vec<Skipped>,
    /// The ways to sign in, the document's preferred one first. Empty if it names none.
    pub methods: Vec<AuthenticationMethod>,
    /// What a person should know, though the import succeeded.
    pub warnings: Vec<String>,
}

/// An operation that became no tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The operation, as `GET /path`.
    pub operation: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// A way to sign in: credentials that are used together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationMethod {
    /// A stable name: the names of its security schemes, joined with `+`.
    pub name: String,
    /// The places that have to be filled.
    pub slots: Vec<CredentialSlot>,
    /// What the document says about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}
