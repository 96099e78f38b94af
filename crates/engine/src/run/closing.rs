//! What becomes of calls that have no outcome when the program or its task ends.

use executor_core::approval::ApprovalStatus;
use executor_core::call::{CallNumber, CallState};
use executor_core::journal::{CallDecided, CallWithdrawn, Event};
use executor_core::tool::SideEffect;
use executor_store::ApprovalChange;

use super::recorder::Recorder;

impl Recorder {
    /// A call that has not left never will, and nobody has to decide about it any more.
    pub(crate) fn withdraw(&self, call: CallNumber) {
        let approval = self.approval_of(call);
        if let Some(approval) = approval {
            self.change_approval(ApprovalChange::Close(approval, ApprovalStatus::Withdrawn));
        }
        self.record(Event::CallWithdrawn(CallWithdrawn { call, approval }));
        self.change_known_call(call, |row| row.state = CallState::Withdrawn);
    }

    /// The request over which something was asked is open no more, so nobody has to answer.
    pub(crate) fn close_live_question(&self, call: CallNumber) {
        let dialogue = self.standing(call).dialogue.filter(|dialogue| dialogue.asked.live);
        let Some(held) = dialogue.and_then(|dialogue| dialogue.held) else { return };
        let status = match self.now() >= held.until {
            true => ApprovalStatus::Expired,
            false => ApprovalStatus::Void,
        };
        self.change_approval(ApprovalChange::Close(held.approval, status));
        self.record(Event::CallDecided(CallDecided {
            call,
            approval: held.approval,
            status,
            envelope: held.envelope,
            arguments: None,
            answer: None,
            deciders: Vec::new(),
            reason: None,
            for_task: false,
        }));
    }

    /// Closes what is not settled: what may have left and must not be repeated is unknown, what else has left has
    /// failed, the rest is withdrawn. Gives those that had started.
    pub(crate) fn abandon(&self) -> Vec<CallNumber> {
        let mut started = Vec::new();
        for row in self.unsettled_calls() {
            if row.state != CallState::Started {
                self.withdraw(row.number);
                continue;
            }
            started.push(row.number);
            let repeatable = row.side_effect.is_some_and(SideEffect::may_repeat);
            let state = if repeatable { CallState::Failed } else { CallState::Unknown };
            self.change_known_call(row.number, |row| row.state = state);
        }
        started
    }
}
