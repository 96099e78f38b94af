//! Reading tasks, calls and journals.

use executor_core::call::CallState;
use executor_core::journal::{CallIssued, Entry, Event};
use executor_core::task::TaskStatus;
use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, TaskId, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{calls, journal, tasks};
use crate::error::Error;
use crate::read::{count, from_count, json, named, parse, parse_some, some_time, time};
use crate::{CallRow, Store, Task};

/// The kind of [`Event::CallIssued`].
const CALL_ISSUED: &str = "call.issued";

/// Which tasks of a workspace.
#[derive(Debug, Clone, Copy, Default)]
pub struct TaskFilter {
    /// Only those with this status.
    pub status: Option<TaskStatus>,
    /// Only those that are older than this one.
    pub before: Option<TaskId>,
}

impl Store {
    /// The tasks of a workspace, newest first.
    pub async fn tasks(
        &self,
        workspace: WorkspaceId,
        filter: TaskFilter,
        limit: u32,
    ) -> Result<Vec<Task>, Error> {
        let mut query = tasks::Entity::find()
            .filter(tasks::Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_desc(tasks::Column::Id)
            .limit(u64::from(limit));
        if let Some(status) = filter.status {
            query = query.filter(tasks::Column::Status.eq(status.as_str()));
        }
        if let Some(before) = filter.before {
            query = query.filter(tasks::Column::Id.lt(before.to_string()));
        }
        let rows = query.all(&self.readers).await?;
        rows.into_iter().map(|row| crate::tasks::read(row, &self.sealing)).collect()
    }

    /// The events of a task after that one, in order. Who asks has found the task in their workspace.
    pub async fn journal(
        &self,
        workspace: WorkspaceId,
        task: TaskId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, Error> {
        let rows = journal::Entity::find()
            .filter(journal::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(journal::Column::TaskId.eq(task.to_string()))
            .filter(journal::Column::Seq.gt(from_count(after)))
            .order_by_asc(journal::Column::Seq)
            .limit(u64::from(limit))
            .all(&self.readers)
            .await?;
        rows.into_iter()
            .map(|row| {
                let (kind, seq, at) = (row.kind.clone(), count(row.seq), time(row.at));
                let event = Event::from_parts(&kind, &self.open_entry(row)?)
                    .map_err(|error| Error::corrupt("journal", error))?;
                Ok(Entry { seq, at, event })
            })
            .collect()
    }

    /// The calls of a task as the code gave them, by number.
    pub async fn issued_calls(&self, workspace: WorkspaceId, task: TaskId) -> Result<Vec<CallIssued>, Error> {
        let rows = journal::Entity::find()
            .filter(journal::Column::WorkspaceId.eq(workspace.to_string()))
            .filter(journal::Column::TaskId.eq(task.to_string()))
            .filter(journal::Column::Kind.eq(CALL_ISSUED))
            .order_by_asc(journal::Column::Seq)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(|row| json("journal", &self.open_entry(row)?)).collect()
    }

    /// The calls of a task, by number.
    pub async fn calls(&self, workspace: WorkspaceId, task: TaskId) -> Result<Vec<CallRow>, Error> {
        let rows = calls::Entity::find()
            .filter(calls::Column::TaskId.eq(task.to_string()))
            .filter(calls::Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_asc(calls::Column::Number)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read_call).collect()
    }

    /// The body of an event.
    fn open_entry(&self, row: journal::Model) -> Result<String, Error> {
        let seq = row.seq.to_string();
        self.sealing.open(&entry_place(&row.workspace_id, &row.task_id, &seq), row.body)
    }
}

/// Where the body of an event is sealed.
pub(crate) fn entry_place<'a>(workspace: &'a str, task: &'a str, seq: &'a str) -> [&'a str; 4] {
    ["journal", workspace, task, seq]
}

fn read_call(row: calls::Model) -> Result<CallRow, Error> {
    let state = CallState::ALL.into_iter().find(|state| state.as_str() == row.state);
    Ok(CallRow {
        number: u32::try_from(row.number).map_err(|error| Error::corrupt("calls", error))?,
        path: row.path,
        connection: parse_some("calls", row.connection_id.as_deref())?,
        state: named("calls", state, &row.state)?,
        side_effect: row.side_effect.as_deref().and_then(SideEffect::from_name),
        issued: parse("calls", &row.issued_digest)?,
        sent: parse_some("calls", row.sent_digest.as_deref())?,
        decision: row.decision.as_deref().map(|text| json("calls", text)).transpose()?,
        error: row.error_code.as_deref().and_then(ErrorCode::from_name),
        issued_at: time(row.issued_at),
        started_at: some_time(row.started_at),
        settled_at: some_time(row.settled_at),
    })
}
