//! Tasks that are rows only, and their return.

use executor_core::Timestamp;
use executor_core::task::TaskStatus;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use crate::Store;
use crate::durability::Durability;
use crate::entity::tasks;
use crate::error::Error;

impl Store {
    /// Queues the waiting tasks that are due: those with a timer, and those that have lived too long. Says how many.
    pub async fn wake_due(&self, now: Timestamp) -> Result<u64, Error> {
        // The look costs no write, and there is nearly always nothing.
        let some: Option<String> = tasks::Entity::find()
            .select_only()
            .column(tasks::Column::Id)
            .filter(due(now))
            .into_tuple()
            .one(&self.readers)
            .await?;
        if some.is_none() {
            return Ok(0);
        }
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let woken = tasks::Entity::update_many()
                    .col_expr(tasks::Column::Status, Expr::value(TaskStatus::Queued.as_str()))
                    .filter(due(now))
                    .exec(transaction)
                    .await?;
                Ok(woken.rows_affected)
            })
        })
        .await
    }
}

fn due(now: Timestamp) -> Condition {
    Condition::all()
        .add(tasks::Column::Status.eq(TaskStatus::Waiting.as_str()))
        .add(tasks::Column::WakeAt.lte(now.as_millis()))
}
