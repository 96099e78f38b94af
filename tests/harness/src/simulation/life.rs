//! One engine from its start to its end, and the clients that it has meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use executor_core::approval::ApprovalStatus;
use executor_core::journal::Entry;
use executor_core::{Json, TaskId};
use executor_engine::{EventFilter, Executor, PageRequest, Submission, Until, Workspace};
use futures::future::join_all;
use serde_json::{Value, json};

use super::{Honesty, Simulation};
use crate::check::Left;
use crate::disk::Disk;
use crate::history::{Ending, History};
use crate::person;
use crate::random::Random;

/// How long a client waits for an end that should come at once.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// What a life is for, and its number among those of a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Tasks are carried out.
    Whole(u64),
    /// Nothing is carried out: people only decide.
    Desk(u64),
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
        kind: Kind,
        honesty: Honesty,
    ) -> Option<Self> {
        let executor = simulation.engine(disk, kind, honesty).await?;
        let owner = executor.local_owner(true).await.ok()?;
        let workspace = executor.enter(&owner, "default").await.ok()?;
        Some(Self { executor, workspace, disk: disk.clone() })
    }

    /// Everybody does their part until all tasks have come to their ends. Gives what is left.
    pub(super) async fn to_the_end(
        &self,
        cases: &[Case],
        history: &History,
        random: &mut Random,
    ) -> Vec<Left> {
        let ends = Box::pin(async {
            self.live(cases, history).await;
            self.left().await
        });
        tokio::select! {
            () = self.person(random, history) => unreachable!("nobody ends this life"),
            left = ends => left,
        }
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
        if let Some(task) = self.end_of(task).await
            && let Some(ending) = Ending::of(&task)
        {
            self.unless_dead(|| history.ended(&id, ending));
        }
    }

    /// A task at its end, or where it comes to none.
    async fn end_of(&self, task: TaskId) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        // A view is put together of several reads, and somebody may decide between them: it has to be so twice.
        let mut stuck = 0;
        loop {
            let view = self.workspace.wait(task, Until::Stuck, PATIENCE).await.ok()?;
            let view = serde_json::to_value(&view).unwrap();
            stuck = if person::knows_nothing_of(&view) { stuck + 1 } else { 0 };
            if Ending::of(&view).is_some() || stuck == 2 || Instant::now() > deadline {
                return Some(view);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// A person decides about what waits for them, now and then, for as long as the engine lives.
    pub(super) async fn person(&self, random: &mut Random, history: &History) {
        while !self.disk.fate().is_dead() {
            tokio::time::sleep(Duration::from_millis(random.below(6))).await;
            self.decide(random, history).await;
        }
    }

    /// Decides about some of what waits for a person. Gives how many of these decisions count.
    pub(super) async fn decide(&self, random: &mut Random, history: &History) -> usize {
        let mut decided = 0;
        let open = self.workspace.approvals(Some(ApprovalStatus::Open), None, &PageRequest::default()).await;
        for approval in open.map(|page| page.items).unwrap_or_default() {
            let (id, task) = (approval.id.to_string(), approval.task.to_string());
            self.unless_dead(|| history.asked(&id));
            if random.once_in(3) {
                continue;
            }
            let decision = person::decision(&approval.arguments.read().unwrap());
            let decision = serde_json::from_value(decision).unwrap();
            if self.workspace.resolve_approval(approval.id, decision).await.is_ok() {
                self.unless_dead(|| {
                    history.decided(&id, &task);
                    decided += 1;
                });
            }
        }
        decided
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
    async fn left(&self) -> Vec<Left> {
        let mut left = Vec::new();
        for task in self.workspace.tasks(None, &PageRequest::default()).await.unwrap().items {
            let view = self.end_of(task.id).await.unwrap();
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
