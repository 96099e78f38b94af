//! Who gets the next task. Written by hand: it is asked all the time, and the status has to be a literal for both
//! engines to use the index by status well.

use executor_core::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Statement};

use crate::durability::Durability;
use crate::entity::tasks;
use crate::error::Error;
use crate::tasks::read;
use crate::transaction::Transaction;
use crate::{Engine, Store, Task};

/// The workspaces with queued tasks, of those that have not as many running as they may; first the one with the fewest
/// running, then the one that has waited longest.
const WORKSPACES: &str = "
    SELECT queued.workspace_id AS workspace_id, COALESCE(running.tasks, 0) AS running
    FROM (SELECT workspace_id, MIN(id) AS oldest FROM tasks WHERE status = 'queued' GROUP BY workspace_id) AS queued
    LEFT JOIN (SELECT workspace_id, COUNT(*) AS tasks FROM tasks WHERE status = 'running' GROUP BY workspace_id)
      AS running ON running.workspace_id = queued.workspace_id
    LEFT JOIN workspace_limits AS limits ON limits.workspace_id = queued.workspace_id
    WHERE limits.concurrent_tasks IS NULL OR COALESCE(running.tasks, 0) < limits.concurrent_tasks
    ORDER BY COALESCE(running.tasks, 0), queued.oldest";

/// Takes the oldest queued task of a workspace that nobody else is taking.
fn claim(engine: Engine) -> String {
    let lock = match engine {
        Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        Engine::Sqlite => "",
    };
    format!(
        "UPDATE tasks SET status = 'running', lease_owner = $1, lease_epoch = lease_epoch + 1, lease_expires_at = $2,
           attempts = attempts + 1, attempts_without_progress = attempts_without_progress + 1,
           started_at = COALESCE(started_at, $3)
         WHERE id = (SELECT id FROM tasks WHERE status = 'queued' AND workspace_id = $4 ORDER BY id LIMIT 1 {lock})
         RETURNING *"
    )
}

impl Store {
    /// Gives the caller the lease of a queued task, of the workspace with the fewest running ones, oldest first.
    pub async fn claim_task(&self, lease_until: Timestamp, now: Timestamp) -> Result<Option<Task>, Error> {
        self.claim(lease_until, now, i64::MAX).await
    }

    /// The same, but only for a workspace that has none running.
    pub async fn claim_first_task(
        &self,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Task>, Error> {
        self.claim(lease_until, now, 0).await
    }

    async fn claim(
        &self,
        lease_until: Timestamp,
        now: Timestamp,
        most_running: i64,
    ) -> Result<Option<Task>, Error> {
        let (engine, owner, sealing) = (self.engine, self.epoch.to_string(), self.sealing.clone());
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                for (workspace, running) in workspaces(transaction).await? {
                    if running > most_running {
                        break;
                    }
                    let values = [
                        owner.as_str().into(),
                        lease_until.as_millis().into(),
                        now.as_millis().into(),
                        workspace.into(),
                    ];
                    let statement = Statement::from_sql_and_values(
                        transaction.get_database_backend(),
                        claim(engine),
                        values,
                    );
                    if let Some(row) = tasks::Entity::find().from_raw_sql(statement).one(transaction).await? {
                        return read(row, &sealing).map(Some);
                    }
                }
                Ok(None)
            })
        })
        .await
    }
}

/// Each with the number of its running tasks.
async fn workspaces(transaction: &Transaction) -> Result<Vec<(String, i64)>, Error> {
    let statement = Statement::from_string(transaction.get_database_backend(), WORKSPACES.trim_start());
    let rows = transaction.query_all_raw(statement).await?;
    let each = |row: &QueryResult| Ok((row.try_get("", "workspace_id")?, row.try_get("", "running")?));
    rows.iter().map(each).collect()
}
