//! A bad answer, or none.

use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, Json, ToolError, ToolPath};
use executor_egress::{Error, Kind, Response};
use serde_json::Value;

use super::answer::json;
use super::retry;
use crate::perform::Performed;

/// The most bytes of an answer that go into an error.
const MAX_DETAILS: usize = 64 * 1024;
/// The most characters of the API's own message.
const MAX_MESSAGE: usize = 500;

/// The API says that it failed.
pub(super) fn answered(path: &ToolPath, response: &Response, side_effect: SideEffect) -> ToolError {
    let status = response.status.as_u16();
    let own =
        json(&response.body).ok().and_then(|json| json.read::<Value>().ok()).and_then(|body| message(&body));
    let own = own.or_else(|| short_text(&response.body));
    let mut error = refused(path, status, own.as_deref(), side_effect);
    error.details = details(&response.body);
    match retry::retry_after(&response.headers).filter(|_| error.retryable) {
        Some(wait) => {
            let hint = format!("The API asks to wait {} s; call it again after that.", wait.as_secs());
            error.with_hint(hint)
        }
        None => error,
    }
}

fn refused(path: &ToolPath, status: u16, own: Option<&str>, side_effect: SideEffect) -> ToolError {
    let message = match own {
        Some(own) => format!("The API answered with status {status}: {own}"),
        None => format!("The API answered with status {status}."),
    };
    let mut error = ToolError::new(ErrorCode::UpstreamError, path.as_str(), message).with_status(status);
    // These two come from something before the API, which does not know what became of the request.
    if matches!(status, 502 | 504) && !side_effect.may_repeat() {
        error.retryable = false;
        return error.with_hint("It may have taken effect all the same: look before you call it again.");
    }
    error.retryable = retry::is_transient(status);
    error
}

/// The message in an error's body, wherever APIs are used to put it.
fn message(body: &Value) -> Option<String> {
    const PLACES: [&str; 10] = [
        "/message",
        "/error/message",
        "/error_description",
        "/errors/0/message",
        "/errors/0/detail",
        "/errors/0",
        "/detail",
        "/title",
        "/error",
        "/0/message",
    ];
    let text = PLACES
        .iter()
        .filter_map(|place| body.pointer(place)?.as_str())
        .find(|text| !text.trim().is_empty())?;
    Some(text.trim().chars().take(MAX_MESSAGE).collect())
}

/// A body that is no more than a line of text.
fn short_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_line = !text.is_empty()
        && text.len() <= MAX_MESSAGE
        && !text.contains('\n')
        && !text.starts_with(['<', '{', '[']);
    is_line.then(|| text.to_owned())
}

/// The body for an error: JSON as it is, else as much of the text as fits.
pub(super) fn details(body: &[u8]) -> Option<Json> {
    if body.is_empty() {
        return None;
    }
    if body.len() <= MAX_DETAILS
        && let Ok(json) = json(body)
    {
        return Some(json);
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_DETAILS)]);
    Json::from_serialize(text.trim_end_matches('\u{fffd}')).ok()
}

/// No complete answer came.
pub(super) fn unanswered(path: &ToolPath, error: &Error, side_effect: SideEffect) -> Performed {
    let status = error.status();
    let new = |code, message: String| {
        let mut failure = ToolError::new(code, path.as_str(), message);
        failure.status = status.map(|status| status.as_u16());
        failure
    };
    // A status that is an error is an answer, whatever became of the rest.
    if let Some(status) = status.filter(|status| status.is_client_error() || status.is_server_error()) {
        return Performed::Failed(refused(path, status.as_u16(), None, side_effect));
    }
    let is_good = status.is_some_and(|status| status.is_success());
    if let Kind::TooLarge { limit } = error.kind()
        && is_good
    {
        let message = format!("The answer is larger than {} MiB.", limit / 1024 / 1024);
        return Performed::Failed(new(ErrorCode::ResultTooLarge, message));
    }
    if error.may_have_left() && !side_effect.may_repeat() {
        let message = format!("The request may have taken effect, but no complete answer came: {error}.");
        return Performed::Unknown(new(ErrorCode::OutcomeUnknown, message));
    }
    let code = match error.kind() {
        Kind::Blocked(_) => ErrorCode::AddressBlocked,
        Kind::InvalidUrl { .. } | Kind::ForbiddenHeader { .. } => ErrorCode::InvalidArguments,
        Kind::OriginMismatch | Kind::Setup { .. } => ErrorCode::Internal,
        Kind::Timeout { .. } if error.may_have_left() => ErrorCode::UpstreamTimeout,
        _ if error.may_have_left() => ErrorCode::UpstreamInvalid,
        _ => ErrorCode::UpstreamUnreachable,
    };
    Performed::Failed(new(code, format!("The API could not be asked: {error}.")))
}
