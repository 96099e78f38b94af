//! One tool invocation of a task: its number, its options, its states and its outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ToolError;
use crate::json::{Digest, Json};

/// The number of a call, given when the code issues it: 1, 2, 3, …
pub type CallNumber = u32;

/// What the code may say about a call besides its arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallOptions {
    /// The name of the connection to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Give `{data, status, headers}` instead of the payload.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub response: bool,
    /// Give one page of the answer, as `{items, next}`: what the code's iterator is made of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paginate: bool,
    /// Where that page begins, as the one before has said it in `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Json>,
    /// How long the call may take, in milliseconds, if that is less than its source gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// The digest of a call as the code gave it: path, options and arguments, in canonical JSON. Replay compares this.
///
/// Fails only if `arguments` cannot be made canonical, as when a number in it is beyond a double.
pub fn issued_digest(path: &str, options: &Json, arguments: &Json) -> Result<Digest, serde_json::Error> {
    #[derive(Serialize)]
    struct Issued<'a> {
        path: &'a str,
        options: serde_json::Value,
        arguments: serde_json::Value,
    }
    Digest::of_canonical(&Issued { path, options: options.read()?, arguments: arguments.read()? })
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// The code has made the call.
    Issued,
    /// It waits for a person.
    Held,
    /// A person has approved it, or answered what the API asked.
    Approved,
    /// Its request may have left.
    Started,
    /// It has a result.
    Completed,
    /// It has failed.
    Failed,
    /// A policy or a person has denied it.
    Denied,
    /// The program ended before a person decided.
    Withdrawn,
    /// It may have happened, and nobody can tell.
    Unknown,
}

impl CallState {
    /// Every state.
    pub const ALL: [CallState; 9] = [
        CallState::Issued,
        CallState::Held,
        CallState::Approved,
        CallState::Started,
        CallState::Completed,
        CallState::Failed,
        CallState::Denied,
        CallState::Withdrawn,
        CallState::Unknown,
    ];

    /// The state's name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            CallState::Issued => "issued",
            CallState::Held => "held",
            CallState::Approved => "approved",
            CallState::Started => "started",
            CallState::Completed => "completed",
            CallState::Failed => "failed",
            CallState::Denied => "denied",
            CallState::Withdrawn => "withdrawn",
            CallState::Unknown => "unknown",
        }
    }

    /// Whether a call may go from this state to that one.
    pub fn may_become(self, next: CallState) -> bool {
        use CallState::{Approved, Completed, Denied, Failed, Held, Issued, Started, Unknown, Withdrawn};
        match self {
            // A call ends as completed without ever starting when nothing had to leave for it.
            Issued => matches!(next, Held | Started | Completed | Failed | Denied | Withdrawn),
            Held => matches!(next, Approved | Denied | Withdrawn),
            // Judged again before it is sent, an approved call may have to be asked for again.
            Approved => matches!(next, Held | Started | Failed | Denied | Withdrawn),
            // A call that may be repeated starts again after a crash. One whose API asks something is held.
            Started => matches!(next, Started | Held | Completed | Failed | Unknown),
            Unknown => matches!(next, Issued | Completed | Failed),
            Completed | Failed | Denied | Withdrawn => false,
        }
    }
}

/// What the code learns of a call: the only two things that can come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The value that the code gets.
    Completed(Json),
    /// The error that the code is thrown.
    Failed(ToolError),
}

/// What a person says became of a call whose outcome nobody could tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "result")]
pub enum Resolution {
    /// It took effect, and this is its result.
    Completed(Json),
    /// It did not take effect, and is to be made again.
    Retry,
    /// It did not take effect, and is not to be made again.
    Failed,
}

/// What a person sees of a request without its secrets, kept in the journal and shown to approvers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestSummary {
    /// The method, as `GET` or `tools/call`.
    pub method: String,
    /// Where it goes, without what the credential adds.
    pub url: String,
    /// The headers that are the call's own, without what the credential adds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The size of the body in bytes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub body_bytes: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_call_stays_ended_and_an_unsent_one_is_never_unknown() {
        for state in CallState::ALL {
            let ended = !CallState::ALL.iter().any(|next| state.may_become(*next));
            let expected = matches!(
                state,
                CallState::Completed | CallState::Failed | CallState::Denied | CallState::Withdrawn
            );
            assert_eq!(ended, expected, "{state:?}");
            assert_eq!(state.may_become(CallState::Unknown), state == CallState::Started, "{state:?}");
        }
    }

    #[test]
    fn the_issued_digest_sees_path_options_and_arguments() {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let digest =
            |path, options, arguments| issued_digest(path, &json(options), &json(arguments)).unwrap();
        let base = digest("a.b", "{}", r#"{"x":1,"y":2}"#);
        assert_eq!(base, digest("a.b", "{}", r#"{ "y": 2.0, "x": 1 }"#));
        assert_ne!(base, digest("a.c", "{}", r#"{"x":1,"y":2}"#));
        assert_ne!(base, digest("a.b", r#"{"connection":"work"}"#, r#"{"x":1,"y":2}"#));
        assert_ne!(base, digest("a.b", "{}", r#"{"x":1,"y":3}"#));
    }
}
