//! What workspaces may use.

use executor_core::limits::WorkspaceLimits;
use executor_core::{AuditEntry, OrganizationId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::workspace_limits::{Column, Entity, Model};
use crate::error::Error;
use crate::read::{json, to_json};

impl Store {
    /// What a workspace may use; without a row, what the deployment gives.
    pub async fn limits(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<WorkspaceLimits, Error> {
        let row = Entity::find_by_id(workspace.to_string())
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .one(&self.readers)
            .await?;
        row.map_or(Ok(WorkspaceLimits::default()), |row| json("workspace_limits", &row.limits))
    }

    /// Sets what a workspace may use.
    pub async fn set_limits(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
        limits: WorkspaceLimits,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let row = Model {
            workspace_id: workspace.to_string(),
            organization_id: organization.to_string(),
            concurrent_tasks: limits.concurrent_tasks.map(i64::from),
            limits: to_json(&limits)?,
            updated_at: now.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let replaced = OnConflict::column(Column::WorkspaceId)
                    .update_columns([Column::ConcurrentTasks, Column::Limits, Column::UpdatedAt])
                    .to_owned();
                Entity::insert(row.into_active_model())
                    .on_conflict(replaced)
                    .exec_without_returning(transaction)
                    .await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }
}
