//! Sources, as they are added, detected and shown.

use executor_core::tool::{CredentialSlot, Placement, SourceKind};
use executor_core::{Failure, Server, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source to add: where its document is, or the document itself.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSource {
    /// The first segment of its tools' paths; made from the document's title if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Where the document is.
    #[serde(default)]
    pub url: Option<String>,
    /// The document itself, JSON or YAML.
    #[serde(default)]
    pub document: Option<String>,
    /// Its kind; found out if not said.
    #[serde(default)]
    pub kind: Option<SourceKind>,
    /// Where the API is, if the document does not say or is wrong.
    #[serde(default)]
    pub base_url: Option<String>,
    /// A well-known API, by its id; what else is said goes before what it says.
    #[serde(default)]
    pub preset: Option<String>,
    /// Which operations are taken: those whose path begins with one of these, or whose tag does where it is no path. All
    /// if there is none.
    #[serde(default)]
    pub include: Vec<String>,
    /// Whether what the source says of its tools' effects is believed: MCP servers may say that a tool only reads.
    #[serde(default)]
    pub trusted: bool,
    /// In how many hours the document is read again, each time; 0 is never. As the server is set up if not said.
    #[serde(default)]
    pub refresh_every_hours: Option<u32>,
    /// Which of the document's servers is used: its URL as the document writes it, or its number from 0.
    #[serde(default)]
    pub server: Option<String>,
    /// Values of that server's variables, where they are not the default ones.
    #[serde(default)]
    pub server_variables: std::collections::BTreeMap<String, String>,
    /// How long a call of its tools may take, in milliseconds: 60,000 if not said, 600,000 at most.
    #[serde(default)]
    pub call_timeout_ms: Option<u64>,
    /// A first connection to it, with whose credential the document is read as well.
    #[serde(default)]
    pub connection: Option<NewSourceConnection>,
}

/// The connection that a source is added with. The secret is in `values`, or `provider` and `reference` say where it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSourceConnection {
    /// The connection's name; `default` if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Where the secret goes; a bearer token if not said.
    #[serde(default)]
    pub placement: Option<Placement>,
    /// The secret: `{"token": "…"}`, or `{"username": "…", "password": "…"}`.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub values: std::collections::BTreeMap<String, secrecy::SecretString>,
    /// What keeps the secret; `managed` if not said.
    #[serde(default)]
    pub provider: Option<String>,
    /// Where a provider other than `managed` finds it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// What is said while a source is added.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "stage")]
pub enum ImportProgress {
    /// The document is on its way.
    Fetching {
        /// Bytes so far.
        received: u64,
        /// Bytes in all, if the server says.
        total: Option<u64>,
    },
    /// Operations are made tools.
    Importing {
        /// Operations so far.
        done: u64,
        /// Operations in all.
        total: u64,
    },
    /// Tools are stored.
    Storing {
        /// Tools in all.
        tools: u64,
    },
}

/// A source.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    /// Its id.
    pub id: SourceId,
    /// The first segment of its tools' paths.
    pub name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// The document's title.
    pub title: String,
    /// Where the document came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the API is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The document's own version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many tools it has.
    pub tools: u64,
    /// Operations that became no tool, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedOperation>,
    /// The ways in which it lets callers sign in; none for a public one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<AuthenticationMethod>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its document was last read.
    pub refreshed_at: Timestamp,
    /// Whether what it says of its tools' effects is believed.
    pub trusted: bool,
    /// When its document is read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_refresh_at: Option<Timestamp>,
    /// Why its document could not be read when that was last tried. Its tools are as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_failure: Option<Failure>,
    /// The servers that its document names, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
    /// The one that was chosen, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The values of its variables that were given.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub server_variables: std::collections::BTreeMap<String, String>,
    /// How long a call of its tools may take, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_timeout_ms: Option<u64>,
}

/// An operation that became no tool.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkippedOperation {
    /// Which.
    pub operation: String,
    /// Why.
    pub reason: String,
}

/// A way in which a source lets callers sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationMethod {
    /// Its name in the document.
    pub name: String,
    /// What the document says about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it wants, and where that goes.
    pub slots: Vec<CredentialSlot>,
}

/// What a document was found to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detection {
    /// The kind of source that it would make.
    pub kind: SourceKind,
    /// How sure that is, from 0 to 1.
    pub confidence: f32,
    /// The document's title.
    pub title: String,
    /// The name that the source would get.
    pub name: String,
    /// Where the API is, if the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The servers that it names, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
    /// How many operations it has.
    pub operations: u64,
    /// The ways in which it lets callers sign in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<AuthenticationMethod>,
}
