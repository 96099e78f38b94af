//! How failures are told: RFC 9457 problem documents with a stable code and a next step.

use std::num::NonZeroU16;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use executor_core::{ErrorCode, Failure};
use serde::Serialize;
use utoipa::ToSchema;

/// The header that carries a request's correlation id.
pub(crate) const CORRELATION_HEADER: &str = "x-request-id";

/// A failure as the API tells it (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Names the kind of problem: `urn:executor:error:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What programs act on.
    pub code: ErrorCode,
    /// What was wrong, and where.
    pub detail: String,
    /// What to do next.
    pub hint: String,
    /// Whether the same request may succeed if it is only made again.
    pub retryable: bool,
    /// In how many seconds it is worth trying again, as `Retry-After` says too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u16>)]
    pub retry_after_s: Option<NonZeroU16>,
    /// By what the server's log knows the request, if the server is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// What a handler gives: a value, or a problem.
pub(crate) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// The same under another HTTP status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let code = failure.code;
        Self {
            kind: format!("urn:executor:error:{code}"),
            title: code.meaning(),
            status: code.http_status(),
            code,
            detail: failure.message,
            hint: failure.hint,
            retryable: code.is_retryable(),
            retry_after_s: failure
                .retry_after_s
                .and_then(|seconds| NonZeroU16::new(u16::try_from(seconds).unwrap_or(u16::MAX))),
            correlation_id: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"executor\""));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives problems that the server is at fault for the request's correlation id, and logs them by it.
pub(crate) async fn correlate(request: Request, next: Next) -> Response {
    let id = request.headers().get(CORRELATION_HEADER).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(mut problem) if response.status().is_server_error() => {
            tracing::warn!(correlation = id, code = %problem.code, detail = problem.detail, "a request failed");
            problem.correlation_id = id;
            problem.into_response()
        }
        _ => response,
    }
}

/// The answer where there is no such route.
pub(crate) async fn no_route(request: Request) -> Problem {
    let message = format!("There is nothing at `{}`.", request.uri().path());
    Failure::new(ErrorCode::NotFound, message).with_hint("See /api/openapi.json for what there is.").into()
}

/// The answer where there is such a route, but not with this method.
pub(crate) async fn no_method(request: Request) -> Problem {
    let message = format!("`{}` takes no {}.", request.uri().path(), request.method());
    let failure = Failure::new(ErrorCode::InvalidRequest, message)
        .with_hint("See /api/openapi.json for the methods that it takes.");
    Problem::from(failure).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_code_its_status_and_its_next_step() {
        let problem = Problem::from(Failure::new(ErrorCode::TooManyTasks, "Wait.").with_hint("A minute."));
        let text = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            text,
            serde_json::json!({
                "type": "urn:executor:error:too_many_tasks",
                "title": ErrorCode::TooManyTasks.meaning(),
                "status": 429,
                "code": "too_many_tasks",
                "detail": "Wait.",
                "hint": "A minute.",
                "retryable": true,
            })
        );
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[test]
    fn who_is_not_known_hears_how_to_become_it() {
        let response = Problem::from(Failure::new(ErrorCode::Unauthorized, "Who?")).into_response();
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }
}
