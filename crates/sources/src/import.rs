//! What detecting and importing take and give.

use std::collections::BTreeMap;

use executor_core::tool::{CredentialSlot, SharedSchema, SourceKind, Tool};
use executor_core::{Json, Server};
use serde::{Deserialize, Serialize};

/// A kind's claim to a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// The kind.
    pub kind: SourceKind,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
    /// What the document calls its API.
    pub title: String,
    /// A name for the source, made from the title: a segment of a tool path that is not reserved.
    pub suggested_name: String,
    /// Where the document says that its API is, if it does; it may be relative to the document's own address.
    pub base_url: Option<String>,
    /// The servers that it names, in its order.
    pub servers: Vec<Server>,
    /// How many operations there are.
    pub operations: u64,
    /// The ways to sign in, the document's preferred one first.
    pub methods: Vec<Method>,
}

/// Which server of a document is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerChoice {
    /// Its URL, as the document writes it or without variables, or its number from 0; the first if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Values of its variables, where they are not the default ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// One way to sign in: credentials that are used together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The names of its security schemes, joined with `+`.
    pub name: String,
    /// What the document says about it.
    pub description: String,
    /// The places that have to be filled, all of them.
    pub slots: Vec<CredentialSlot>,
    /// How a token is come by, where the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuth>,
    /// Why nobody can sign in like this, as a sentence. There is nothing to fill then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
}

impl Method {
    /// A way to sign in of which nothing more is known.
    pub(crate) fn new(name: &str, description: String, slots: Vec<CredentialSlot>) -> Self {
        Self { name: name.to_owned(), description, slots, oauth: None, unusable: None }
    }
}

/// How an API says that its tokens are come by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuth {
    /// Where an OpenID Connect provider describes itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery_url: Option<String>,
    /// The flows of OAuth 2.0, those that a server can follow first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
}

/// A flow of OAuth 2.0. Its addresses are absolute if the document's own is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// Which.
    pub kind: FlowKind,
    /// Where a person agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_url: Option<String>,
    /// Where a device asks for a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_authorization_url: Option<String>,
    /// Where a token is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// Where another one is given, if that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_url: Option<String>,
    /// What a token may be for, and what that means.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, String>,
}

/// The flows of OAuth 2.0, those that a server can follow first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// A person agrees in a browser, and the server gets a code for it.
    AuthorizationCode,
    /// A person agrees on another device.
    DeviceAuthorization,
    /// The client itself has the right.
    ClientCredentials,
    /// A person's password is handed over.
    Password,
    /// The browser gets the token itself.
    Implicit,
}

/// An operation that became no tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The operation, as `GET /path`.
    pub operation: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// How an import is asked for.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Where the document came from, for the relative addresses in it.
    pub document_url: Option<&'a str>,
    /// Where the API is, whatever the document says.
    pub base_url: Option<&'a str>,
    /// Which of the document's servers is used.
    pub server: Option<&'a ServerChoice>,
    /// Which operations are taken: those whose path begins with one of these, or whose first tag does where it is no
    /// path; all if there is none. The names of tools do not depend on it.
    pub include: &'a [String],
    /// Whether what the source says of its tools' effects is believed.
    pub trusted: bool,
    /// Told now and then how many operations have been looked at, and of how many.
    pub progress: &'a (dyn Fn(u64, u64) + Send + Sync),
}

impl<'a> ImportOptions<'a> {
    /// What the document says, and nothing else.
    #[must_use]
    pub fn new(progress: &'a (dyn Fn(u64, u64) + Send + Sync)) -> Self {
        Self { document_url: None, base_url: None, server: None, include: &[], trusted: false, progress }
    }
}

impl ImportOptions<'_> {
    /// Whether an operation is taken.
    pub(crate) fn includes(&self, path: &str, tag: Option<&str>) -> bool {
        let begins = |wanted: &String| match wanted.starts_with('/') {
            true => path.starts_with(wanted.as_str()),
            false => tag.is_some_and(|tag| tag.starts_with(wanted.as_str())),
        };
        self.include.is_empty() || self.include.iter().any(begins)
    }
}

/// What a document offers.
#[derive(Debug, Clone)]
pub struct Import {
    /// What the document calls its API.
    pub title: String,
    /// What it says about it.
    pub description: String,
    /// The API's version, as the document writes it.
    pub version: Option<String>,
    /// Where the API is: an absolute URL. Calls are planned against it.
    pub base_url: String,
    /// The servers that the document names, in its order.
    pub servers: Vec<Server>,
    /// Which one was chosen, in the document's own words, so that another document can be held against it.
    pub server: Option<ServerChoice>,
    /// The tools; no two names fold alike.
    pub tools: Vec<Tool>,
    /// The schemas that tools or other schemas refer to, each once, sorted by name.
    pub schemas: Vec<SharedSchema>,
    /// What all calls need to be planned, besides what lies with each tool. Nobody but the kind looks into it.
    pub context: Option<Json>,
    /// The operations that became no tool.
    pub skipped: Vec<Skipped>,
    /// The ways to sign in, the document's preferred one first. Empty if it names none.
    pub methods: Vec<Method>,
}
