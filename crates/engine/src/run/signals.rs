//! What others want of a task, turned into events by the holder of its lease.

use executor_core::approval::ApprovalStatus;
use executor_core::call::{CallNumber, CallState, Resolution};
use executor_core::journal::{CallDecided, CallResolved, CancelRequested, Event};
use executor_core::{Json, TaskId, Timestamp, WorkspaceId};
use executor_store::{NewSignal, Signal};

use super::recorder::Recorder;

/// What somebody wants of a task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// Its end.
    Cancel(CancelRequested),
    /// That a held call goes on, one way or another.
    Decided(CallDecided),
    /// That a call with an unknown outcome goes on.
    Resolved(CallResolved),
}

impl Wish {
    /// The signal to leave, sealed for a sensitive task.
    pub(crate) fn signal(
        &self,
        workspace: WorkspaceId,
        task: TaskId,
        id: String,
        at: Timestamp,
        is_sensitive: bool,
    ) -> Result<NewSignal, serde_json::Error> {
        let (kind, body) = match self {
            Wish::Cancel(request) => ("cancel", Json::from_serialize(request)?),
            Wish::Decided(decided) => ("decided", Json::from_serialize(decided)?),
            Wish::Resolved(resolved) => ("resolved", Json::from_serialize(resolved)?),
        };
        Ok(NewSignal { id, workspace, task, kind: kind.to_owned(), body, at, is_sensitive })
    }

    /// Reads a signal; nothing if it is of a newer build.
    fn read(signal: &Signal) -> Option<Self> {
        match signal.kind.as_str() {
            "cancel" => signal.body.read().ok().map(Wish::Cancel),
            "decided" => signal.body.read().ok().map(Wish::Decided),
            "resolved" => signal.body.read().ok().map(Wish::Resolved),
            _ => None,
        }
    }
}

/// What follows from the signals of a task.
#[derive(Debug, Default)]
pub(crate) struct Heeded {
    /// Calls that can go on.
    pub(crate) calls: Vec<CallNumber>,
    /// Somebody wants the task's end.
    pub(crate) cancel: Option<CancelRequested>,
}

/// Records what new signals say. Those that were heeded before are passed over.
pub(crate) fn heed(recorder: &Recorder, signals: &[Signal]) -> Heeded {
    let mut heeded = Heeded::default();
    for signal in signals {
        if !recorder.see(&signal.id) {
            continue;
        }
        match Wish::read(signal) {
            // It is recorded when the task ends by it.
            Some(Wish::Cancel(request)) => heeded.cancel = heeded.cancel.or(Some(request)),
            Some(Wish::Decided(decided)) => {
                let call = decided.call;
                let is_answer = recorder.is_answer(call, decided.approval);
                let state = match decided.status {
                    ApprovalStatus::Approved => CallState::Approved,
                    // That nobody wants to answer is an answer, too: the API learns it.
                    _ if is_answer => CallState::Approved,
                    _ => CallState::Denied,
                };
                // A decision about what is not waiting any more changes nothing.
                if recorder.call_state(call) == Some(CallState::Held) {
                    recorder.record(Event::CallDecided(decided));
                    recorder.change_known_call(call, |row| row.state = state);
                    heeded.calls.push(call);
                } else if is_answer {
                    // The request is open, and whoever waits for the answer sees it.
                    recorder.record(Event::CallDecided(decided));
                }
            }
            Some(Wish::Resolved(resolved)) => {
                let call = resolved.call;
                if recorder.call_state(call) == Some(CallState::Unknown) {
                    let again = resolved.resolution == Resolution::Retry;
                    recorder.record(Event::CallResolved(resolved));
                    if again {
                        recorder.change_known_call(call, |row| {
                            (row.state, row.sent, row.started_at) = (CallState::Issued, None, None);
                        });
                    }
                    heeded.calls.push(call);
                }
            }
            None => tracing::warn!(kind = signal.kind, "a signal that this build cannot read is passed over"),
        }
    }
    heeded
}
