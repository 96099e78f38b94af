//! Whether and when a request that may be repeated is sent again.
//!
//! What holds: nothing is sent again but what had no answer, or an answer that says to come back. Waiting is as long as
//! the API asks for, else it doubles; it differs from request to request, and is the same each time for the same one.

use std::time::Duration;

use executor_core::Digest;
use executor_egress::{Error, HeaderMap, Kind, Response};

/// How often a request is sent at most.
pub(super) const ATTEMPTS: u32 = 3;

/// The first pause, before it is spread.
const FIRST: Duration = Duration::from_millis(250);

/// How long to wait after that many attempts; `None` if another one would be of no use.
pub(super) fn pause(outcome: &Result<Response, Error>, attempts: u32, request: &Digest) -> Option<Duration> {
    if attempts >= ATTEMPTS {
        return None;
    }
    let usual = back_off(attempts, request);
    match outcome {
        Ok(response) if is_transient(response.status.as_u16()) => {
            Some(retry_after(&response.headers).map_or(usual, |asked| asked.max(usual)))
        }
        Ok(_) => None,
        Err(error) => {
            let may_go_on =
                error.status().is_none_or(|status| status.is_success() || is_transient(status.as_u16()));
            let is_passing =
                matches!(error.kind(), Kind::Connect { .. } | Kind::Protocol { .. } | Kind::BodyRead { .. });
            (may_go_on && is_passing).then_some(usual)
        }
    }
}

/// Whether a status says that the same request may do better later.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 429 | 502..=504)
}

/// How long an answer asks to wait: in seconds, or until a time by the API's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text("retry-after")?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let now = httpdate::parse_http_date(text("date")?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// Twice as long each time, and from half to one and a half of that.
fn back_off(attempts: u32, request: &Digest) -> Duration {
    let spread = request.as_bytes().get(attempts as usize).copied().unwrap_or(128);
    FIRST * 2_u32.pow(attempts.saturating_sub(1)) * (128 + u32::from(spread)) / 256
}
