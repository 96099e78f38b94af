//! What a person or the code is told of a trouble.

use std::fmt;

use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, Failure, ToolError, ToolPath};

use super::trouble::{Trouble, bounded};
use crate::perform::Performed;

/// The codes of JSON-RPC with which servers say that they have no such tool, prompt or resource.
const UNKNOWN: [i32; 3] = [-32_601, -32_602, -32_002];

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { code, message, .. } if message.is_empty() => {
                write!(formatter, "it answered with the error {code}")
            }
            Self::Answered { message, .. } => write!(formatter, "it says: {message}"),
            Self::Status(status) => write!(formatter, "it answered with status {status}"),
            Self::SessionLost => formatter.write_str("it has ended the session"),
            Self::TooLarge => formatter.write_str("its answer is larger than 16 MiB"),
            Self::Blocked(blocked) => formatter.write_str(blocked),
            Self::Resting { detail, seconds } => {
                write!(formatter, "{detail}; after several failures it is tried again in {seconds} s")
            }
            Self::Off => formatter.write_str("local programs are off here"),
            Self::Broken { detail, .. } => formatter.write_str(detail),
        }
    }
}

impl Trouble {
    /// Why an address gave no document.
    pub(super) fn while_adding(&self) -> Failure {
        match self {
            Self::Status(401 | 403) => Failure::new(
                ErrorCode::SourceSignInRequired,
                format!("The MCP server wants a sign-in: {self}."),
            ),
            Self::Blocked(_) => Failure::new(ErrorCode::AddressBlocked, format!("{self}.")),
            Self::TooLarge => {
                Failure::new(ErrorCode::DocumentTooLarge, format!("The MCP server lists too much: {self}."))
            }
            Self::Off => off(),
            _ => Failure::new(
                ErrorCode::SourceUnreachable,
                format!("No MCP server could be asked there: {self}."),
            ),
        }
    }

    /// No session came about, so nothing of the call was sent.
    pub(super) fn before_the_call(&self, path: &ToolPath) -> ToolError {
        let new = |code, message: String| ToolError::new(code, path.as_str(), message);
        match self {
            Self::Status(status @ (401 | 403)) => {
                let message = format!("The MCP server refused the credential: {self}.");
                new(ErrorCode::UpstreamError, message).with_status(*status)
            }
            Self::Answered { .. } => {
                new(ErrorCode::UpstreamError, format!("The MCP server refused the session: {self}."))
            }
            Self::Blocked(_) => {
                new(ErrorCode::AddressBlocked, format!("The MCP server could not be asked: {self}."))
            }
            Self::Off => {
                let off = off();
                new(ErrorCode::UpstreamUnreachable, off.message).with_hint(off.hint)
            }
            _ => new(ErrorCode::UpstreamUnreachable, format!("The MCP server is down: {self}.")),
        }
    }

    /// Whether the server says that it has nothing of that name: its tools are others than were imported.
    pub(super) fn is_unknown_name(&self) -> bool {
        matches!(self, Self::Answered { code, .. } if UNKNOWN.contains(code))
    }

    /// What became of a call that was sent.
    pub(super) fn of_the_call(self, path: &ToolPath, side_effect: SideEffect) -> Performed {
        let new = |code, message: String| ToolError::new(code, path.as_str(), message);
        Performed::Failed(match self {
            Self::Answered { ref message, ref data, .. } => {
                let error = new(
                    ErrorCode::UpstreamError,
                    format!("The MCP server answered with an error: {message}"),
                );
                let error = match data.as_ref().map(bounded) {
                    Some(data) => error.with_details(data),
                    None => error,
                };
                if self.is_unknown_name() {
                    error.with_hint("If the server has no such tool any more, refresh the source.")
                } else {
                    error
                }
            }
            Self::Status(status) => {
                let mut error =
                    new(ErrorCode::UpstreamError, format!("The MCP server answered with status {status}."));
                error.retryable = matches!(status, 429 | 502..=504);
                error.with_status(status)
            }
            Self::TooLarge => new(ErrorCode::ResultTooLarge, "The answer is larger than 16 MiB.".to_owned()),
            Self::Broken { may_have_left: true, .. } if !side_effect.may_repeat() => {
                let message = format!("The call may have taken effect, but no answer came: {self}.");
                return Performed::Unknown(new(ErrorCode::OutcomeUnknown, message));
            }
            Self::Broken { may_have_left: true, .. } => {
                new(ErrorCode::UpstreamInvalid, format!("The MCP server gave no answer: {self}."))
            }
            _ => return Performed::Failed(self.before_the_call(path)),
        })
    }
}

/// No answer within the time limit.
pub(super) fn timed_out(path: &ToolPath, limit_ms: u128, side_effect: SideEffect) -> Performed {
    if side_effect.may_repeat() {
        let message = format!("The MCP server did not answer within {limit_ms} ms.");
        return Performed::Failed(ToolError::new(ErrorCode::UpstreamTimeout, path.as_str(), message));
    }
    let message = format!("The call may have taken effect, but no answer came within {limit_ms} ms.");
    Performed::Unknown(ToolError::new(ErrorCode::OutcomeUnknown, path.as_str(), message))
}

fn off() -> Failure {
    Failure::new(ErrorCode::SourceUnreachable, "Local programs are off here.")
        .with_hint("Whoever runs the server can allow them; an MCP server at an http or https address needs no such thing.")
}
