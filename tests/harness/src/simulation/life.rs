//! One engine from its start to its end, and the clients that it has meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use executor_core::journal::Entry;
use executor_core::{Json, TaskId};
use executor_engine::{EventFilter, Executor, PageRequest, Submission, Until, Workspace};
use futures::future::join_all;
use serde_json::{Value, json};

use super::{Honesty, Simulation};
use crate::check::Left;
use crate::disk::Disk;
use crate::history::{Ending, History};

/// How long a client waits for an end that should come at once.
const PATIENCE_MS: u64 = 30_000;

/// A task that a client wants done.
pub(super) struct Case {
    pub(super) tag: String,
    pub(super) code: String,
    /// Whether the client thinks better of it.
    pub(super) cancel: bool,
    /// Whether the client reads the journal meanwhile.
    pub(super) read: bool,
    /// Whether the client has submitted it. Without a key it does not do so again: it cannot know whether it was heard.
    pub(super) submitted: AtomicBool,
}

/// An engine.
pub(super) struct Life {
    pub(super) executor: Executor,
    pub(super) workspace: Workspace,
    disk: Arc<Disk>,
}

impl Life {
    /// Starts an engine on a disk; nothing if it dies of that.
    pub(super) async fn start(
        simulation: &Simulation,
        disk: &Arc<Disk>,
        life: u64,
        honesty: Honesty,
    ) -> Option<Self> {
        let executor = simulation.engine(disk, life, honesty).await?;
        let owner = executor.local_owner(true).await.ok()?;
        let workspace = executor.enter(&owner, "default").await.ok()?;
        Some(Self { executor, workspace, disk: disk.clone() })
    }

    /// Clients submit what is not acknowledged yet, and wait for all ends.
    pub(super) async fn live(&self, cases: &[Case], history: &History) {
        join_all(cases.iter().map(|case| self.client(case, history))).await;
    }

    async fn client(&self, case: &Case, history: &History) {
        let has_key = case.tag.ends_with('1');
        if history.id_of(&case.tag).is_none() {
            if case.submitted.swap(true, Ordering::SeqCst) && !has_key {
                return;
            }
            let submission = Submission {
                code: case.code.clone(),
                idempotency_key: has_key.then(|| case.tag.clone()),
                metadata: Json::from_serialize(&json!({ "tag": case.tag })).ok(),
                ..Submission::default()
            };
            let Ok(task) = self.workspace.submit(submission).await else { return };
            self.unless_dead(|| history.accepted(&case.tag, &task.summary.id.to_string()));
        }
        let Some(id) = history.id_of(&case.tag) else { return };
        let task: TaskId = id.parse().unwrap();
        if case.read
            && let Some(journal) = self.journal(task).await
        {
            self.unless_dead(|| history.read(&id, journal));
        }
        if case.cancel {
            let cancelled = self.workspace.cancel(task, None).await;
            if cancelled.is_ok_and(|task| task.summary.status.as_str() == "cancelled") {
                self.unless_dead(|| history.cancelled(&id));
            }
        }
        let Ok(task) = self.workspace.wait(task, Until::Stuck, Duration::from_millis(PATIENCE_MS)).await
        else {
            return;
        };
        if let Some(ending) = Ending::of(&serde_json::to_value(&task).unwrap()) {
            self.unless_dead(|| history.ended(&id, ending));
        }
    }

    /// A dead engine tells nobody anything.
    fn unless_dead(&self, told: impl FnOnce()) {
        if !self.disk.fate().is_dead() {
            told();
        }
    }

    async fn journal(&self, task: TaskId) -> Option<Vec<Value>> {
        let filter = EventFilter { after: 0, limit: Some(1_000) };
        Some(self.workspace.events(task, filter).await.ok()?.iter().map(shown).collect())
    }

    /// What is left of all tasks, each at its end if it comes to one.
    pub(super) async fn left(&self) -> Vec<Left> {
        let mut left = Vec::new();
        for task in self.workspace.tasks(None, &PageRequest::default()).await.unwrap().items {
            let view =
                self.workspace.wait(task.id, Until::Stuck, Duration::from_millis(PATIENCE_MS)).await.unwrap();
            let view = serde_json::to_value(&view).unwrap();
            let calls = self.workspace.calls(task.id).await.unwrap();
            left.push(Left {
                id: task.id.to_string(),
                tag: view["metadata"]["tag"].as_str().unwrap_or_default().to_owned(),
                ending: Ending::of(&view),
                journal: self.journal(task.id).await.unwrap(),
                calls: calls
                    .iter()
                    .map(|call| (call.number.into(), call.state.as_str().to_owned()))
                    .collect(),
            });
        }
        left
    }

    /// Nobody uses it any more. What it still has under way fails on its dead disk, before another life begins: a request
    /// of the dead that came late would be taken for one of the living.
    pub(super) async fn end(self) {
        self.disk.fate().die();
        self.executor.shutdown(Duration::from_secs(10)).await;
    }
}

/// An event as the API shows it.
fn shown(entry: &Entry) -> Value {
    let data: Value = serde_json::from_str(entry.event.body().unwrap().as_str()).unwrap();
    json!({ "seq": entry.seq, "at": entry.at, "type": entry.event.kind(), "data": data })
}
