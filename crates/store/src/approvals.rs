//! What people have to decide.
//!
//! A decision is one transaction: it changes the approval, if nobody else has since it was read, leaves the signal for
//! the task, and queues the task if it waits. Decisions that arrive together cause one resume.

use executor_core::approval::{ApprovalStatus, Envelope, Vote};
use executor_core::call::RequestSummary;
use executor_core::policy::Decision;
use executor_core::{AccountId, ApprovalId, AuditEntry, OrganizationId, TaskId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::approvals;
use crate::error::Error;
use crate::read::{json, named, parse, some_time, time, to_json};
use crate::sealing::{Sealing, is_sealed};
use crate::signals::{self, NewSignal, leave};
use crate::transaction::Transaction;
use crate::webhook_deliveries::{NewDelivery, post};

/// What a person has to decide about one call, or has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The task.
    pub task: TaskId,
    /// The number of the call.
    pub call: u32,
    /// Whose task it is.
    pub submitter: AccountId,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// Rises with each change.
    pub version: i64,
    /// What exactly is approved.
    pub envelope: Envelope,
    /// What will be sent, as far as a person may see it; nothing where a question is answered.
    pub request: Option<RequestSummary>,
    /// What policy said, with who may approve.
    pub decision: Decision,
    /// What people have said so far.
    pub votes: Vec<Vote>,
    /// The line of the code that makes the call.
    pub line: Option<u32>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When nobody may decide any more.
    pub expires_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Whether what it shows is to be sealed.
    pub is_sensitive: bool,
}

/// What the holder of a task's lease does to an approval, in the transaction that records why.
#[derive(Debug, Clone)]
pub enum ApprovalChange {
    /// It is asked for.
    Open(Box<Approval>),
    /// The approved call leaves. [`Error::Changed`] unless it was approved and not used.
    Use(ApprovalId),
    /// It counts no more: `withdrawn`, or `void`. Nothing happens if it is closed otherwise.
    Close(ApprovalId, ApprovalStatus),
    /// Today's policy wants other people: it waits for them, with what was said so far.
    Reopen(ApprovalId, Box<Decision>),
}

/// What a person, or the time, does to an approval.
#[derive(Debug, Clone)]
pub struct ApprovalDecision {
    /// The approval as it will be. It is written only if nobody has changed it since this was read.
    pub approval: Approval,
    /// What its task is told, if this settles the matter.
    pub signal: Option<NewSignal>,
    /// What webhooks are told of it.
    pub deliveries: Vec<NewDelivery>,
    /// Who decides, for the audit log.
    pub audit: AuditEntry,
}

/// Which approvals of a workspace.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApprovalFilter {
    /// Only those that stand there.
    pub status: Option<ApprovalStatus>,
    /// Only those of this task.
    pub task: Option<TaskId>,
    /// Only those that are older than this one.
    pub before: Option<ApprovalId>,
}

impl Store {
    /// An approval of a workspace.
    pub async fn approval(&self, workspace: WorkspaceId, approval: ApprovalId) -> Result<Approval, Error> {
        let row = approvals::Entity::find_by_id(approval.to_string())
            .filter(approvals::Column::WorkspaceId.eq(workspace.to_string()))
            .one(&self.readers)
            .await?;
        row.map(|row| read(row, &self.sealing)).transpose()?.ok_or(Error::NotFound("approval"))
    }

    /// The approvals of a workspace, newest first.
    pub async fn approvals(
        &self,
        workspace: WorkspaceId,
        filter: ApprovalFilter,
        limit: u32,
    ) -> Result<Vec<Approval>, Error> {
        use approvals::Column;
        let mut query = approvals::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit));
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(task) = filter.task {
            query = query.filter(Column::TaskId.eq(task.to_string()));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before.to_string()));
        }
        let rows = query.all(&self.readers).await?;
        rows.into_iter().map(|row| read(row, &self.sealing)).collect()
    }

    /// Open approvals of the whole deployment that nobody may decide any more, oldest first.
    pub async fn overdue_approvals(&self, now: Timestamp, limit: u32) -> Result<Vec<Approval>, Error> {
        use approvals::Column;
        let overdue = approvals::Entity::find()
            .filter(Column::Status.eq(ApprovalStatus::Open.as_str()))
            .filter(Column::ExpiresAt.lte(now.as_millis()))
            .order_by_asc(Column::ExpiresAt)
            .limit(u64::from(limit));
        let rows = overdue.all(&self.readers).await?;
        rows.into_iter().map(|row| read(row, &self.sealing)).collect()
    }

    /// Writes a decision. [`Error::Changed`] if the approval is not as it was read; then nothing is written.
    pub async fn decide_approval(&self, decision: ApprovalDecision) -> Result<(), Error> {
        let ApprovalDecision { approval, signal, deliveries, audit } = decision;
        let read_version = approval.version;
        let row = row(&Approval { version: read_version + 1, ..approval }, &self.sealing)?;
        let signal = signal.map(|signal| signals::prepare(signal, &self.sealing)).transpose()?;
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                use approvals::Column;
                if let Some(signal) = signal {
                    // First, as it locks the task's row, which a task that is about to wait locks first as well.
                    leave(transaction, signal).await?;
                }
                let changed = approvals::Entity::update_many()
                    .set(row.clone().into_active_model().reset_all())
                    .filter(Column::Id.eq(row.id))
                    .filter(Column::WorkspaceId.eq(row.workspace_id))
                    .filter(Column::Status.eq(ApprovalStatus::Open.as_str()))
                    .filter(Column::Version.eq(read_version))
                    .exec(transaction)
                    .await?;
                if changed.rows_affected == 0 {
                    return Err(Error::Changed);
                }
                post(transaction, deliveries).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

/// What the holder of a lease does to approvals, in its transaction.
pub(crate) async fn apply(transaction: &Transaction, changes: Vec<PreparedChange>) -> Result<(), Error> {
    for change in changes {
        match change {
            PreparedChange::Insert(row) => {
                approvals::Entity::insert(row.into_active_model())
                    .exec_without_returning(transaction)
                    .await?;
            }
            PreparedChange::Become { id, from, to, decision, is_required } => {
                use approvals::Column;
                let mut update = approvals::Entity::update_many()
                    .col_expr(Column::Status, Expr::value(to.as_str()))
                    .col_expr(Column::Version, Expr::col(Column::Version).add(1))
                    .filter(Column::Id.eq(id))
                    .filter(Column::Status.is_in(from.iter().map(|status| status.as_str())));
                if let Some(decision) = decision {
                    update = update.col_expr(Column::Decision, Expr::value(decision));
                }
                let changed = update.exec(transaction).await?;
                if is_required && changed.rows_affected == 0 {
                    return Err(Error::Changed);
                }
            }
        }
    }
    Ok(())
}

/// A change with everything that could fail done.
pub(crate) enum PreparedChange {
    Insert(Box<approvals::Model>),
    Become {
        id: String,
        from: &'static [ApprovalStatus],
        to: ApprovalStatus,
        decision: Option<String>,
        is_required: bool,
    },
}

pub(crate) fn prepare(change: &ApprovalChange, sealing: &Sealing) -> Result<PreparedChange, Error> {
    use ApprovalStatus::{Approved, Open, Used};
    let become_one = |id: &ApprovalId, from, to, is_required| PreparedChange::Become {
        id: id.to_string(),
        from,
        to,
        decision: None,
        is_required,
    };
    Ok(match change {
        ApprovalChange::Open(approval) => PreparedChange::Insert(Box::new(row(approval, sealing)?)),
        ApprovalChange::Use(id) => become_one(id, &[Approved], Used, true),
        ApprovalChange::Close(id, status) => become_one(id, &[Open, Approved], *status, false),
        ApprovalChange::Reopen(id, decision) => PreparedChange::Become {
            id: id.to_string(),
            from: &[Approved],
            to: Open,
            decision: Some(to_json(decision)?),
            is_required: true,
        },
    })
}

fn row(approval: &Approval, sealing: &Sealing) -> Result<approvals::Model, Error> {
    let (id, workspace_id) = (approval.id.to_string(), approval.workspace.to_string());
    let seal = |column: &str, text: String| {
        sealing.seal_if(approval.is_sensitive, &place(&workspace_id, &id, column), text)
    };
    let (envelope, request) =
        (seal("envelope", to_json(&approval.envelope)?)?, seal("request", to_json(&approval.request)?)?);
    Ok(approvals::Model {
        id,
        organization_id: approval.organization.to_string(),
        workspace_id,
        task_id: approval.task.to_string(),
        call: i64::from(approval.call),
        account_id: approval.submitter.to_string(),
        status: approval.status.as_str().to_owned(),
        version: approval.version,
        envelope,
        request,
        decision: to_json(&approval.decision)?,
        votes: to_json(&approval.votes)?,
        line: approval.line.map(i64::from),
        created_at: approval.created_at.as_millis(),
        expires_at: approval.expires_at.as_millis(),
        decided_at: approval.decided_at.map(Timestamp::as_millis),
    })
}

/// Where a column of an approval is sealed.
fn place<'a>(workspace: &'a str, id: &'a str, column: &'a str) -> [&'a str; 4] {
    ["approvals", workspace, id, column]
}

fn read(row: approvals::Model, sealing: &Sealing) -> Result<Approval, Error> {
    const TABLE: &str = "approvals";
    let is_sensitive = is_sealed(&row.envelope);
    let open = |column: &str, text: String| sealing.open(&place(&row.workspace_id, &row.id, column), text);
    let narrow = |value: i64| u32::try_from(value).map_err(|error| Error::corrupt(TABLE, error));
    Ok(Approval {
        id: parse(TABLE, &row.id)?,
        organization: parse(TABLE, &row.organization_id)?,
        workspace: parse(TABLE, &row.workspace_id)?,
        task: parse(TABLE, &row.task_id)?,
        call: narrow(row.call)?,
        submitter: parse(TABLE, &row.account_id)?,
        status: named(TABLE, ApprovalStatus::from_name(&row.status), &row.status)?,
        version: row.version,
        envelope: json(TABLE, &open("envelope", row.envelope)?)?,
        request: json(TABLE, &open("request", row.request)?)?,
        decision: json(TABLE, &row.decision)?,
        votes: json(TABLE, &row.votes)?,
        line: row.line.map(narrow).transpose()?,
        created_at: time(row.created_at),
        expires_at: time(row.expires_at),
        decided_at: some_time(row.decided_at),
        is_sensitive,
    })
}
