//! The one writer of a task's journal.
//!
//! Events get their numbers and times here, in memory, and are written in batches. Whoever lets something leave the
//! process asks for a synced flush first; flushes that come together are one. What a program prints without end is
//! written in parts, one after the other, so that other tasks get their turn between them.

mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use executor_core::approval::ApprovalStatus;
use executor_core::call::CallState;
use executor_core::journal::{CallDecided, CallHeld, ConsoleLine, Emitted, Entry, Event, TaskWaiting};
use executor_core::task::{TaskEnd, WriteDone};
use executor_core::tool::SideEffect;
use executor_core::{ApprovalId, Clock, Digest, IdSource, TaskId, Timestamp, WorkspaceId};
use executor_store::{
    ApprovalChange, CallRow, Durability, Error, NewDelivery, NewTask, Store, Task, TaskProgress, TaskWrite,
};
use tokio::sync::watch;

use crate::audit::{Witness, submitted};
use crate::hold::Standing;
use state::{State, size_of_event};

/// The one writer of a task's journal.
pub(crate) struct Recorder {
    store: Store,
    clock: Arc<dyn Clock>,
    task: TaskId,
    workspace: WorkspaceId,
    lease_epoch: i64,
    /// Tells the audit log.
    witness: Witness,
    state: Mutex<State>,
    /// Held while a batch is written, so that batches go in order.
    flushing: tokio::sync::Mutex<()>,
    /// The number of the last event, for those who follow.
    grown: watch::Sender<u64>,
}

impl Recorder {
    /// For a task that starts to run as it is accepted.
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, task: NewTask) -> Self {
        let (id, authority, at) = (task.id, task.authority.clone(), task.created_at);
        let audit = submitted(ids.as_ref(), &task);
        let progress = TaskProgress { is_sensitive: task.is_sensitive, ..TaskProgress::default() };
        let mut state = State::new(Some(task), at, progress);
        state.audit.push(audit);
        Self::with_state(
            store,
            clock,
            Witness::new(ids, authority.clone(), id),
            id,
            authority.workspace,
            1,
            state,
        )
    }

    /// For a task that is taken up again, with its journal and its calls so far.
    pub(crate) fn resume(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        task: &Task,
        journal: &[Entry],
        calls: Vec<CallRow>,
    ) -> Self {
        let progress = TaskProgress {
            engine_ms: task.engine_ms,
            used_ms: task.used_ms,
            last_seq: task.last_seq,
            journal_bytes: task.journal_bytes,
            is_sensitive: task.new.is_sensitive,
            ..TaskProgress::default()
        };
        let last_at = journal.last().map_or(task.new.created_at, |entry| entry.at);
        let mut state = State::new(None, last_at, progress);
        state.written = task.last_seq;
        state.synced = task.last_seq;
        state.calls = calls.into_iter().map(|call| (call.number, call)).collect();
        for entry in journal {
            state.remember(&entry.event);
        }
        let (id, authority) = (task.new.id, task.new.authority.clone());
        let workspace = authority.workspace;
        let asked: Vec<_> = state.dialogues.keys().copied().collect();
        let witness = Witness::new(ids, authority, id);
        let recorder = Self::with_state(store, clock, witness, id, workspace, task.lease_epoch, state);
        // Whatever requests were open, they are not any more.
        asked.into_iter().for_each(|call| recorder.close_live_question(call));
        recorder
    }

    fn with_state(
        store: Store,
        clock: Arc<dyn Clock>,
        witness: Witness,
        task: TaskId,
        workspace: WorkspaceId,
        lease_epoch: i64,
        state: State,
    ) -> Self {
        let grown = watch::Sender::new(state.progress.last_seq);
        let (state, flushing) = (Mutex::new(state), tokio::sync::Mutex::new(()));
        Self { store, clock, task, workspace, lease_epoch, witness, state, flushing, grown }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Appends an event. Gives its time, which is never earlier than the one before.
    pub(crate) fn record(&self, event: Event) -> Timestamp {
        let mut state = self.state();
        if state.is_part_full(&event) {
            self.close_part(&mut state);
        }
        let at = self.clock.now().max(state.last_at);
        let seq = state.progress.last_seq + 1;
        state.last_at = at;
        state.progress.last_seq = seq;
        state.progress.journal_bytes += size_of_event(&event);
        state.progress.has_progressed |= event.is_delivery();
        state.remember(&event);
        state.unwritten.push(Entry { seq, at, event });
        drop(state);
        self.grown.send_replace(seq);
        at
    }

    /// Makes the row of a call, unless there is one, and changes it.
    pub(crate) fn change_call(
        &self,
        number: u32,
        fresh: impl FnOnce() -> CallRow,
        change: impl FnOnce(&mut CallRow),
    ) {
        let mut state = self.state();
        change(state.calls.entry(number).or_insert_with(fresh));
        state.changed_calls.push(number);
    }

    /// Changes the row of a call that was recorded.
    pub(crate) fn change_known_call(&self, number: u32, change: impl FnOnce(&mut CallRow)) {
        let mut state = self.state();
        let at = self.clock.now().max(state.last_at);
        if let Some(call) = state.calls.get_mut(&number) {
            let before = call.state;
            change(call);
            let told = self.witness.of_call(before, call, at);
            state.audit.extend(told);
            state.changed_calls.push(number);
        }
    }

    /// The calls that have no outcome yet.
    pub(crate) fn unsettled_calls(&self) -> Vec<CallRow> {
        use CallState::{Approved, Held, Issued, Started};
        let unsettled = |call: &&CallRow| matches!(call.state, Issued | Held | Approved | Started);
        self.state().calls.values().filter(unsettled).cloned().collect()
    }

    /// Where a call stands, if it is known.
    pub(crate) fn call_state(&self, number: u32) -> Option<CallState> {
        self.state().calls.get(&number).map(|call| call.state)
    }

    /// Whether the journal has what became of a call.
    pub(crate) fn is_settled(&self, number: u32) -> bool {
        self.state().settled.contains(&number)
    }

    /// Where a call stands, with what people have said about it.
    pub(crate) fn standing(&self, number: u32) -> Standing {
        let state = self.state();
        let row = state.calls.get(&number);
        Standing {
            state: row.map_or(CallState::Issued, |row| row.state),
            side_effect: row.and_then(|row| row.side_effect),
            sent: row.and_then(|row| row.sent),
            decided: state.decisions.get(&number).cloned(),
            resolved: state.resolutions.get(&number).cloned(),
            has_left: state.left.contains(&number),
            dialogue: state.dialogues.get(&number).cloned(),
        }
    }

    /// Whether that approval is the answer to what the API of a call asks.
    pub(crate) fn is_answer(&self, call: u32, approval: ApprovalId) -> bool {
        self.state().asking(call, approval).is_some()
    }

    /// How many requests are open for an answer of a person.
    pub(crate) fn live_questions(&self) -> u32 {
        let state = self.state();
        let live = state.dialogues.values().filter(|one| one.asked.live && one.held.is_some());
        u32::try_from(live.count()).unwrap_or(u32::MAX)
    }

    /// The approval that a call waits for, or did.
    pub(crate) fn approval_of(&self, number: u32) -> Option<ApprovalId> {
        let state = self.state();
        let asked = state.dialogues.get(&number).and_then(|dialogue| dialogue.held.as_ref());
        asked.or_else(|| state.holds.get(&number)).map(|held| held.approval)
    }

    /// What a call waits for, or did.
    pub(crate) fn held(&self, number: u32) -> Option<CallHeld> {
        self.state().holds.get(&number).cloned()
    }

    /// The decision that counts for all calls of an operation in this task, if there is one.
    pub(crate) fn granted(&self, operation: Digest) -> Option<CallDecided> {
        let state = self.state();
        let about = |call: u32| state.holds.get(&call).is_some_and(|held| held.operation == operation);
        let grants = |decided: &&CallDecided| decided.for_task && decided.status == ApprovalStatus::Approved;
        state.decisions.values().filter(grants).find(|decided| about(decided.call)).cloned()
    }

    /// Changes an approval, in the transaction of the next write.
    pub(crate) fn change_approval(&self, change: ApprovalChange) {
        self.state().changed_approvals.push(change);
    }

    /// The same for one that people are asked about, with what webhooks are told of that.
    pub(crate) fn ask(&self, change: ApprovalChange, messages: Vec<NewDelivery>) {
        let mut state = self.state();
        state.changed_approvals.push(change);
        state.deliveries.extend(messages);
    }

    /// Notes that a signal is turned into events; whether it was not before.
    pub(crate) fn see(&self, signal: &str) -> bool {
        let mut state = self.state();
        let is_new = state.seen_signals.insert(signal.to_owned());
        if is_new {
            state.unmarked_signals.push(signal.to_owned());
        }
        is_new
    }

    /// Changes what is known of the task's progress.
    pub(crate) fn progress(&self, change: impl FnOnce(&mut TaskProgress)) {
        change(&mut self.state().progress);
    }

    /// From the next event on all that is written of the task is sealed.
    pub(crate) fn becomes_sensitive(&self) {
        self.state().progress.is_sensitive = true;
    }

    /// Whether the task has called a tool that is marked as sensitive.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.state().progress.is_sensitive
    }

    /// The size of the journal, in bytes.
    pub(crate) fn journal_bytes(&self) -> u64 {
        self.state().progress.journal_bytes
    }

    /// Whether the program has learned anything in this attempt.
    pub(crate) fn has_progressed(&self) -> bool {
        self.state().progress.has_progressed
    }

    /// Whether there is something that is not written yet.
    pub(crate) fn has_unwritten(&self) -> bool {
        self.state().has_unwritten()
    }

    /// What the program has shown so far.
    pub(crate) fn output(&self) -> (Vec<ConsoleLine>, Vec<Emitted>) {
        let state = self.state();
        (state.console.clone(), state.emitted.clone())
    }

    /// The writes that were done, or that nobody can tell whether they were.
    pub(crate) fn writes_done(&self) -> Vec<WriteDone> {
        let state = self.state();
        let is_write = |call: &&CallRow| call.side_effect.is_some_and(|effect| effect != SideEffect::None);
        let outcome = |call: &CallRow| match call.state {
            CallState::Completed => Some("completed"),
            CallState::Started | CallState::Unknown => Some("unknown"),
            _ => None,
        };
        let done = |call: &CallRow| {
            let outcome = outcome(call)?.to_owned();
            Some(WriteDone { call: call.number, path: call.path.clone(), outcome })
        };
        state.calls.values().filter(is_write).filter_map(done).collect()
    }

    /// How the task ended and when, once that is recorded.
    pub(crate) fn ended(&self) -> Option<(TaskEnd, Timestamp)> {
        self.state().progress.end.clone()
    }

    /// Tells whenever there are more events.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// Appends the last event and the task's end, with what webhooks are told of it, and makes all of it durable.
    pub(crate) async fn end(&self, end: TaskEnd, messages: Vec<NewDelivery>) -> Result<(), Error> {
        self.record_end(end, messages);
        self.flush(Durability::Synced).await
    }

    fn record_end(&self, end: TaskEnd, messages: Vec<NewDelivery>) {
        let at = self.record(Event::TaskEnded(end.clone()));
        let mut state = self.state();
        let told = self.witness.of_end(&end, state.calls.values(), at);
        state.audit.extend(told);
        state.deliveries.extend(messages);
        state.progress.end = Some((end, at));
    }

    /// Writes what is not written yet; with [`Durability::Synced`] all events so far are on the disk afterwards.
    pub(crate) async fn flush(&self, durability: Durability) -> Result<(), Error> {
        let wanted = self.state().progress.last_seq;
        let _turn = self.flushing.lock().await;
        if let Some(error) = &self.state().broken {
            return Err(error.clone());
        }
        let mut parts = {
            let mut state = self.state();
            let done = match durability {
                Durability::Buffered => state.written,
                Durability::Synced => state.synced,
            };
            if state.has_unwritten() {
                self.close_part(&mut state);
            } else if done >= wanted {
                return Ok(());
            }
            state.parts.len()
        };
        if parts == 0 {
            self.store.sync().await?;
            self.state().synced = wanted;
            return Ok(());
        }
        // One after the other leaves the state: whoever asked for this may go, and the next one writes the rest.
        while let Some(part) = self.next_part(&mut parts) {
            // What makes the last part durable makes those before it durable, too.
            let durability = if parts == 0 { durability } else { Durability::Buffered };
            self.write(part, durability).await?;
        }
        Ok(())
    }

    /// The next of so many parts.
    fn next_part(&self, parts: &mut usize) -> Option<TaskWrite> {
        *parts = parts.checked_sub(1)?;
        self.state().parts.pop_front()
    }

    async fn write(&self, part: TaskWrite, durability: Durability) -> Result<(), Error> {
        let last = part.progress.last_seq;
        let written = self.store.write_task(part, durability).await;
        self.note_written(last, durability, written)
    }

    /// Makes the task wait: the lease is given back with everything recorded. [`Error::Signalled`] if somebody wants
    /// something of it; then it does not wait, and nothing is lost.
    pub(crate) async fn wait(&self, waiting: TaskWaiting) -> Result<(), Error> {
        self.flush(Durability::Buffered).await?;
        let _turn = self.flushing.lock().await;
        let write = {
            let mut state = self.state();
            let mut write = self.take(&mut state);
            let (seq, at) = (write.progress.last_seq + 1, self.clock.now().max(state.last_at));
            write.progress.last_seq = seq;
            write.progress.waits = Some(waiting.wake_at);
            write.entries.push(Entry { seq, at, event: Event::TaskWaiting(waiting) });
            write
        };
        let last = write.progress.last_seq;
        let written = self.store.write_task(write.clone(), Durability::Synced).await;
        if written == Err(Error::Signalled) {
            self.put_back(write);
            return written;
        }
        self.note_written(last, Durability::Synced, written)?;
        self.state().progress.last_seq = last;
        self.grown.send_replace(last);
        Ok(())
    }

    /// Notes how a write ended. After one that failed nothing more is written: its events are lost.
    fn note_written(
        &self,
        last: u64,
        durability: Durability,
        written: Result<(), Error>,
    ) -> Result<(), Error> {
        let mut state = self.state();
        if let Err(error) = written {
            state.broken = Some(error.clone());
            return Err(error);
        }
        state.written = last;
        if durability == Durability::Synced {
            state.synced = last;
        }
        Ok(())
    }

    /// Undoes [`Recorder::take`] after a task could not wait. Nothing was recorded meanwhile: nothing was under way.
    fn put_back(&self, mut write: TaskWrite) {
        let mut state = self.state();
        write.entries.pop();
        state.unwritten = write.entries;
        state.changed_calls.extend(write.calls.iter().map(|call| call.number));
        state.changed_approvals = write.approvals;
        state.unmarked_signals = write.seen_signals;
        state.deliveries = write.deliveries;
        state.audit = write.audit;
    }

    /// Makes a part of what is in none.
    fn close_part(&self, state: &mut State) {
        if state.has_open_part() {
            let part = self.take(state);
            state.parts.push_back(part);
        }
    }

    /// What is not written yet and is in no part.
    fn take(&self, state: &mut State) -> TaskWrite {
        let mut changed = std::mem::take(&mut state.changed_calls);
        changed.sort_unstable();
        changed.dedup();
        let calls = changed.iter().filter_map(|number| state.calls.get(number).cloned()).collect();
        let progress = state.progress.clone();
        state.progress.program = None;
        TaskWrite {
            task: self.task,
            workspace: self.workspace,
            lease_epoch: self.lease_epoch,
            accept: state.accept.take(),
            lease_until: self.store.lease_until(self.clock.now()),
            entries: std::mem::take(&mut state.unwritten),
            calls,
            approvals: std::mem::take(&mut state.changed_approvals),
            seen_signals: std::mem::take(&mut state.unmarked_signals),
            progress,
            deliveries: std::mem::take(&mut state.deliveries),
            audit: std::mem::take(&mut state.audit),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use executor_core::clock::SystemClock;
    use executor_core::id::RandomIds;
    use executor_core::journal::ConsoleLevel;
    use executor_core::task::TaskLimits;
    use executor_core::{AccountId, OrganizationId};
    use executor_store::{Authority, Location};

    use super::state::EVENTS_AT_ONCE;
    use super::*;

    #[tokio::test]
    async fn what_is_printed_without_end_is_written_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("data.db"))).await.unwrap();
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds::default()));
        let now = clock.now();
        let task = NewTask {
            id: TaskId::new(ids.as_ref(), now),
            authority: Authority {
                organization: OrganizationId::new(ids.as_ref(), now),
                workspace: WorkspaceId::new(ids.as_ref(), now),
                account: AccountId::new(ids.as_ref(), now),
                key: None,
                client: None,
                toolkit: None,
            },
            idempotency_key: None,
            code: String::new(),
            seed: 0,
            limits: TaskLimits::default(),
            metadata: None,
            runtime: String::new(),
            created_at: now,
            is_sensitive: false,
        };
        let recorder = Recorder::new(store, clock, ids, task);
        let lines = 3 * EVENTS_AT_ONCE + 10;
        for line in 1..=u32::try_from(lines).unwrap() {
            let text = format!("line {line}");
            recorder.record(Event::Console(ConsoleLine { line, level: ConsoleLevel::Info, text }));
        }
        let mut state = recorder.state();
        recorder.close_part(&mut state);
        let sizes: Vec<_> = state.parts.iter().map(|part| part.entries.len()).collect();
        assert_eq!(sizes, [EVENTS_AT_ONCE, EVENTS_AT_ONCE, EVENTS_AT_ONCE, 10]);
        // The task itself comes first, and each part says how far the journal is with it.
        let accepts: Vec<_> = state.parts.iter().map(|part| part.accept.is_some()).collect();
        assert_eq!(accepts, [true, false, false, false]);
        let ends: Vec<_> = state.parts.iter().map(|part| part.progress.last_seq).collect();
        assert_eq!(ends.last(), Some(&(lines as u64)));
        let seqs = state.parts.iter().flat_map(|part| part.entries.iter().map(|entry| entry.seq));
        assert!(seqs.eq(1..=lines as u64));
    }
}
