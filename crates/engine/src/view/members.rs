//! Members of an organization and their keys.

use executor_core::{AccountId, KeyId, Role, Scope, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account's place in the organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its address, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its role.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

/// A member to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMember {
    /// The name.
    pub name: String,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// The role.
    pub role: Role,
}

/// An API key to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// Whose it is; the asker's own if not said.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// What it may be used for: `read` and `run` if not said.
    #[serde(default)]
    pub scopes: Option<Vec<Scope>>,
    /// The only workspace that it opens, by id or slug.
    #[serde(default)]
    pub workspace: Option<String>,
    /// When it ends by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// An API key, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub account: AccountId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The only workspace that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// How it begins, to know it by.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// A key just made: the only time that its secret is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyView,
    /// What to send as a bearer.
    pub secret: String,
}
