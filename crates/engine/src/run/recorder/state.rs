//! What the recorder holds of a task: what is not written yet, and what it remembers of the journal.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use executor_core::journal::{
    AskedQuestion, CallDecided, CallHeld, CallResolved, ConsoleLine, Emitted, Entry, Event,
};
use executor_core::{ApprovalId, AuditEntry, Timestamp};
use executor_store::{ApprovalChange, CallRow, Error, NewDelivery, NewTask, TaskProgress, TaskWrite};

use crate::dialogue::Dialogue;

/// How many events are written at once where there are many: the writers of a SQLite database take turns, and none should
/// take long.
pub(super) const EVENTS_AT_ONCE: usize = 256;

pub(super) struct State {
    /// The task itself, until its first write.
    pub(super) accept: Option<NewTask>,
    /// Parts of what is not written yet, the oldest first, each of as many events as are written at once.
    pub(super) parts: VecDeque<TaskWrite>,
    /// The events after those.
    pub(super) unwritten: Vec<Entry>,
    pub(super) last_at: Timestamp,
    pub(super) progress: TaskProgress,
    pub(super) calls: BTreeMap<u32, CallRow>,
    pub(super) changed_calls: Vec<u32>,
    /// What the audit log has to be told with the next write.
    pub(super) audit: Vec<AuditEntry>,
    /// What the journal says of calls that wait for a person, or did.
    pub(super) holds: BTreeMap<u32, CallHeld>,
    pub(super) decisions: BTreeMap<u32, CallDecided>,
    pub(super) resolutions: BTreeMap<u32, CallResolved>,
    /// Calls of which the journal has what became of them.
    pub(super) settled: BTreeSet<u32>,
    /// Calls that have left since they were last held.
    pub(super) left: BTreeSet<u32>,
    /// What APIs ask, or have asked, about calls that are under way.
    pub(super) dialogues: BTreeMap<u32, Dialogue>,
    pub(super) changed_approvals: Vec<ApprovalChange>,
    /// What webhooks are told with the next write.
    pub(super) deliveries: Vec<NewDelivery>,
    /// Signals that were turned into events, and those of them that the store does not know of yet.
    pub(super) seen_signals: HashSet<String>,
    pub(super) unmarked_signals: Vec<String>,
    pub(super) console: Vec<ConsoleLine>,
    pub(super) emitted: Vec<Emitted>,
    /// The last event that is written, and the last that is on the disk.
    pub(super) written: u64,
    pub(super) synced: u64,
    /// Why a write failed. What it took with it is lost, so nothing can be written after it.
    pub(super) broken: Option<Error>,
}

impl State {
    pub(super) fn new(accept: Option<NewTask>, last_at: Timestamp, progress: TaskProgress) -> Self {
        Self {
            accept,
            parts: VecDeque::new(),
            unwritten: Vec::new(),
            last_at,
            progress,
            calls: BTreeMap::new(),
            changed_calls: Vec::new(),
            audit: Vec::new(),
            holds: BTreeMap::new(),
            decisions: BTreeMap::new(),
            resolutions: BTreeMap::new(),
            settled: BTreeSet::new(),
            left: BTreeSet::new(),
            dialogues: BTreeMap::new(),
            changed_approvals: Vec::new(),
            deliveries: Vec::new(),
            seen_signals: HashSet::new(),
            unmarked_signals: Vec::new(),
            console: Vec::new(),
            emitted: Vec::new(),
            written: 0,
            synced: 0,
            broken: None,
        }
    }

    /// Whether this event begins another part. Only the program's output does: what it stands between is about nothing but
    /// itself, while other events go with rows that are changed beside them.
    pub(super) fn is_part_full(&self, next: &Event) -> bool {
        matches!(next, Event::Console(_) | Event::Emitted(_)) && self.unwritten.len() >= EVENTS_AT_ONCE
    }

    pub(super) fn has_unwritten(&self) -> bool {
        !self.parts.is_empty() || self.has_open_part()
    }

    /// Whether there is something in no part.
    pub(super) fn has_open_part(&self) -> bool {
        !self.unwritten.is_empty()
            || !self.changed_calls.is_empty()
            || !self.changed_approvals.is_empty()
            || !self.unmarked_signals.is_empty()
            || !self.audit.is_empty()
            || self.accept.is_some()
    }

    /// What an API asks, if that approval is the answer to it.
    pub(super) fn asking(&mut self, call: u32, approval: ApprovalId) -> Option<&mut Dialogue> {
        let is_it =
            |dialogue: &&mut Dialogue| dialogue.held.as_ref().is_some_and(|held| held.approval == approval);
        self.dialogues.get_mut(&call).filter(is_it)
    }

    pub(super) fn remember(&mut self, event: &Event) {
        match event {
            Event::Console(line) => self.console.push(line.clone()),
            Event::Emitted(emitted) => self.emitted.push(emitted.clone()),
            Event::CallAsked(asked) => {
                self.dialogues.insert(asked.call, Dialogue::new(asked.clone()));
            }
            Event::CallHeld(held) if held.for_answer => {
                if let Some(dialogue) = self.dialogues.get_mut(&held.call) {
                    dialogue.held = Some(held.clone());
                }
            }
            Event::CallHeld(held) => {
                self.holds.insert(held.call, held.clone());
                self.decisions.remove(&held.call);
                self.left.remove(&held.call);
            }
            Event::CallDecided(decided) => match self.asking(decided.call, decided.approval) {
                Some(dialogue) => {
                    dialogue.held = None;
                    dialogue.decided.push(decided.clone());
                }
                None => {
                    self.decisions.insert(decided.call, decided.clone());
                }
            },
            Event::CallStarted(started) => {
                self.left.insert(started.call);
            }
            Event::CallResolved(resolved) => {
                self.dialogues.remove(&resolved.call);
                self.resolutions.insert(resolved.call, resolved.clone());
            }
            Event::CallSettled(settled) => {
                self.settled.insert(settled.call);
                self.dialogues.remove(&settled.call);
            }
            Event::CallWithdrawn(withdrawn) => {
                self.settled.insert(withdrawn.call);
            }
            _ => {}
        }
    }
}

/// About what an event takes in the journal. The large parts are counted, the rest is a constant.
pub(super) fn size_of_event(event: &Event) -> u64 {
    use executor_core::call::Outcome;
    const ROW: usize = 128;
    let variable = match event {
        Event::CallIssued(issued) => issued.arguments.as_str().len() + issued.options.as_str().len(),
        Event::CallSettled(settled) => match &settled.outcome {
            Outcome::Completed(value) => value.as_str().len(),
            Outcome::Failed(error) => {
                error.message.len() + error.details.as_ref().map_or(0, |details| details.as_str().len())
            }
        },
        Event::Console(line) => line.text.len(),
        Event::CallAsked(asked) => {
            let schema = |asked: &AskedQuestion| {
                asked.question.schema.as_ref().map_or(0, |schema| schema.as_str().len())
            };
            let details =
                |asked: &AskedQuestion| asked.question.details.as_deref().map_or(0, str::len) + schema(asked);
            asked.arguments.as_str().len()
                + asked.state.as_deref().map_or(0, str::len)
                + asked.questions.iter().map(details).sum::<usize>()
        }
        Event::CallProgress(progress) => progress.message.as_deref().map_or(0, str::len),
        Event::Emitted(emitted) => emitted.value.as_str().len(),
        Event::TaskEnded(end) => end.result.as_ref().map_or(0, |result| result.as_str().len()),
        _ => 0,
    };
    (ROW + variable) as u64
}
