//! What is counted of requests. Routes are counted by their patterns, so that no id becomes a label.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// Counts a request and measures the time until its answer begins.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    let since = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    let labels = [("route", route), ("method", method), ("status", status)];
    metrics::counter!("executor_http_requests_total", &labels).increment(1);
    metrics::histogram!("executor_http_request_duration_seconds", &labels).record(since.elapsed());
    response
}
