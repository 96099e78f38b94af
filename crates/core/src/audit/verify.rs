//! Checking a chain: entry by entry, in constant memory.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::AuditAction;
use crate::audit::chain::{AuditHead, AuditRow, BEFORE_FIRST};
use crate::json::Digest;

/// The most problems that are listed; all are counted.
const MOST_LISTED: usize = 100;

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditProblem {
    /// The number is not there.
    EntryMissing,
    /// The entry, or its link, is not what was sealed.
    EntryAltered,
    /// The details are not what was written.
    PayloadAltered,
    /// The details are gone, and retention did not remove them.
    PayloadMissing,
    /// There are entries, and nothing says where the chain ends.
    HeadMissing,
    /// The head was not written by whoever holds the key.
    HeadForged,
    /// The head was written under a key that is not at hand, so that nobody can tell.
    HeadKeyUnknown,
    /// The chain ends elsewhere than its head says.
    TailAltered,
}

/// Whether a head was written by whoever holds the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadProof {
    /// It was.
    Authentic,
    /// It was not.
    Forged,
    /// It was written under a key that is not at hand.
    KeyUnknown,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditFinding {
    /// The place in the chain.
    pub number: u64,
    /// What is wrong there.
    pub problem: AuditProblem,
}

/// What came of checking a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// Whether everything that is sealed is as it was.
    pub intact: bool,
    /// How many sealed entries were checked.
    pub entries: u64,
    /// The last link. Keep it elsewhere, with the number of entries: later the chain has to contain it.
    pub head: Option<String>,
    /// Entries whose details retention has removed.
    pub payloads_removed: u64,
    /// Entries that are not sealed yet. Nothing protects them.
    pub unsealed: u64,
    /// How many problems there are.
    pub problems: u64,
    /// The first hundred of them.
    pub findings: Vec<AuditFinding>,
}

/// What the database has besides the entries.
#[derive(Debug, Clone)]
pub struct ChainEnd {
    /// Where the chain is said to end, and whether that was said by the holder of the key.
    pub head: Option<(AuditHead, HeadProof)>,
    /// Sealed entries beyond that.
    pub beyond: u64,
    /// Entries that are not sealed yet.
    pub unsealed: u64,
}

/// Checks a chain from its first entry to its last.
#[derive(Debug)]
pub struct Verifier {
    organization: String,
    next: u64,
    previous: String,
    entries: u64,
    payloads_removed: u64,
    /// The youngest entry without its details.
    youngest_removed: Option<(i64, u64)>,
    /// Up to when retention says that it removed details.
    removed_until: i64,
    problems: u64,
    findings: Vec<AuditFinding>,
}

impl Verifier {
    /// For the chain of an organization, as rows have its id.
    pub fn new(organization: impl ToString) -> Self {
        Self {
            organization: organization.to_string(),
            next: 1,
            previous: BEFORE_FIRST.to_owned(),
            entries: 0,
            payloads_removed: 0,
            youngest_removed: None,
            removed_until: i64::MIN,
            problems: 0,
            findings: Vec::new(),
        }
    }

    /// Takes the next sealed entry, in the order of the numbers.
    pub fn check(&mut self, row: &AuditRow) {
        let number = row.number.unwrap_or_default();
        if number != self.next {
            self.find(self.next, AuditProblem::EntryMissing);
        }
        self.entries += 1;
        let link = row.link.as_deref().unwrap_or_default();
        // Where entries are missing, nobody knows the link before this one; what follows can still be checked.
        if row.organization != self.organization
            || (number == self.next && row.link_after(&self.previous, number) != link)
        {
            self.find(number, AuditProblem::EntryAltered);
        }
        match &row.payload {
            Some(payload) if Digest::of(payload.as_bytes()).to_string() != row.payload_digest => {
                self.find(number, AuditProblem::PayloadAltered);
            }
            Some(payload) if row.action == AuditAction::PayloadsRemoved.as_str() => {
                let until = serde_json::from_str(payload).map(|Removed { until }| until);
                self.removed_until = self.removed_until.max(until.unwrap_or(i64::MIN));
            }
            Some(_) => {}
            None => {
                self.payloads_removed += 1;
                self.youngest_removed = self.youngest_removed.max(Some((row.at, number)));
            }
        }
        self.next = number + 1;
        self.previous = link.to_owned();
    }

    /// The outcome.
    pub fn finish(mut self, end: ChainEnd) -> AuditVerification {
        if let Some((_, number)) = self.youngest_removed.filter(|(at, _)| *at >= self.removed_until) {
            self.find(number, AuditProblem::PayloadMissing);
        }
        let last = self.next - 1;
        match &end.head {
            None if last > 0 || end.beyond > 0 => self.find(last, AuditProblem::HeadMissing),
            None => {}
            Some((head, proof)) => {
                match proof {
                    HeadProof::Authentic => {}
                    HeadProof::Forged => self.find(head.number, AuditProblem::HeadForged),
                    HeadProof::KeyUnknown => self.find(head.number, AuditProblem::HeadKeyUnknown),
                }
                if head.number != last || head.link != self.previous || end.beyond > 0 {
                    self.find(last, AuditProblem::TailAltered);
                }
            }
        }
        AuditVerification {
            intact: self.problems == 0,
            entries: self.entries,
            head: (last > 0).then_some(self.previous),
            payloads_removed: self.payloads_removed,
            unsealed: end.unsealed,
            problems: self.problems,
            findings: self.findings,
        }
    }

    fn find(&mut self, number: u64, problem: AuditProblem) {
        self.problems += 1;
        if self.findings.len() < MOST_LISTED {
            self.findings.push(AuditFinding { number, problem });
        }
    }
}

/// What the details of [`AuditAction::PayloadsRemoved`] say.
#[derive(Serialize, Deserialize)]
struct Removed {
    until: i64,
}
