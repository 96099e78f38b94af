//! Toolkits.

use executor_core::toolkit::Toolkit;
use executor_core::{AuditEntry, OrganizationId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::toolkits;
use crate::error::Error;
use crate::read::{json, to_json};

impl Store {
    /// Adds a toolkit. [`Error::NameTaken`] if the workspace has one of that slug.
    pub async fn add_toolkit(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        toolkit: Toolkit,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let row = toolkits::Model {
            workspace_id: workspace.to_string(),
            organization_id: organization.to_string(),
            tools: to_json(&toolkit.tools)?,
            connections: to_json(&toolkit.connections)?,
            slug: toolkit.slug,
            name: toolkit.name,
            created_at: now.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                row.into_active_model().insert(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Gives the toolkit of that slug another name, other tools and other connections.
    pub async fn update_toolkit(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        toolkit: Toolkit,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let (tools, connections) = (to_json(&toolkit.tools)?, to_json(&toolkit.connections)?);
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let updated = toolkits::Entity::update_many()
                    .col_expr(toolkits::Column::Name, Expr::value(toolkit.name))
                    .col_expr(toolkits::Column::Tools, Expr::value(tools))
                    .col_expr(toolkits::Column::Connections, Expr::value(connections))
                    .filter(toolkits::Column::OrganizationId.eq(organization.to_string()))
                    .filter(toolkits::Column::WorkspaceId.eq(workspace.to_string()))
                    .filter(toolkits::Column::Slug.eq(toolkit.slug))
                    .exec(transaction)
                    .await?;
                if updated.rows_affected == 0 {
                    return Err(Error::NotFound("toolkit"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Removes a toolkit.
    pub async fn remove_toolkit(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        slug: String,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = toolkits::Entity::delete_many()
                    .filter(toolkits::Column::OrganizationId.eq(organization.to_string()))
                    .filter(toolkits::Column::WorkspaceId.eq(workspace.to_string()))
                    .filter(toolkits::Column::Slug.eq(slug))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("toolkit"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The toolkits of a workspace, by slug.
    pub async fn toolkits(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<Toolkit>, Error> {
        let rows = toolkits::Entity::find()
            .filter(toolkits::Column::OrganizationId.eq(organization.to_string()))
            .filter(toolkits::Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_asc(toolkits::Column::Slug)
            .all(&self.readers)
            .await?;
        let read = |row: toolkits::Model| {
            Ok(Toolkit {
                tools: json("toolkits", &row.tools)?,
                connections: json("toolkits", &row.connections)?,
                slug: row.slug,
                name: row.name,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
