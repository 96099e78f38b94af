//! What somebody else than the lease's holder wants of a task.
//!
//! Only the holder appends to a task's journal. All others leave a signal and queue the task if it waits, in one
//! transaction; the holder turns signals into events and marks them as seen in the transaction that records them.
//!
//! Invariant: a task never waits while it has a signal that nobody has seen. Both sides lock the task's row first: here
//! by changing it, whatever its status is, and in [`waiting`](crate::waiting) by making it wait before looking.

use executor_core::task::TaskStatus;
use executor_core::{AuditEntry, Json, TaskId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{task_signals, tasks};
use crate::error::Error;
use crate::read::parse;
use crate::sealing::Sealing;
use crate::transaction::Transaction;
use crate::work;

/// A signal to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSignal {
    /// A new id; signals are seen in the order of their ids.
    pub id: String,
    /// The workspace of the task.
    pub workspace: WorkspaceId,
    /// The task.
    pub task: TaskId,
    /// What is wanted: `cancel`, `decided`, `resolved`.
    pub kind: String,
    /// The engine's own JSON.
    pub body: Json,
    /// When.
    pub at: Timestamp,
    /// Whether what it says is to be sealed.
    pub is_sensitive: bool,
}

/// A signal that nobody has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its id.
    pub id: String,
    /// What is wanted.
    pub kind: String,
    /// The engine's own JSON.
    pub body: Json,
}

impl Store {
    /// Leaves a signal, and queues the task if it waits.
    pub async fn signal_task(&self, signal: NewSignal, audit: AuditEntry) -> Result<(), Error> {
        let signal = prepare(signal, &self.sealing)?;
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                leave(transaction, signal).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The signals of a task that nobody has turned into events yet, oldest first.
    pub async fn signals(&self, workspace: WorkspaceId, task: TaskId) -> Result<Vec<Signal>, Error> {
        let rows = unseen(&task.to_string())
            .filter(task_signals::Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_asc(task_signals::Column::Id)
            .all(&self.readers)
            .await?;
        rows.into_iter()
            .map(|row| {
                let body = self.sealing.open(&place(&row.workspace_id, &row.id), row.body)?;
                let body = Json::parse(body).map_err(|error| Error::corrupt("task_signals", error))?;
                Ok(Signal { id: row.id, kind: row.kind, body })
            })
            .collect()
    }

    /// The tasks that this process runs and that have signals it has not seen.
    pub async fn signalled_tasks(&self) -> Result<Vec<TaskId>, Error> {
        let running = tasks::Entity::find()
            .select_only()
            .column(tasks::Column::Id)
            .filter(tasks::Column::Status.eq(TaskStatus::Running.as_str()))
            .filter(tasks::Column::LeaseOwner.eq(self.epoch.to_string()))
            .into_query();
        let found: Vec<String> = task_signals::Entity::find()
            .select_only()
            .column(task_signals::Column::TaskId)
            .distinct()
            .filter(task_signals::Column::ConsumedAt.is_null())
            .filter(task_signals::Column::TaskId.in_subquery(running))
            .into_tuple()
            .all(&self.readers)
            .await?;
        found.iter().map(|id| parse("task_signals", id)).collect()
    }
}

/// A signal with everything that could fail done.
pub(crate) fn prepare(signal: NewSignal, sealing: &Sealing) -> Result<task_signals::Model, Error> {
    let (id, workspace_id) = (signal.id, signal.workspace.to_string());
    let body = signal.body.as_str().to_owned();
    Ok(task_signals::Model {
        body: sealing.seal_if(signal.is_sensitive, &place(&workspace_id, &id), body)?,
        id,
        task_id: signal.task.to_string(),
        workspace_id,
        kind: signal.kind,
        created_at: signal.at.as_millis(),
        consumed_at: None,
    })
}

/// Leaves a signal in a transaction. Locks the row of the task before anything else.
pub(crate) async fn leave(transaction: &Transaction, signal: task_signals::Model) -> Result<(), Error> {
    use tasks::Column;
    let waiting = Column::Status.eq(TaskStatus::Waiting.as_str());
    let queued_if_waiting =
        Expr::case(waiting, Expr::value(TaskStatus::Queued.as_str())).finally(Expr::col(Column::Status));
    let found = tasks::Entity::update_many()
        .col_expr(Column::Status, queued_if_waiting.into())
        .filter(Column::Id.eq(&signal.task_id))
        .filter(Column::WorkspaceId.eq(&signal.workspace_id))
        .exec(transaction)
        .await?;
    if found.rows_affected == 0 {
        return Err(Error::NotFound("task"));
    }
    signal.into_active_model().insert(transaction).await?;
    work::tell(transaction).await
}

/// Where the body of a signal is sealed.
fn place<'a>(workspace: &'a str, id: &'a str) -> [&'a str; 4] {
    ["task_signals", workspace, id, "body"]
}

/// Marks signals as seen, in the transaction that records what they say.
pub(crate) async fn mark_seen(
    transaction: &Transaction,
    task: &str,
    signals: Vec<String>,
    at: Timestamp,
) -> Result<(), Error> {
    if signals.is_empty() {
        return Ok(());
    }
    task_signals::Entity::update_many()
        .col_expr(task_signals::Column::ConsumedAt, Expr::value(at.as_millis()))
        .filter(task_signals::Column::TaskId.eq(task))
        .filter(task_signals::Column::Id.is_in(signals))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Fails with [`Error::Signalled`] if a task has signals that nobody has seen.
pub(crate) async fn refuse_unseen(transaction: &Transaction, task: &str) -> Result<(), Error> {
    match unseen(task).one(transaction).await? {
        Some(_) => Err(Error::Signalled),
        None => Ok(()),
    }
}

fn unseen(task: &str) -> sea_orm::Select<task_signals::Entity> {
    task_signals::Entity::find()
        .filter(task_signals::Column::TaskId.eq(task))
        .filter(task_signals::Column::ConsumedAt.is_null())
}
