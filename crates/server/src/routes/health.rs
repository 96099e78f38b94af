//! Whether the process lives and works, and what it has counted.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use executor_engine::Readiness;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::Shared;

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The build's version.
    version: &'static str,
}

/// Whether the process lives. Anybody may ask.
#[utoipa::path(get, path = "/api/health", tag = "server", operation_id = "health", responses((status = 200, body = Health)))]
pub(crate) async fn health(State(state): State<Shared>) -> Json<Health> {
    Json(Health { status: "ok", version: state.version })
}

/// Whether the process can work: the database answers and tasks are taken. Anybody may ask.
#[utoipa::path(
    get, path = "/api/ready", tag = "server", operation_id = "ready",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)),
)]
pub(crate) async fn ready(State(state): State<Shared>) -> (StatusCode, Json<Readiness>) {
    let readiness = state.executor.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// What was counted, for Prometheus. Anybody with a key may ask.
pub(crate) async fn metrics(State(state): State<Shared>) -> Response {
    let text = state.metrics.as_ref().map(|metrics| metrics.render()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
