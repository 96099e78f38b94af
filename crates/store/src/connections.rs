//! Connections: configured, optionally authenticated instances of sources.

use executor_core::{AccountId, AuditEntry, ConnectionId, OrganizationId, SourceId, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::connections;
use crate::error::Error;
use crate::read::{parse, parse_some, some_time, time};

/// A connection. Its secret is sealed, or kept by a provider elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The workspace that owns it, if one does.
    pub workspace: Option<WorkspaceId>,
    /// The account that owns it, if one does.
    pub account: Option<AccountId>,
    /// The source that it is a connection to.
    pub source: SourceId,
    /// Its name, one of its kind for the source and the owner.
    pub name: String,
    /// The source's authentication method that it uses.
    pub method: Option<String>,
    /// What keeps its secret.
    pub provider: String,
    /// Where a provider elsewhere finds it.
    pub reference: Option<String>,
    /// The sealed secret, if it is kept here.
    pub secret: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its secret was last replaced.
    pub rotated_at: Option<Timestamp>,
}

impl Connection {
    pub(crate) fn into_row(self) -> connections::Model {
        let owner = match (self.account, self.workspace) {
            (Some(account), _) => account.to_string(),
            (None, Some(workspace)) => workspace.to_string(),
            (None, None) => self.organization.to_string(),
        };
        connections::Model {
            id: self.id.to_string(),
            organization_id: self.organization.to_string(),
            workspace_id: self.workspace.map(|id| id.to_string()),
            account_id: self.account.map(|id| id.to_string()),
            owner_id: owner,
            source_id: self.source.to_string(),
            name: self.name,
            method: self.method,
            provider: self.provider,
            reference: self.reference,
            secret: self.secret,
            created_at: self.created_at.as_millis(),
            rotated_at: self.rotated_at.map(Timestamp::as_millis),
        }
    }
}

impl Store {
    /// Adds a connection. [`Error::NameTaken`] if the owner has one of that name to the source.
    pub async fn add_connection(&self, connection: Connection, audit: AuditEntry) -> Result<(), Error> {
        let row = connection.into_row();
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                row.into_active_model().insert(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The connections that a workspace or one of its accounts may use, by name.
    pub async fn connections(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<Connection>, Error> {
        let rows = connections::Entity::find()
            .filter(connections::Column::OrganizationId.eq(organization.to_string()))
            .filter(
                Condition::any()
                    .add(connections::Column::WorkspaceId.is_null())
                    .add(connections::Column::WorkspaceId.eq(workspace.to_string())),
            )
            .order_by_asc(connections::Column::Name)
            .order_by_asc(connections::Column::Id)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// All connections to a source, whoever owns them, by name.
    pub async fn connections_to(
        &self,
        organization: OrganizationId,
        source: SourceId,
    ) -> Result<Vec<Connection>, Error> {
        let rows = connections::Entity::find()
            .filter(connections::Column::OrganizationId.eq(organization.to_string()))
            .filter(connections::Column::SourceId.eq(source.to_string()))
            .order_by_asc(connections::Column::Name)
            .order_by_asc(connections::Column::Id)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Replaces a connection's sealed secret.
    pub async fn replace_secret(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        secret: String,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let row = connections::Entity::find_by_id(connection.to_string())
                    .filter(connections::Column::OrganizationId.eq(organization.to_string()))
                    .one(transaction)
                    .await?;
                let mut row = row.ok_or(Error::NotFound("connection"))?.into_active_model();
                row.secret = Set(Some(secret));
                row.rotated_at = Set(Some(now.as_millis()));
                row.update(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Removes a connection with its secret.
    pub async fn remove_connection(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = connections::Entity::delete_many()
                    .filter(connections::Column::Id.eq(connection.to_string()))
                    .filter(connections::Column::OrganizationId.eq(organization.to_string()))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("connection"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

fn read(row: connections::Model) -> Result<Connection, Error> {
    Ok(Connection {
        id: parse("connections", &row.id)?,
        organization: parse("connections", &row.organization_id)?,
        workspace: parse_some("connections", row.workspace_id.as_deref())?,
        account: parse_some("connections", row.account_id.as_deref())?,
        source: parse("connections", &row.source_id)?,
        name: row.name,
        method: row.method,
        provider: row.provider,
        reference: row.reference,
        secret: row.secret,
        created_at: time(row.created_at),
        rotated_at: some_time(row.rotated_at),
    })
}
