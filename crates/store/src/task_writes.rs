//! Writing a task's life: its rows and its journal, in one transaction each time.

use executor_core::call::CallState;
use executor_core::journal::Entry;
use executor_core::policy::Decision;
use executor_core::task::{TaskEnd, TaskStatus};
use executor_core::tool::SideEffect;
use executor_core::{AuditEntry, ConnectionId, Digest, ErrorCode, TaskId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, Set};

use crate::Store;
use crate::approvals::{ApprovalChange, apply, prepare};
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{calls, journal, tasks};
use crate::error::Error;
use crate::read::{from_count, to_json};
use crate::sealing::Sealing;
use crate::signals::{mark_seen, refuse_unseen};
use crate::task_list::entry_place;
use crate::tasks::{NewTask, OUTCOME, PROGRAM, keys_count_from, lease_at_birth, new_row, place, seal};
use crate::transaction::{ROWS_AT_ONCE, Transaction, insert_all};
use crate::webhook_deliveries::{NewDelivery, post};
use crate::work;

/// What is written about a task at once. Its entries follow those that were written before without a gap.
#[derive(Debug, Clone)]
pub struct TaskWrite {
    /// The task.
    pub task: TaskId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The epoch under which the writer holds the lease.
    pub lease_epoch: i64,
    /// The task itself, in the first write of one that starts to run as it is accepted; its epoch is 1.
    pub accept: Option<NewTask>,
    /// Until when the writer holds the lease.
    pub lease_until: Timestamp,
    /// New events.
    pub entries: Vec<Entry>,
    /// Calls that are new or have changed.
    pub calls: Vec<CallRow>,
    /// What becomes of approvals.
    pub approvals: Vec<ApprovalChange>,
    /// The ids of the signals that the entries tell of.
    pub seen_signals: Vec<String>,
    /// How far it is.
    pub progress: TaskProgress,
    /// What of this webhooks are told.
    pub deliveries: Vec<NewDelivery>,
    /// What of this the audit log tells.
    pub audit: Vec<AuditEntry>,
}

/// How far a task is.
#[derive(Debug, Clone, Default)]
pub struct TaskProgress {
    /// The compiled program and its replay version, if they are new.
    pub program: Option<(String, u32)>,
    /// Whether the code has learnt something in this attempt.
    pub has_progressed: bool,
    /// Time that its engine ran, in milliseconds.
    pub engine_ms: u64,
    /// What of its time limit is used up, in milliseconds.
    pub used_ms: u64,
    /// The number of the last event.
    pub last_seq: u64,
    /// The size of the journal.
    pub journal_bytes: u64,
    /// Nothing can go on but a person or a distant timer, due then: the task waits and the lease is given back.
    /// [`Error::Signalled`] if somebody wants something of it.
    pub waits: Option<Option<Timestamp>>,
    /// How it ended, and when.
    pub end: Option<(TaskEnd, Timestamp)>,
    /// Whether it has called a tool that is marked as sensitive. Then this write and all that follow are sealed, and so
    /// are code and program.
    pub is_sensitive: bool,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// Its number.
    pub number: u32,
    /// The tool's path: canonical once it is known, before that as the code wrote it.
    pub path: String,
    /// The connection that it is bound to.
    pub connection: Option<ConnectionId>,
    /// Where it stands.
    pub state: CallState,
    /// What the tool does to the world.
    pub side_effect: Option<SideEffect>,
    /// The digest of the call as issued.
    pub issued: Digest,
    /// The digest of what was sent.
    pub sent: Option<Digest>,
    /// What policy decided.
    pub decision: Option<Decision>,
    /// Why it failed.
    pub error: Option<ErrorCode>,
    /// When the code made it.
    pub issued_at: Timestamp,
    /// When its request could first leave.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub settled_at: Option<Timestamp>,
}

impl Store {
    /// Accepts a task that has to wait for its turn, with its first events. [`Error::NameTaken`] if its account has
    /// used its idempotency key within the key's lifetime.
    pub async fn accept_task(
        &self,
        task: NewTask,
        entries: Vec<Entry>,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let mut row = new_row(&task, &self.sealing)?;
        row.last_seq = from_count(entries.last().map_or(0, |entry| entry.seq));
        let sealing = task.is_sensitive.then_some(&self.sealing);
        let entries = journal_rows(&row.id, task.authority.workspace, entries, sealing)?;
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                if let Some(key) = &row.idempotency_key {
                    let (workspace, account) = (row.workspace_id.clone(), row.account_id.clone());
                    tasks::Entity::update_many()
                        .col_expr(tasks::Column::IdempotencyKey, Expr::value(None::<String>))
                        .filter(tasks::Column::WorkspaceId.eq(workspace))
                        .filter(tasks::Column::AccountId.eq(account))
                        .filter(tasks::Column::IdempotencyKey.eq(key))
                        .filter(tasks::Column::CreatedAt.lte(keys_count_from(task.created_at)))
                        .exec(transaction)
                        .await?;
                }
                tasks::Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
                insert_all(transaction, entries).await?;
                work::tell(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Writes about a task whose lease the caller holds; [`Error::LeaseLost`] if it does not, and then nothing is.
    pub async fn write_task(&self, write: TaskWrite, durability: Durability) -> Result<(), Error> {
        let id = write.task.to_string();
        let first_seq = write.entries.first().map(|entry| entry.seq);
        let seen_at = write.entries.last().map_or(write.lease_until, |entry| entry.at);
        let sealing = write.progress.is_sensitive.then(|| self.sealing.clone());
        let entries = journal_rows(&id, write.workspace, write.entries, sealing.as_ref())?;
        let calls = write
            .calls
            .iter()
            .map(|call| call_row(&id, write.workspace, call))
            .collect::<Result<Vec<_>, _>>()?;
        let approvals = write
            .approvals
            .iter()
            .map(|change| prepare(change, &self.sealing))
            .collect::<Result<Vec<_>, _>>()?;
        let seen = write.seen_signals;
        let (mut progress, deliveries, audit) = (write.progress, write.deliveries, write.audit);
        let mut outcome = progress.end.as_ref().map(|(end, _)| to_json(end)).transpose()?;
        let (workspace, epoch) = (write.workspace, write.lease_epoch);
        if let Some(sealing) = &sealing {
            let workspace = workspace.to_string();
            let program = progress.program.as_mut().map(|(program, _)| program);
            for (column, text) in [(PROGRAM, program), (OUTCOME, outcome.as_mut())] {
                if let Some(text) = text {
                    *text = sealing.seal(&place(&workspace, &id, column), text)?;
                }
            }
        }
        let change = Change { id, workspace, epoch, first_seq, progress, outcome };
        let accepted = match write.accept {
            Some(task) => {
                let task = NewTask { is_sensitive: sealing.is_some(), ..task };
                let mut row = new_row(&task, &self.sealing)?;
                lease_at_birth(&mut row, self.epoch, write.lease_until, task.created_at);
                change.apply(&mut row);
                Some(row)
            }
            None => None,
        };
        let (task, waits) = (write.task.to_string(), change.progress.waits.is_some());
        let rows = 1 + entries.len() + calls.len() + approvals.len() + audit.len();
        self.writer
            .write(durability, rows, move |transaction| {
                Box::pin(async move {
                    match accepted {
                        Some(row) => {
                            tasks::Entity::insert(row.into_active_model())
                                .exec_without_returning(transaction)
                                .await?;
                        }
                        None => {
                            change.update(transaction).await?;
                            if let Some(sealing) = &sealing {
                                seal_row(transaction, &task, sealing).await?;
                            }
                        }
                    }
                    mark_seen(transaction, &task, seen, seen_at).await?;
                    if waits {
                        refuse_unseen(transaction, &task).await?;
                    }
                    insert_all(transaction, entries).await?;
                    upsert_calls(transaction, calls).await?;
                    apply(transaction, approvals).await?;
                    post(transaction, deliveries).await?;
                    record(transaction, audit).await
                })
            })
            .await
    }
}

struct Change {
    id: String,
    workspace: WorkspaceId,
    epoch: i64,
    /// The number of the first new event.
    first_seq: Option<u64>,
    progress: TaskProgress,
    outcome: Option<String>,
}

impl Change {
    fn apply(&self, row: &mut tasks::Model) {
        let progress = &self.progress;
        row.engine_ms = from_count(progress.engine_ms);
        row.used_ms = from_count(progress.used_ms);
        row.last_seq = from_count(progress.last_seq);
        row.journal_bytes = from_count(progress.journal_bytes);
        if progress.has_progressed {
            row.attempts_without_progress = 0;
        }
        if let Some((program, version)) = &progress.program {
            row.program = Some(program.clone());
            row.replay_version = i64::from(*version);
        }
        if let Some(wake_at) = &progress.waits {
            row.status = TaskStatus::Waiting.as_str().to_owned();
            row.wake_at = earliest(*wake_at, row.expires_at);
            row.attempts_without_progress = 0;
            row.lease_owner = None;
            row.lease_expires_at = None;
        }
        if let Some((end, at)) = &progress.end {
            row.status = end.status.as_str().to_owned();
            row.outcome = self.outcome.clone();
            row.ended_at = Some(at.as_millis());
            row.lease_owner = None;
            row.lease_expires_at = None;
        }
    }

    async fn update(&self, transaction: &Transaction) -> Result<(), Error> {
        use tasks::Column;
        let progress = &self.progress;
        // A model, so that no column is set twice: PostgreSQL refuses that.
        let mut row = tasks::ActiveModel {
            engine_ms: Set(from_count(progress.engine_ms)),
            used_ms: Set(from_count(progress.used_ms)),
            last_seq: Set(from_count(progress.last_seq)),
            journal_bytes: Set(from_count(progress.journal_bytes)),
            ..Default::default()
        };
        if progress.has_progressed || progress.waits.is_some() {
            row.attempts_without_progress = Set(0);
        }
        if let Some((program, version)) = &progress.program {
            row.program = Set(Some(program.clone()));
            row.replay_version = Set(i64::from(*version));
        }
        if progress.waits.is_some() || progress.end.is_some() {
            row.lease_owner = Set(None);
            row.lease_expires_at = Set(None);
        }
        if progress.waits.is_some() {
            row.status = Set(TaskStatus::Waiting.as_str().to_owned());
        }
        if let Some((end, at)) = &progress.end {
            row.status = Set(end.status.as_str().to_owned());
            row.outcome = Set(self.outcome.clone());
            row.ended_at = Set(Some(at.as_millis()));
        }
        let mut update = tasks::Entity::update_many().set(row);
        if let Some(wake_at) = &progress.waits {
            let due = match wake_at {
                Some(at) => Expr::case(Column::ExpiresAt.lt(at.as_millis()), Expr::col(Column::ExpiresAt))
                    .finally(Expr::value(at.as_millis()))
                    .into(),
                None => Expr::col(Column::ExpiresAt),
            };
            update = update.col_expr(Column::WakeAt, due);
        }
        let held = Condition::all()
            .add(Column::Id.eq(&self.id))
            .add(Column::WorkspaceId.eq(self.workspace.to_string()))
            .add(Column::LeaseEpoch.eq(self.epoch))
            .add(Column::Status.eq(TaskStatus::Running.as_str()));
        let mut update = update.filter(held.clone());
        if let Some(first) = self.first_seq {
            update = update.filter(Column::LastSeq.eq(from_count(first) - 1));
        }
        if update.exec(transaction).await?.rows_affected > 0 {
            return Ok(());
        }
        match tasks::Entity::find().filter(held).one(transaction).await? {
            Some(task) => Err(Error::corrupt(
                "journal",
                format!("entry {:?} does not follow entry {}", self.first_seq, task.last_seq),
            )),
            None => Err(Error::LeaseLost),
        }
    }
}

/// Encrypts what the row of a task says in the clear, in the write that makes it sensitive.
async fn seal_row(transaction: &Transaction, task: &str, sealing: &Sealing) -> Result<(), Error> {
    use tasks::Column;
    let clear = tasks::Entity::find_by_id(task).filter(Column::IsSensitive.eq(false));
    let Some(mut row) = clear.one(transaction).await? else { return Ok(()) };
    seal(&mut row, sealing)?;
    tasks::Entity::update_many()
        .col_expr(Column::Code, Expr::value(row.code))
        .col_expr(Column::Program, Expr::value(row.program))
        .col_expr(Column::Outcome, Expr::value(row.outcome))
        .col_expr(Column::IsSensitive, Expr::value(true))
        .filter(Column::Id.eq(task))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The earlier of two moments, either of which may be none.
fn earliest(one: Option<Timestamp>, other: Option<i64>) -> Option<i64> {
    one.map(Timestamp::as_millis).into_iter().chain(other).min()
}

fn journal_rows(
    task: &str,
    workspace: WorkspaceId,
    entries: Vec<Entry>,
    sealing: Option<&Sealing>,
) -> Result<Vec<journal::Model>, Error> {
    let workspace = workspace.to_string();
    entries
        .into_iter()
        .map(|entry| {
            let body = entry.event.body().map_err(|error| Error::Other(error.to_string()))?;
            let seq = from_count(entry.seq);
            let body = match sealing {
                None => body.as_str().to_owned(),
                Some(sealing) => {
                    sealing.seal(&entry_place(&workspace, task, &seq.to_string()), body.as_str())?
                }
            };
            Ok(journal::Model {
                task_id: task.to_owned(),
                seq,
                workspace_id: workspace.clone(),
                at: entry.at.as_millis(),
                kind: entry.event.kind().to_owned(),
                body,
            })
        })
        .collect()
}

fn call_row(task: &str, workspace: WorkspaceId, call: &CallRow) -> Result<calls::ActiveModel, Error> {
    let row = calls::Model {
        task_id: task.to_owned(),
        number: i64::from(call.number),
        workspace_id: workspace.to_string(),
        path: call.path.clone(),
        connection_id: call.connection.map(|id| id.to_string()),
        state: call.state.as_str().to_owned(),
        side_effect: call.side_effect.map(|effect| effect.as_str().to_owned()),
        issued_digest: call.issued.to_string(),
        sent_digest: call.sent.map(|digest| digest.to_string()),
        operation_digest: None,
        envelope: None,
        request: None,
        repeatable: None,
        decision: call.decision.as_ref().map(to_json).transpose()?,
        upstream_key: None,
        time_limit_ms: None,
        error_code: call.error.map(|code| code.as_str().to_owned()),
        issued_at: call.issued_at.as_millis(),
        held_at: None,
        held_until: None,
        started_at: call.started_at.map(Timestamp::as_millis),
        settled_at: call.settled_at.map(Timestamp::as_millis),
    };
    Ok(row.into_active_model())
}

async fn upsert_calls(transaction: &Transaction, rows: Vec<calls::ActiveModel>) -> Result<(), Error> {
    use calls::Column;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        let replaced = OnConflict::columns([Column::TaskId, Column::Number])
            .update_columns([
                Column::Path,
                Column::ConnectionId,
                Column::State,
                Column::SideEffect,
                Column::SentDigest,
                Column::Decision,
                Column::ErrorCode,
                Column::StartedAt,
                Column::SettledAt,
            ])
            .to_owned();
        calls::Entity::insert_many(chunk).on_conflict(replaced).exec_without_returning(transaction).await?;
    }
    Ok(())
}
