//! Forgetting: details of old entries and journals of tasks that ended long ago, in small batches.
//!
//! An entry keeps its digest and its link, so the chain still verifies. A task keeps its row, its calls and its result.

use executor_core::task::TaskStatus;
use executor_core::{AuditEntry, OrganizationId, TaskId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::record;
use crate::Store;
use crate::durability::Durability;
use crate::entity::{audit, journal, tasks};
use crate::error::Error;
use crate::read::parse;

/// Entries in one batch. On SQLite all other writes wait for it.
const ENTRIES: u64 = 500;

/// Tasks that are looked at in one batch.
const TASKS: u64 = 50;

impl Store {
    /// How many sealed entries from before `until` still have their details.
    pub async fn audit_payloads(&self, organization: OrganizationId, until: Timestamp) -> Result<u64, Error> {
        Ok(old_payloads(organization, until).count(&self.readers).await?)
    }

    /// Removes a batch of the details of sealed entries from before `until`. Says of how many.
    pub async fn remove_audit_payloads(
        &self,
        organization: OrganizationId,
        until: Timestamp,
    ) -> Result<u64, Error> {
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                let ids: Vec<String> = old_payloads(organization, until)
                    .select_only()
                    .column(audit::Column::Id)
                    .limit(ENTRIES)
                    .into_tuple()
                    .all(transaction)
                    .await?;
                if ids.is_empty() {
                    return Ok(0);
                }
                let done = audit::Entity::update_many()
                    .col_expr(audit::Column::Payload, Expr::value(None::<String>))
                    .filter(audit::Column::OrganizationId.eq(organization.to_string()))
                    .filter(audit::Column::Id.is_in(ids))
                    .exec(transaction)
                    .await?;
                Ok(done.rows_affected)
            })
        })
        .await
    }

    /// Tasks of a workspace, after that one, that ended before `until` and still have a journal; oldest first.
    pub async fn tasks_with_old_journals(
        &self,
        workspace: WorkspaceId,
        until: Timestamp,
        after: Option<TaskId>,
    ) -> Result<Vec<TaskId>, Error> {
        use tasks::Column;
        let mut query = tasks::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::WorkspaceId.eq(workspace.to_string()))
            .filter(Column::EndedAt.lt(until.as_millis()))
            .filter(Column::Status.is_not_in(unfinished()))
            .filter(Column::JournalBytes.gt(0))
            .order_by_asc(Column::Id)
            .limit(TASKS);
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after.to_string()));
        }
        let ids: Vec<String> = query.into_tuple().all(&self.readers).await?;
        ids.iter().map(|id| parse("tasks", id)).collect()
    }

    /// Removes the journals of these tasks, as far as they have ended, and writes so. Says of how many.
    pub async fn remove_journals(
        &self,
        workspace: WorkspaceId,
        ended: Vec<TaskId>,
        audit: AuditEntry,
    ) -> Result<u64, Error> {
        let ids: Vec<String> = ended.iter().map(TaskId::to_string).collect();
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                let done = tasks::Entity::update_many()
                    .col_expr(tasks::Column::JournalBytes, Expr::value(0))
                    .filter(tasks::Column::WorkspaceId.eq(workspace.to_string()))
                    .filter(tasks::Column::Id.is_in(&ids))
                    .filter(tasks::Column::Status.is_not_in(unfinished()))
                    .exec(transaction)
                    .await?;
                if done.rows_affected != ids.len() as u64 {
                    return Err(Error::corrupt("tasks", "a task that has ended goes on"));
                }
                journal::Entity::delete_many()
                    .filter(journal::Column::TaskId.is_in(&ids))
                    .exec(transaction)
                    .await?;
                record(transaction, [audit]).await?;
                Ok(done.rows_affected)
            })
        })
        .await
    }
}

fn old_payloads(organization: OrganizationId, until: Timestamp) -> sea_orm::Select<audit::Entity> {
    use audit::Column;
    audit::Entity::find()
        .filter(Column::OrganizationId.eq(organization.to_string()))
        .filter(Column::At.lt(until.as_millis()))
        .filter(Column::Number.is_not_null())
        .filter(Column::Payload.is_not_null())
}

fn unfinished() -> [&'static str; 3] {
    [TaskStatus::Queued, TaskStatus::Running, TaskStatus::Waiting].map(TaskStatus::as_str)
}
