//! What everybody outside was told and saw while engines lived and died.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

/// What clients were told, and what the upstream saw.
#[derive(Debug, Default)]
pub struct History(Mutex<Seen>);

/// The history as it stands.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// Acknowledged tasks: tag and id.
    pub accepted: BTreeMap<String, String>,
    /// The journal of a task as far as a client has read it.
    pub journals: BTreeMap<String, Vec<Value>>,
    /// The end of a task, as a client was told.
    pub endings: BTreeMap<String, Ending>,
    /// Tasks whose cancellation was acknowledged.
    pub cancelled: BTreeSet<String>,
    /// Approvals whose decision was acknowledged, each with its task.
    pub decided: BTreeMap<String, String>,
    /// Approvals that a person found open although they had been told that their decision counts.
    pub asked_again: BTreeSet<String>,
    /// The markers of the effects, in their order.
    pub effects: Vec<Effect>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its status.
    pub status: String,
    /// Its result, or `null`.
    pub result: Value,
    /// The code of its failure.
    pub code: Option<String>,
}

/// Something that the upstream did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The marker of the call: the task's tag, a dot, the site.
    pub marker: String,
    /// The idempotency key that came with it.
    pub key: Option<String>,
    /// Whether its arguments are those of a person and not the program's.
    pub edited: bool,
}

impl Ending {
    /// As a task is shown.
    pub fn of(task: &Value) -> Option<Self> {
        let status = task["status"].as_str()?.to_owned();
        let is_final = !matches!(status.as_str(), "queued" | "running" | "waiting");
        let code = task["error"]["code"].as_str().map(str::to_owned);
        is_final.then(|| Self { status, result: task["result"].clone(), code })
    }
}

impl History {
    /// A client was told that its task is accepted.
    pub fn accepted(&self, tag: &str, id: &str) {
        self.seen().accepted.insert(tag.to_owned(), id.to_owned());
    }

    /// A client has read the journal of a task up to here.
    pub fn read(&self, id: &str, journal: Vec<Value>) {
        let mut seen = self.seen();
        let before = seen.journals.entry(id.to_owned()).or_default();
        if journal.len() > before.len() {
            *before = journal;
        }
    }

    /// A client was told how its task ended.
    pub fn ended(&self, id: &str, ending: Ending) {
        self.seen().endings.insert(id.to_owned(), ending);
    }

    /// A client was told that its task is cancelled.
    pub fn cancelled(&self, id: &str) {
        self.seen().cancelled.insert(id.to_owned());
    }

    /// A person finds an approval open.
    pub fn asked(&self, approval: &str) {
        let mut seen = self.seen();
        if seen.decided.contains_key(approval) {
            seen.asked_again.insert(approval.to_owned());
        }
    }

    /// A person was told that their decision counts.
    pub fn decided(&self, approval: &str, task: &str) {
        self.seen().decided.insert(approval.to_owned(), task.to_owned());
    }

    /// The upstream did something.
    pub fn effect(&self, effect: Effect) {
        self.seen().effects.push(effect);
    }

    /// The id of an acknowledged task.
    pub fn id_of(&self, tag: &str) -> Option<String> {
        self.seen().accepted.get(tag).cloned()
    }

    /// Everything so far.
    pub fn so_far(&self) -> Seen {
        self.seen().clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap()
    }
}
