//! The audit log: written with each effect, read newest first.
//!
//! Whatever changes something that the log tells of takes an [`AuditEntry`] and writes it in the same transaction, so
//! there is no effect without its entry and no entry without its effect.

mod retention;
mod seal;
mod verify;

use executor_core::audit::chain::AuditRow;
use executor_core::{AuditEntry, AuditId, OrganizationId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Store;
use crate::durability::Durability;
use crate::entity::audit;
use crate::error::Error;
use crate::read::{count, from_count};
use crate::transaction::{Transaction, insert_all};

pub use seal::{HeadTags, Sealed};

/// Writes entries in the transaction of their effects.
pub(crate) async fn record(
    transaction: &Transaction,
    entries: impl IntoIterator<Item = AuditEntry>,
) -> Result<(), Error> {
    let rows = entries.into_iter().map(|entry| audit::Model::from(AuditRow::from(&entry))).collect();
    insert_all(transaction, rows).await
}

/// Which entries of a log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only those of this action.
    pub action: Option<String>,
    /// Only those of this account; with an empty text those of Executor itself.
    pub account: Option<String>,
    /// Only those of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only those from then on.
    pub since: Option<Timestamp>,
    /// Only those that are older than this one.
    pub before: Option<AuditId>,
}

impl Store {
    /// Writes an entry of something that changes nothing else in the database.
    pub async fn tell_audit(&self, audit: AuditEntry) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move { record(transaction, [audit]).await })
        })
        .await
    }

    /// Entries of an organization's log, newest first, sealed or not.
    pub async fn audit(
        &self,
        organization: OrganizationId,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Error> {
        use audit::Column;
        let mut query = audit::Entity::find()
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit));
        if let Some(action) = filter.action {
            query = query.filter(Column::Action.eq(action));
        }
        if let Some(account) = filter.account {
            query = query.filter(match account.is_empty() {
                true => Column::AccountId.is_null(),
                false => Column::AccountId.eq(account),
            });
        }
        if let Some(workspace) = filter.workspace {
            query = query.filter(Column::WorkspaceId.eq(workspace.to_string()));
        }
        if let Some(since) = filter.since {
            query = query.filter(Column::At.gte(since.as_millis()));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before.to_string()));
        }
        Ok(query.all(&self.readers).await?.into_iter().map(AuditRow::from).collect())
    }
}

impl From<AuditRow> for audit::Model {
    fn from(row: AuditRow) -> Self {
        Self {
            organization_id: row.organization,
            id: row.id,
            workspace_id: row.workspace,
            at: row.at,
            account_id: row.account,
            key_id: row.key,
            client: row.client,
            action: row.action,
            target: row.target,
            payload: row.payload,
            payload_digest: row.payload_digest,
            number: row.number.map(from_count),
            link: row.link,
        }
    }
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            organization: row.organization_id,
            id: row.id,
            workspace: row.workspace_id,
            at: row.at,
            account: row.account_id,
            key: row.key_id,
            client: row.client,
            action: row.action,
            target: row.target,
            payload: row.payload,
            payload_digest: row.payload_digest,
            number: row.number.map(count),
            link: row.link,
        }
    }
}
