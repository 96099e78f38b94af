//! The audit log as callers see it.

use executor_core::audit::chain::AuditHead;
use executor_core::{Json, OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which entries of the log.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only those of this action, as `source.added`.
    pub action: Option<String>,
    /// Only those of this account, by id; `system` for what Executor does by itself.
    pub actor: Option<String>,
    /// Only those of this workspace, by id or slug.
    pub workspace: Option<String>,
    /// Only those from then on, in milliseconds since 1970-01-01T00:00:00Z.
    #[param(value_type = Option<i64>)]
    pub since: Option<Timestamp>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntryView {
    /// Its place in the chain; none until it is sealed.
    pub number: Option<u64>,
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// The organization.
    pub organization: String,
    /// The workspace, if it was done in one.
    pub workspace: Option<String>,
    /// The account that did it; none is Executor itself.
    pub account: Option<String>,
    /// The key that it came with.
    pub key: Option<String>,
    /// The program that it came with, as that named itself.
    pub client: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: Option<String>,
    /// The details; none once retention has removed them.
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Json>,
    /// The SHA-256 of the details.
    pub payload_digest: String,
    /// Its link in the chain.
    pub link: Option<String>,
}

/// A line of an export.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AuditLine {
    /// An entry.
    Entry(AuditEntryView),
    /// The last line: where the chain ends.
    Head {
        /// Where the chain ends.
        head: AuditHeadView,
    },
}

/// Where a chain ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditHeadView {
    /// The organization.
    pub organization: String,
    /// How many entries are in it.
    pub number: u64,
    /// The last one's link.
    pub link: String,
    /// When that was sealed.
    pub sealed_at: i64,
    /// Its tag under the server's key.
    pub tag: String,
}

impl AuditLine {
    pub(crate) fn head(organization: OrganizationId, head: AuditHead, tag: String) -> Self {
        Self::Head {
            head: AuditHeadView {
                organization: organization.to_string(),
                number: head.number,
                link: head.link,
                sealed_at: head.sealed_at.as_millis(),
                tag,
            },
        }
    }
}
