//! The hash chain of an organization's log.
//!
//! An entry's link is the SHA-256 of a JSON array without white space: the fixed text, the entry's number, the link
//! before it, and every column but the payload, which its digest stands for. So a payload can be removed and the chain
//! still holds. The head says how long the chain is and how it ends; it is authenticated with a key that the database
//! does not have.

use crate::audit::{Actor, AuditEntry};
use crate::clock::Timestamp;
use crate::id::OrganizationId;
use crate::json::Digest;

/// The link before the first.
pub const BEFORE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry as it is stored. Everything is as the row has it, so that a row that was tampered with can be read too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of an entry")]
pub struct AuditRow {
    pub organization: String,
    pub id: String,
    pub workspace: Option<String>,
    pub at: i64,
    pub account: Option<String>,
    pub key: Option<String>,
    pub client: Option<String>,
    pub action: String,
    pub target: Option<String>,
    /// None once retention has removed it.
    pub payload: Option<String>,
    pub payload_digest: String,
    /// Its place in the chain, once it has one.
    pub number: Option<u64>,
    /// Its link, once it has one.
    pub link: Option<String>,
}

impl From<&AuditEntry> for AuditRow {
    fn from(entry: &AuditEntry) -> Self {
        let (account, key, client) = match &entry.actor {
            Actor::System => (None, None, None),
            Actor::Account { account, key, client } => {
                (Some(account.to_string()), key.map(|key| key.to_string()), client.clone())
            }
        };
        let payload = entry.payload.as_str();
        Self {
            organization: entry.organization.to_string(),
            id: entry.id.to_string(),
            workspace: entry.workspace.map(|id| id.to_string()),
            at: entry.at.as_millis(),
            account,
            key,
            client,
            action: entry.action.as_str().to_owned(),
            target: entry.target.clone(),
            payload_digest: Digest::of(payload.as_bytes()).to_string(),
            payload: Some(payload.to_owned()),
            number: None,
            link: None,
        }
    }
}

impl AuditRow {
    /// The link of this entry at place `number`, after `previous`.
    pub fn link_after(&self, previous: &str, number: u64) -> String {
        digest_of(&(
            "executor audit entry v1",
            number,
            previous,
            (&self.organization, &self.id, &self.workspace, self.at),
            (&self.account, &self.key, &self.client),
            (&self.action, &self.target, &self.payload_digest),
        ))
    }
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many entries are in it.
    pub number: u64,
    /// The last one's link.
    pub link: String,
    /// When that was put in its place.
    pub sealed_at: Timestamp,
}

impl AuditHead {
    /// The head of an empty chain.
    pub fn empty(now: Timestamp) -> Self {
        Self { number: 0, link: BEFORE_FIRST.to_owned(), sealed_at: now }
    }

    /// What is authenticated of the head.
    pub fn digest(&self, organization: OrganizationId) -> String {
        let at = self.sealed_at.as_millis();
        digest_of(&("executor audit head v1", organization, self.number, &self.link, at))
    }
}

/// Texts and whole numbers always have a JSON form; if they had none, nothing would verify.
fn digest_of(value: &impl serde::Serialize) -> String {
    Digest::of(&serde_json::to_vec(value).unwrap_or_default()).to_string()
}
