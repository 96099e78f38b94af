//! API keys. Only the hash of a key's secret is kept.

use executor_core::{AccountId, AuditEntry, Digest, KeyId, OrganizationId, Scope, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::keys;
use crate::error::Error;
use crate::read::{json, parse, parse_some, some_time, time, to_json};

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// The organization that it opens.
    pub organization: OrganizationId,
    /// The only workspace that it opens, if it is bound to one.
    pub workspace: Option<WorkspaceId>,
    /// Whose it is.
    pub account: AccountId,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The hash of its secret.
    pub secret_hash: Digest,
    /// How its secret begins, to know it by.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Key {
    /// Whether it opens anything at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

impl Store {
    /// Adds a key.
    pub async fn add_key(&self, key: Key, audit: AuditEntry) -> Result<(), Error> {
        let row = keys::Model {
            id: key.id.to_string(),
            organization_id: key.organization.to_string(),
            workspace_id: key.workspace.map(|id| id.to_string()),
            account_id: key.account.to_string(),
            scopes: to_json(&key.scopes)?,
            name: key.name,
            secret_hash: key.secret_hash.to_string(),
            prefix: key.prefix,
            created_at: key.created_at.as_millis(),
            expires_at: key.expires_at.map(Timestamp::as_millis),
            revoked_at: key.revoked_at.map(Timestamp::as_millis),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                row.into_active_model().insert(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The keys of an organization, oldest first; revoked ones too.
    pub async fn keys(&self, organization: OrganizationId) -> Result<Vec<Key>, Error> {
        let rows = keys::Entity::find()
            .filter(keys::Column::OrganizationId.eq(organization.to_string()))
            .order_by_asc(keys::Column::Id)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The key with this secret. The one look-up that names no tenant: it is how the tenant is found.
    pub async fn key_by_secret(&self, secret_hash: Digest) -> Result<Option<Key>, Error> {
        let row = keys::Entity::find()
            .filter(keys::Column::SecretHash.eq(secret_hash.to_string()))
            .one(&self.readers)
            .await?;
        row.map(read).transpose()
    }

    /// A key.
    pub async fn key(&self, organization: OrganizationId, key: KeyId) -> Result<Key, Error> {
        let row = keys::Entity::find_by_id(key.to_string())
            .filter(keys::Column::OrganizationId.eq(organization.to_string()))
            .one(&self.readers)
            .await?;
        row.map(read).transpose()?.ok_or(Error::NotFound("key"))
    }

    /// Ends a key. Ending one that has ended changes nothing.
    pub async fn revoke_key(
        &self,
        organization: OrganizationId,
        key: KeyId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let ended = keys::Entity::update_many()
                    .col_expr(keys::Column::RevokedAt, Expr::value(now.as_millis()))
                    .filter(keys::Column::Id.eq(key.to_string()))
                    .filter(keys::Column::OrganizationId.eq(organization.to_string()))
                    .filter(keys::Column::RevokedAt.is_null())
                    .exec(transaction)
                    .await?;
                record(transaction, (ended.rows_affected > 0).then_some(audit)).await
            })
        })
        .await
    }
}

fn read(row: keys::Model) -> Result<Key, Error> {
    Ok(Key {
        id: parse("keys", &row.id)?,
        organization: parse("keys", &row.organization_id)?,
        workspace: parse_some("keys", row.workspace_id.as_deref())?,
        account: parse("keys", &row.account_id)?,
        name: row.name,
        scopes: json("keys", &row.scopes)?,
        secret_hash: parse("keys", &row.secret_hash)?,
        prefix: row.prefix,
        created_at: time(row.created_at),
        expires_at: some_time(row.expires_at),
        revoked_at: some_time(row.revoked_at),
    })
}
