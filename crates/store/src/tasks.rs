//! Tasks: what they are, who may act for them, and who runs them.

use executor_core::task::{TaskEnd, TaskLimits, TaskStatus};
use executor_core::{AccountId, Digest, Json, KeyId, OrganizationId, TaskId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::durability::Durability;
use crate::entity::tasks;
use crate::error::Error;
use crate::read::{count, from_count, json, named, parse, parse_some, some_time, time, to_json};
use crate::sealing::{Sealing, is_sealed};
use crate::work;
use crate::{Engine, Store};

/// In whose name a task runs. Each gate asks what exactly these may do today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The account.
    pub account: AccountId,
    /// The key that it was submitted with.
    pub key: Option<KeyId>,
    /// The program that it was submitted by, as that named itself.
    pub client: Option<String>,
    /// The toolkit that narrows its catalog.
    pub toolkit: Option<String>,
}

/// A task as it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Its id.
    pub id: TaskId,
    /// In whose name it runs.
    pub authority: Authority,
    /// The same key of the same account means the same task.
    pub idempotency_key: Option<String>,
    /// The code as submitted.
    pub code: String,
    /// What its randomness grows from.
    pub seed: u64,
    /// What it may use.
    pub limits: TaskLimits,
    /// What came with it.
    pub metadata: Option<Json>,
    /// Where it runs.
    pub runtime: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Whether what it carries is sealed: its code names a tool that is marked as sensitive, or it has called one since.
    pub is_sensitive: bool,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// As it was accepted.
    pub new: NewTask,
    /// The compiled program, once there is one; the sandbox's own JSON.
    pub program: Option<String>,
    /// The version of everything that decides what the program does.
    pub replay_version: u32,
    /// Where it stands.
    pub status: TaskStatus,
    /// Fences off whoever held the lease before.
    pub lease_epoch: i64,
    /// How often it was taken up.
    pub attempts: u32,
    /// How often in a row without learning anything new.
    pub attempts_without_progress: u32,
    /// Time that its engine ran, in milliseconds.
    pub engine_ms: u64,
    /// What of its time limit is used up, in milliseconds.
    pub used_ms: u64,
    /// The number of the last event.
    pub last_seq: u64,
    /// The size of the journal.
    pub journal_bytes: u64,
    /// How it ended.
    pub end: Option<TaskEnd>,
    /// When it ends even if it is not done.
    pub expires_at: Option<Timestamp>,
    /// When it was first taken up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How long a task may live.
const TASK_LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How long an idempotency key counts.
const KEY_LIFETIME_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// The keys of tasks that were accepted up to then count no more at `now`; milliseconds.
pub(crate) fn keys_count_from(now: Timestamp) -> i64 {
    now.plus_millis(-KEY_LIFETIME_MS).as_millis()
}

impl Store {
    /// A task of a workspace.
    pub async fn task(&self, workspace: WorkspaceId, task: TaskId) -> Result<Task, Error> {
        let row = tasks::Entity::find_by_id(task.to_string())
            .filter(tasks::Column::WorkspaceId.eq(workspace.to_string()))
            .one(&self.readers)
            .await?;
        row.map(|row| read(row, &self.sealing)).transpose()?.ok_or(Error::NotFound("task"))
    }

    /// The task that an account submitted with this key, if the key still counts at `now`.
    pub async fn task_by_idempotency_key(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Task>, Error> {
        let row = tasks::Entity::find()
            .filter(tasks::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(tasks::Column::AccountId.eq(account.to_string()))
            .filter(tasks::Column::IdempotencyKey.eq(key))
            .filter(tasks::Column::CreatedAt.gt(keys_count_from(now)))
            .one(&self.readers)
            .await?;
        row.map(|row| read(row, &self.sealing)).transpose()
    }

    /// How many unfinished tasks a workspace has.
    pub async fn unfinished_tasks(&self, workspace: WorkspaceId) -> Result<u64, Error> {
        use sea_orm::PaginatorTrait;
        let unfinished =
            [TaskStatus::Queued, TaskStatus::Running, TaskStatus::Waiting].map(TaskStatus::as_str);
        Ok(tasks::Entity::find()
            .filter(tasks::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(tasks::Column::Status.is_in(unfinished))
            .count(&self.readers)
            .await?)
    }

    /// Extends the leases that this process holds.
    pub async fn renew_leases(&self, until: Timestamp) -> Result<(), Error> {
        let owner = self.epoch.to_string();
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                tasks::Entity::update_many()
                    .col_expr(tasks::Column::LeaseExpiresAt, Expr::value(until.as_millis()))
                    .filter(tasks::Column::Status.eq(TaskStatus::Running.as_str()))
                    .filter(tasks::Column::LeaseOwner.eq(owner))
                    .exec(transaction)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Gives the lease of a running task back and queues it again.
    pub async fn release_task(&self, task: TaskId) -> Result<(), Error> {
        let owner = self.epoch.to_string();
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                tasks::Entity::update_many()
                    .col_expr(tasks::Column::Status, Expr::value(TaskStatus::Queued.as_str()))
                    .col_expr(tasks::Column::LeaseOwner, Expr::value(None::<String>))
                    .filter(tasks::Column::Id.eq(task.to_string()))
                    .filter(tasks::Column::Status.eq(TaskStatus::Running.as_str()))
                    .filter(tasks::Column::LeaseOwner.eq(owner))
                    .exec(transaction)
                    .await?;
                work::tell(transaction).await
            })
        })
        .await
    }

    /// Queues again the running tasks whose holder is gone: on SQLite those of an earlier start, on PostgreSQL those
    /// whose lease has run out. Says how many.
    pub async fn take_over(&self, now: Timestamp) -> Result<u64, Error> {
        let gone = match self.engine {
            Engine::Sqlite => Condition::all().add(tasks::Column::LeaseOwner.ne(self.epoch.to_string())),
            Engine::Postgres => Condition::all().add(tasks::Column::LeaseExpiresAt.lt(now.as_millis())),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let done = tasks::Entity::update_many()
                    .col_expr(tasks::Column::Status, Expr::value(TaskStatus::Queued.as_str()))
                    .col_expr(tasks::Column::LeaseOwner, Expr::value(None::<String>))
                    .filter(tasks::Column::Status.eq(TaskStatus::Running.as_str()))
                    .filter(gone)
                    .exec(transaction)
                    .await?;
                Ok(done.rows_affected)
            })
        })
        .await
    }
}

pub(crate) fn new_row(task: &NewTask, sealing: &Sealing) -> Result<tasks::Model, Error> {
    let mut row = tasks::Model {
        id: task.id.to_string(),
        organization_id: task.authority.organization.to_string(),
        workspace_id: task.authority.workspace.to_string(),
        account_id: task.authority.account.to_string(),
        key_id: task.authority.key.map(|id| id.to_string()),
        client: task.authority.client.clone(),
        toolkit: task.authority.toolkit.clone(),
        idempotency_key: task.idempotency_key.clone(),
        rerun_of: None,
        code: task.code.clone(),
        code_digest: Digest::of(task.code.as_bytes()).to_string(),
        program: None,
        replay_version: 0,
        runtime: task.runtime.clone(),
        seed: task.seed.to_string(),
        limits: to_json(&task.limits)?,
        metadata: task.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()),
        status: TaskStatus::Queued.as_str().to_owned(),
        lease_owner: None,
        lease_epoch: 0,
        lease_expires_at: None,
        attempts: 0,
        attempts_without_progress: 0,
        engine_ms: 0,
        used_ms: 0,
        wake_at: None,
        expires_at: Some(task.created_at.plus_millis(TASK_LIFETIME_MS).as_millis()),
        last_seq: 0,
        journal_bytes: 0,
        outcome: None,
        created_at: task.created_at.as_millis(),
        started_at: None,
        ended_at: None,
        is_sensitive: false,
    };
    if task.is_sensitive {
        seal(&mut row, sealing)?;
    }
    Ok(row)
}

pub(crate) fn read(mut row: tasks::Model, sealing: &Sealing) -> Result<Task, Error> {
    if row.is_sensitive {
        open(&mut row, sealing)?;
    }
    let narrow = |value: i64| u32::try_from(value).map_err(|error| Error::corrupt("tasks", error));
    let document = |text: String| Json::parse(text).map_err(|error| Error::corrupt("tasks", error));
    Ok(Task {
        new: NewTask {
            id: parse("tasks", &row.id)?,
            authority: Authority {
                organization: parse("tasks", &row.organization_id)?,
                workspace: parse("tasks", &row.workspace_id)?,
                account: parse("tasks", &row.account_id)?,
                key: parse_some("tasks", row.key_id.as_deref())?,
                client: row.client,
                toolkit: row.toolkit,
            },
            idempotency_key: row.idempotency_key,
            code: row.code,
            seed: parse("tasks", &row.seed)?,
            limits: json("tasks", &row.limits)?,
            metadata: row.metadata.map(document).transpose()?,
            runtime: row.runtime,
            created_at: time(row.created_at),
            is_sensitive: row.is_sensitive,
        },
        program: row.program,
        replay_version: narrow(row.replay_version)?,
        status: named("tasks", TaskStatus::from_name(&row.status), &row.status)?,
        lease_epoch: row.lease_epoch,
        attempts: narrow(row.attempts)?,
        attempts_without_progress: narrow(row.attempts_without_progress)?,
        engine_ms: count(row.engine_ms),
        used_ms: count(row.used_ms),
        last_seq: count(row.last_seq),
        journal_bytes: count(row.journal_bytes),
        expires_at: some_time(row.expires_at),
        end: row.outcome.map(|text| json("tasks", &text)).transpose()?,
        started_at: some_time(row.started_at),
        ended_at: some_time(row.ended_at),
    })
}

/// Encrypts what the row of a task that becomes sensitive says in the clear.
pub(crate) fn seal(row: &mut tasks::Model, sealing: &Sealing) -> Result<(), Error> {
    for (place, text) in sealed_columns(row) {
        // The code is somebody's own text, and may look as if it were sealed.
        if place.ends_with(&[CODE]) || !is_sealed(text) {
            *text = sealing.seal(&place, text)?;
        }
    }
    row.is_sensitive = true;
    Ok(())
}

fn open(row: &mut tasks::Model, sealing: &Sealing) -> Result<(), Error> {
    for (place, text) in sealed_columns(row) {
        *text = sealing.open(&place, std::mem::take(text))?;
    }
    Ok(())
}

const TABLE: &str = "tasks";
const CODE: &str = "code";

/// The columns of a sensitive task that are sealed, each with its place.
fn sealed_columns(row: &mut tasks::Model) -> Vec<([&str; 4], &mut String)> {
    let (workspace, id) = (row.workspace_id.as_str(), row.id.as_str());
    let mut columns = vec![(place(workspace, id, CODE), &mut row.code)];
    columns.extend(row.program.as_mut().map(|text| (place(workspace, id, PROGRAM), text)));
    columns.extend(row.outcome.as_mut().map(|text| (place(workspace, id, OUTCOME), text)));
    columns
}

/// The names of columns, as places have them.
pub(crate) const PROGRAM: &str = "program";
pub(crate) const OUTCOME: &str = "outcome";

/// Where a column of a task's row is sealed.
pub(crate) fn place<'a>(workspace: &'a str, task: &'a str, column: &'a str) -> [&'a str; 4] {
    [TABLE, workspace, task, column]
}

/// The row of a task that starts to run in the transaction that accepts it.
pub(crate) fn lease_at_birth(row: &mut tasks::Model, owner: i64, until: Timestamp, now: Timestamp) {
    row.status = TaskStatus::Running.as_str().to_owned();
    row.lease_owner = Some(owner.to_string());
    row.lease_epoch = 1;
    row.lease_expires_at = Some(until.as_millis());
    row.attempts = 1;
    row.attempts_without_progress = 1;
    row.started_at = Some(now.as_millis());
    row.last_seq = from_count(0);
}
