//! Every failure that a user can see: a stable code, a sentence and a next step.
//!
//! The table below is the one place where codes are made; the documentation page is rendered from it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::json::Json;

macro_rules! codes {
    ($($variant:ident, $code:literal, $status:literal, $retryable:literal, $meaning:literal, $next:literal;)*) => {
        /// A stable code. Programs act on it; its name never changes and never gets another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum ErrorCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// The HTTP status with which our API answers it.
            pub fn http_status(self) -> u16 {
                match self { $(ErrorCode::$variant => $status,)* }
            }

            /// Whether the same request may succeed if it is only made again.
            pub fn is_retryable(self) -> bool {
                match self { $(ErrorCode::$variant => $retryable,)* }
            }

            /// What it means, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$variant => $meaning,)* }
            }

            /// What to do about it, as a sentence.
            pub fn next_step(self) -> &'static str {
                match self { $(ErrorCode::$variant => $next,)* }
            }
        }
    };
}

codes! {
    // Requests.
    InvalidRequest, "invalid_request", 400, false, "The request is not as described.", "Correct what the message names and send it again.";
    Unauthorized, "unauthorized", 401, false, "The request says not who sends it.", "Send an API key as `Authorization: Bearer …` or `x-api-key`.";
    Forbidden, "forbidden", 403, false, "The sender may not do this.", "Use a key with the scope that the message names.";
    OriginRefused, "invalid_origin", 403, false, "The request comes from a web page or a host name that is not ours.", "Open the server under its own address, or set EXECUTOR_WEB_BASE_URL to the public one.";
    NotFound, "not_found", 404, false, "There is no such thing, or the sender may not see it.", "Check the id; list what there is.";
    InvalidCondition, "invalid_condition", 400, false, "The condition of a rule cannot be read.", "Correct it at the line and column that the message names; a condition sees args, tool, connection and caller.";
    AmbiguousWorkspace, "ambiguous_workspace", 409, false, "Two workspaces have this slug.", "Use the workspace's id.";
    NameTaken, "name_taken", 409, false, "The name is in use.", "Choose another name, or remove what has it.";
    IdempotencyConflict, "idempotency_conflict", 409, false, "The key was used for another request.", "Use a new key for a new request.";
    AlreadyEnded, "already_ended", 409, false, "The task has ended.", "Look at its result, or run it again as a new task.";
    ApprovalClosed, "approval_closed", 409, false, "The approval is decided, has expired or is wanted no more.", "See what it says now; a new call asks anew.";
    CallNotUnknown, "call_not_unknown", 409, false, "The call's outcome is known, or may still become known.", "See the task's calls; wait until the call's own time limit has passed.";
    RequestStateInvalid, "request_state_invalid", 409, false, "The request's state was not given to this sender for this request, was used, or is over.", "Call `resume` with the task's id to go on with it.";
    PayloadTooLarge, "payload_too_large", 413, false, "The request is too large.", "Send less; the message says how much is taken.";
    TooManyTasks, "too_many_tasks", 429, true, "The workspace has as many unfinished tasks as it may.", "Wait until some have ended.";
    Internal, "internal", 500, true, "Something failed that should not.", "Try again; report the correlation id if it stays.";
    StorageUnavailable, "storage_unavailable", 503, true, "The database does not answer, is locked or cannot be written.", "See the server's log and `executor doctor`.";
    StorageFull, "storage_full", 507, true, "The disk is full, or nearly.", "Free some space.";
    ShuttingDown, "shutting_down", 503, true, "The server is going down.", "Send it again in a moment.";
    SandboxUnavailable, "sandbox_unavailable", 503, true, "No worker could be started.", "See `executor doctor`.";

    // Adding a source.
    SourceUnreachable, "source_unreachable", 422, true, "The document could not be fetched.", "Check the address; open it from the machine that runs Executor.";
    AddressBlocked, "address_blocked", 403, false, "The address is private, local or reserved.", "Use a public address, or set EXECUTOR_ALLOW_LOCAL_NETWORK=true on the server.";
    DocumentTooLarge, "document_too_large", 413, false, "The document is larger than is taken.", "Use a smaller document.";
    DocumentUnreadable, "document_unreadable", 422, false, "The document is neither JSON nor YAML.", "Give the address of the document itself, not of a page about it.";
    SourceSignInRequired, "source_sign_in_required", 422, false, "What describes the API is shown only to those who sign in.", "Give a credential with the source: executor sources add <address> --token.";
    DocumentUnsupported, "document_unsupported", 422, false, "The document is of no kind that can be imported.", "See `executor sources add --help` for what can.";
    NoOperations, "no_operations", 422, false, "The document has no operation that could become a tool.", "Check that it is the right document.";
    BaseUrlRequired, "base_url_required", 422, false, "The document does not say where its API is.", "Give the base URL with the source.";

    // Calls, as the code sees them.
    ToolNotFound, "tool_not_found", 404, false, "There is no such tool.", "Look for it with `tools.search`.";
    InvalidArguments, "invalid_arguments", 400, false, "The arguments do not fit the tool.", "See `tools.describe` for what it takes.";
    ConnectionRequired, "connection_required", 409, false, "The source wants a connection and has none.", "Add one with `executor connections add`.";
    ConnectionNotFound, "connection_not_found", 404, false, "The source has no connection of that name.", "Use one of those that the message lists.";
    ConnectionAmbiguous, "connection_ambiguous", 409, false, "Several connections would do.", "Name one with the option `connection`.";
    CredentialUnavailable, "credential_unavailable", 409, false, "The connection's secret cannot be read.", "Store it again with `executor connections rotate`.";
    PolicyDenied, "policy_denied", 403, false, "A policy denies the call.", "Do without it, or ask who keeps the policies.";
    ApprovalDenied, "approval_denied", 403, false, "A person denied the call, or nobody decided in time.", "Do without it; the reason is in the message.";
    UpstreamError, "upstream_error", 502, false, "The API answered with an error.", "The message and the status are the API's own.";
    UpstreamUnreachable, "upstream_unreachable", 502, true, "The API could not be reached; nothing was sent.", "Try again.";
    UpstreamTimeout, "upstream_timeout", 504, true, "The API did not answer in time.", "Try again, or ask for less.";
    UpstreamInvalid, "upstream_invalid", 502, true, "The API's answer could not be understood.", "Try again; look at the answer with the option `response`.";
    OutcomeUnknown, "outcome_unknown", 502, false, "The call may have taken effect; no answer came.", "Look whether it did before doing it again.";
    ResultTooLarge, "result_too_large", 413, false, "The answer is larger than 16 MiB.", "Ask for less: a page, a filter, fewer fields.";

    // Programs.
    SyntaxError, "syntax_error", 422, false, "The code cannot be parsed.", "Correct the line that the message names.";
    UncaughtError, "uncaught_error", 422, false, "The code threw an error and nothing caught it.", "See the error's own message and line.";
    UnserializableResult, "unserializable_result", 422, false, "The returned value has no JSON form.", "Return plain objects, arrays, strings and finite numbers.";
    TypeError, "type_error", 422, false, "The code does not fit the tools that it uses.", "Correct it at the lines that the message names; `tools.describe` shows what a tool takes and gives.";
    CodeTooLarge, "code_too_large", 413, false, "The code is larger than is taken.", "Send less code; keep data out of it.";
    TimedOut, "timed_out", 504, false, "The task used up its time.", "Do less in one task, or give it a larger timeoutMs.";
    MemoryLimit, "memory_limit", 507, false, "The code used up its memory.", "Handle the data in smaller parts.";
    OutputLimit, "output_limit", 413, false, "The task's output is larger than is taken.", "Return or emit less.";
    CallLimit, "call_limit", 429, false, "The task made as many calls as it may.", "Split the work into several tasks.";
    JournalLimit, "journal_limit", 507, false, "The task's journal is as large as it may become.", "Split the work into several tasks.";
    Deadlock, "deadlock", 422, false, "The code waits for something that can never happen.", "See that each promise is resolved by something.";
    WorkerCrashed, "worker_crashed", 500, true, "The process that ran the code died.", "Try again; report it if it stays.";
    SandboxViolation, "sandbox_violation", 403, false, "The code's process did what the jail forbids.", "This is recorded; report it if your code is plain.";
    ReplayDiverged, "replay_diverged", 500, false, "Run again, the code did something else than it had done.", "Run it as a new task.";
    ReplayLimit, "replay_limit", 500, false, "Running the code again took much longer than before.", "Run it as a new task.";
    TaskExpired, "task_expired", 504, false, "The task was not done within 30 days.", "Run it again if it is still wanted.";
    Cancelled, "cancelled", 409, false, "Somebody cancelled the task.", "Run it again if it is still wanted.";
}

impl ErrorCode {
    /// The code of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A failure that may be shown as it is to whoever caused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub code: ErrorCode,
    /// What was wrong, and where.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// In how many seconds it is worth trying again, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

impl Failure {
    /// A failure with its code's own next step.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: code.next_step().to_owned(), retry_after_s: None }
    }

    /// The same, worth trying again in so many seconds.
    #[must_use]
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// The same with a better next step.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// What the code is thrown when a call of its own fails. Nothing else reaches the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct ToolError {
    /// The kind.
    pub code: ErrorCode,
    /// What was wrong, and where.
    pub message: String,
    /// The status with which the API answered, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same call may succeed if it is only made again.
    pub retryable: bool,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The tool's path.
    pub path: String,
    /// What the API answered, or what is wrong with each argument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Json>,
}

impl ToolError {
    /// An error with its code's own next step.
    pub fn new(code: ErrorCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
            retryable: code.is_retryable(),
            hint: Some(code.next_step().to_owned()),
            path: path.into(),
            details: None,
        }
    }

    /// The same with a better next step.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the API's status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with the API's answer, or with what is wrong with each argument.
    #[must_use]
    pub fn with_details(mut self, details: Json) -> Self {
        self.details = Some(details);
        self
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        let hint = error.hint.unwrap_or_else(|| error.code.next_step().to_owned());
        Failure { code: error.code, message: error.message, hint, retry_after_s: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_one_and_says_what_to_do() {
        for (index, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(ErrorCode::from_name(code.as_str()), Some(*code));
            assert!(code.meaning().ends_with('.') && code.next_step().ends_with('.'), "{code}");
            assert!((400..=599).contains(&code.http_status()), "{code}");
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
            assert!(
                !ErrorCode::ALL[..index].iter().any(|other| other.as_str() == code.as_str()),
                "{code} twice"
            );
        }
    }
}
