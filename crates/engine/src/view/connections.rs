//! Connections, as they are added and shown.

use executor_core::{ConnectionId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who keeps a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionOwner {
    /// One account.
    Account,
    /// Everybody in the workspace.
    #[default]
    Workspace,
    /// Everybody in the organization.
    Organization,
}

/// A connection to add. The secret is in `values`, or `provider` and `reference` say where it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConnection {
    /// The source's name or id.
    pub source: String,
    /// The connection's name; `default` if not said.
    #[serde(default)]
    pub name: Option<String>,
    /// Who keeps it; the workspace if not said.
    #[serde(default)]
    pub owner: ConnectionOwner,
    /// Which of the source's methods; the first that `values` fit if not said.
    #[serde(default)]
    pub method: Option<String>,
    /// The secrets: `{"token": "…"}`, `{"username": "…", "password": "…"}`, or by the method's slots.
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

/// A connection. Its secret is never shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// Its source.
    pub source: SourceId,
    /// Its source's name.
    pub source_name: String,
    /// Its name.
    pub name: String,
    /// Who keeps it.
    pub owner: ConnectionOwner,
    /// The source's method that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What keeps its secret.
    pub provider: String,
    /// When it was added.
    pub created_at: Timestamp,
}
