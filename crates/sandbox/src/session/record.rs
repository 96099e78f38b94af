//! What a journal says that a program did and learned: the other side of every comparison of a replay.

use std::collections::BTreeMap;

use executor_core::Timestamp;
use executor_core::journal::{CallIssued, Entry, Event};

use crate::output::{Output, TimerSet};
use crate::session::Delivery;
use crate::session::ledger::Ledger;
use crate::stop::Stop;

/// The part of a journal that replay reads.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    /// What the program learned, and when, in order.
    pub(super) deliveries: Vec<(Delivery, Timestamp)>,
    calls: BTreeMap<u32, &'a CallIssued>,
    lines: u32,
    items: u32,
    ended: bool,
}

impl<'a> Record<'a> {
    pub(super) fn of(history: &'a [Entry]) -> Self {
        let mut record = Self::default();
        for entry in history {
            match &entry.event {
                Event::CallIssued(call) => {
                    record.calls.insert(call.call, call);
                }
                Event::CallSettled(settled) => {
                    let delivery =
                        Delivery::CallSettled { call: settled.call, outcome: settled.outcome.clone() };
                    record.deliveries.push((delivery, entry.at));
                }
                Event::TimerFired(fired) => {
                    record.deliveries.push((Delivery::TimerFired { timer: fired.timer }, entry.at));
                }
                Event::Console(line) => record.lines = record.lines.max(line.line),
                Event::Emitted(item) => record.items = record.items.max(item.item),
                Event::ProgramEnded(_) => {
                    record.ended = true;
                    // What settled after the end reached no code.
                    break;
                }
                _ => {}
            }
        }
        record
    }

    /// Whether the program has done anything yet that running it again could contradict.
    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
            && self.calls.is_empty()
            && self.lines == 0
            && self.items == 0
            && !self.ended
    }

    /// Holds what came out against the record.
    pub(super) fn check(&self, output: &Output) -> Result<(), Stop> {
        let Output::Call(now) = output else { return Ok(()) };
        match self.calls.get(&now.event.call) {
            Some(recorded) if recorded.path != now.event.path || recorded.digest != now.event.digest => {
                Err(diverged(describe(recorded), describe(&now.event)))
            }
            _ => Ok(()),
        }
    }

    /// Whether a recorded delivery can be made again.
    pub(super) fn check_delivery(&self, delivery: &Delivery, ledger: &Ledger) -> Result<(), Stop> {
        match delivery {
            Delivery::CallSettled { call, .. } if !ledger.is_call_pending(*call) => {
                let recorded =
                    self.calls.get(call).map_or(format!("the outcome of call {call}"), |call| describe(call));
                let now = if ledger.was_call_issued(*call) {
                    "had that outcome already"
                } else {
                    "never made that call"
                };
                Err(diverged(recorded, format!("the program {now}")))
            }
            Delivery::TimerFired { timer } if !ledger.is_timer_pending(*timer) => {
                Err(diverged(format!("timer {timer} fired"), "the program has no such timer".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The program ended although there was more to deliver.
    pub(super) fn ended_early(&self, delivery: &Delivery) -> Stop {
        let recorded = match delivery {
            Delivery::CallSettled { call, .. } => format!("the outcome of call {call} came in"),
            Delivery::TimerFired { timer } => format!("timer {timer} fired"),
        };
        diverged(recorded, "the program had ended before that".to_owned())
    }

    /// Whether everything that was recorded has happened again.
    pub(super) fn check_whole(&self, ledger: &Ledger, ended: bool) -> Result<(), Stop> {
        if let Some(missing) = self.calls.values().find(|call| !ledger.was_call_issued(call.call)) {
            return Err(diverged(describe(missing), "the program never made that call".to_owned()));
        }
        if self.ended && !ended {
            return Err(diverged("the program ended".to_owned(), "the program went on".to_owned()));
        }
        Ok(())
    }

    /// What of an output is still to be told once everything recorded has been delivered.
    pub(super) fn remaining(&self, output: Output, ledger: &Ledger) -> Option<Output> {
        match output {
            Output::Call(mut call) => {
                call.replayed = self.calls.contains_key(&call.event.call);
                // An ended program has no use for outcomes, but its calls in flight are still its engine's.
                let open = ledger.is_call_pending(call.event.call);
                open.then_some(Output::Call(call))
            }
            Output::TimerSet(timer) => {
                let replayed = !self.is_empty();
                ledger
                    .is_timer_pending(timer.timer)
                    .then_some(Output::TimerSet(TimerSet { replayed, ..timer }))
            }
            Output::TimerCleared { .. } => None,
            Output::Console(line) => (line.line > self.lines).then_some(Output::Console(line)),
            Output::Emit(item) => (item.item > self.items).then_some(Output::Emit(item)),
            Output::Compiled(_) | Output::Idle { .. } | Output::Settled(_) => Some(output),
        }
    }
}

fn diverged(recorded: String, now: String) -> Stop {
    Stop::ReplayDiverged { recorded, now }
}

fn describe(call: &CallIssued) -> String {
    const MOST_SHOWN: usize = 500;
    let shown = |text: &str| match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    let (arguments, options) = (shown(call.arguments.as_str()), shown(call.options.as_str()));
    format!("call {} of tools.{}({arguments}, {options})", call.call, call.path)
}
