//! When sources are read again: what is due, and what came of it where nothing changed.

use executor_core::{Json, OrganizationId, SourceId, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::Store;
use crate::durability::Durability;
use crate::entity::sources::{Column, Entity};
use crate::error::Error;
use crate::read::to_json;
use crate::sources::{Source, read};

/// What came of reading a source's document again, where its tools stay as they are.
#[derive(Debug, Clone)]
pub enum Reread {
    /// It is the same document.
    Unchanged {
        /// When that was seen.
        at: Timestamp,
        /// Until when it counts by its API's own account.
        stale_at: Option<Timestamp>,
    },
    /// It could not be read.
    Failed {
        /// Why; the engine's own JSON.
        failure: Json,
    },
}

impl Store {
    /// A source whose time has come. Nobody else is given it until `lease_until`.
    pub async fn claim_refresh(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<Source>, Error> {
        let due = Entity::find()
            .filter(Column::RefreshDueAt.lte(now.as_millis()))
            .order_by_asc(Column::RefreshDueAt)
            .one(&self.readers)
            .await?;
        let Some(row) = due else { return Ok(None) };
        // Whoever changes the time first has it.
        let claim = Entity::update_many()
            .col_expr(Column::RefreshDueAt, Expr::value(lease_until.as_millis()))
            .filter(Column::Id.eq(&row.id))
            .filter(Column::RefreshDueAt.eq(row.refresh_due_at));
        let claimed = self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move { Ok(claim.exec(transaction).await?.rows_affected == 1) })
        });
        if claimed.await? { read(row).map(Some) } else { Ok(None) }
    }

    /// Records that a source was read again and stays as it is, and when its time comes next.
    pub async fn settle_refresh(
        &self,
        organization: OrganizationId,
        source: SourceId,
        reread: Reread,
        due_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let update = Entity::update_many()
            .filter(Column::Id.eq(source.to_string()))
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .col_expr(Column::RefreshDueAt, Expr::value(due_at.map(Timestamp::as_millis)));
        let update = match reread {
            Reread::Unchanged { at, stale_at } => update
                .col_expr(Column::StaleAt, Expr::value(stale_at.map(Timestamp::as_millis)))
                .col_expr(Column::RefreshedAt, Expr::value(at.as_millis()))
                .col_expr(Column::RefreshFailure, Expr::value(None::<String>)),
            Reread::Failed { failure } => {
                update.col_expr(Column::RefreshFailure, Expr::value(Some(to_json(&failure)?)))
            }
        };
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                update.exec(transaction).await?;
                Ok(())
            })
        })
        .await
    }

    /// Makes sources due that are read from an address, as when the API there says that it has changed.
    pub async fn make_due(&self, url: &str, now: Timestamp) -> Result<(), Error> {
        let update = Entity::update_many()
            .filter(Column::Url.eq(url))
            .filter(Column::RefreshDueAt.is_not_null())
            .col_expr(Column::RefreshDueAt, Expr::value(now.as_millis()));
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                update.exec(transaction).await?;
                Ok(())
            })
        })
        .await
    }
}
