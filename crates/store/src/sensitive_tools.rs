//! Which tools' calls carry what is not for everybody.

use executor_core::{AuditEntry, OrganizationId, Timestamp, ToolPattern, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::sensitive_tools::{Column, Entity, Model};
use crate::error::Error;
use crate::read::parse;

impl Store {
    /// Marks the tools that match as sensitive. Marking them again changes nothing.
    pub async fn add_sensitive_tools(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        pattern: &ToolPattern,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let row = Model {
            workspace_id: workspace.to_string(),
            pattern: pattern.as_str().to_owned(),
            organization_id: organization.to_string(),
            created_at: now.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let there = OnConflict::columns([Column::WorkspaceId, Column::Pattern])
                    .update_column(Column::Pattern)
                    .to_owned();
                Entity::insert(row.into_active_model())
                    .on_conflict(there)
                    .exec_without_returning(transaction)
                    .await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Takes a mark back. What was sealed stays so.
    pub async fn remove_sensitive_tools(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        pattern: String,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = Entity::delete_many()
                    .filter(Column::OrganizationId.eq(organization.to_string()))
                    .filter(Column::WorkspaceId.eq(workspace.to_string()))
                    .filter(Column::Pattern.eq(pattern))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("sensitive tools"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The marks of a workspace, by pattern.
    pub async fn sensitive_tools(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<ToolPattern>, Error> {
        let rows = Entity::find()
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .filter(Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_asc(Column::Pattern)
            .all(&self.readers)
            .await?;
        rows.iter().map(|row| parse("sensitive_tools", &row.pattern)).collect()
    }
}
