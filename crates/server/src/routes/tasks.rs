//! Tasks: submitting, seeing, ending and repeating them.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use executor_core::TaskId;
use executor_core::task::TaskStatus;
use executor_engine::{CallView, Page, PageRequest, Submission, TaskReplay, TaskSummary, TaskView, Until};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id, OptionalBody, Query};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

/// The longest that a request waits for a task's end.
const MOST_WAIT_MS: u64 = 120_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(submit, list))
        .routes(routes!(show))
        .routes(routes!(calls))
        .routes(routes!(cancel))
        .routes(routes!(rerun))
        .routes(routes!(replay))
}

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskListQuery {
    /// Only tasks that stand there.
    status: Option<TaskStatus>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// At most this many: 50 if not said, 200 at most.
    limit: Option<u32>,
}

/// How long to wait.
#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Patience {
    /// How long to wait for the end before answering, in milliseconds; 0 if not said, 120,000 at most.
    wait_ms: Option<u64>,
}

/// Why a task is to end.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Cancellation {
    /// Why, for the record.
    #[serde(default)]
    reason: Option<String>,
}

/// Accepts code to run, and waits for its end as long as `waitMs` says. Needs the scope `run`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/tasks", tag = "tasks", operation_id = "submitTask",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = Submission,
    responses(
        (status = 200, description = "it has ended", body = TaskView),
        (status = 202, description = "it is accepted and goes on", body = TaskView),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn submit(
    Entered(workspace): Entered,
    Body(submission): Body<Submission>,
) -> Answer<Response> {
    Ok(accepted(workspace.submit(submission).await?))
}

/// The tasks, newest first. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tasks", tag = "tasks", operation_id = "listTasks",
    params(("workspace" = String, Path, description = "an id or a slug"), TaskListQuery),
    responses((status = 200, body = Page<TaskSummary>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(
    Entered(workspace): Entered,
    Query(query): Query<TaskListQuery>,
) -> Answer<Json<Page<TaskSummary>>> {
    let page = PageRequest { cursor: query.cursor, limit: query.limit };
    Ok(Json(workspace.tasks(query.status, &page).await?))
}

/// A task, at its end or after `waitMs`. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tasks/{id}", tag = "tasks", operation_id = "getTask",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
        Patience,
    ),
    responses((status = 200, body = TaskView), (status = "default", body = Problem)),
)]
pub(crate) async fn show(
    Entered(workspace): Entered,
    Id(task): Id<TaskId>,
    Query(patience): Query<Patience>,
) -> Answer<Json<TaskView>> {
    let wait = Duration::from_millis(patience.wait_ms.unwrap_or(0).min(MOST_WAIT_MS));
    Ok(Json(workspace.wait(task, Until::Ended, wait).await?))
}

/// The calls of a task, by number. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tasks/{id}/calls", tag = "tasks", operation_id = "listCalls",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
    ),
    responses((status = 200, body = Page<CallView>), (status = "default", body = Problem)),
)]
pub(crate) async fn calls(Entered(workspace): Entered, Id(task): Id<TaskId>) -> Answer<Json<Page<CallView>>> {
    Ok(Json(Page { items: workspace.calls(task).await?, next_cursor: None }))
}

/// Ends a task. Needs the scope `run`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/tasks/{id}/cancel", tag = "tasks", operation_id = "cancelTask",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
    ),
    request_body = Option<Cancellation>,
    responses((status = 200, body = TaskView), (status = "default", body = Problem)),
)]
pub(crate) async fn cancel(
    Entered(workspace): Entered,
    Id(task): Id<TaskId>,
    OptionalBody(cancellation): OptionalBody<Cancellation>,
) -> Answer<Json<TaskView>> {
    Ok(Json(workspace.cancel(task, cancellation.reason).await?))
}

/// Runs a task's code again as a new task, in the caller's name. Needs the scope `run`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/tasks/{id}/rerun", tag = "tasks", operation_id = "rerunTask",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
    ),
    request_body = Option<Patience>,
    responses(
        (status = 200, description = "the new task has ended", body = TaskView),
        (status = 202, description = "the new task is accepted and goes on", body = TaskView),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn rerun(
    Entered(workspace): Entered,
    Id(task): Id<TaskId>,
    OptionalBody(patience): OptionalBody<Patience>,
) -> Answer<Response> {
    Ok(accepted(workspace.rerun(task, patience.wait_ms).await?))
}

/// Runs a task's program again, fed with what it had learned, and gives what it does at each turn. No call leaves and
/// nothing is written. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tasks/{id}/replay", tag = "tasks", operation_id = "replayTask",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
    ),
    responses((status = 200, body = TaskReplay), (status = "default", body = Problem)),
)]
pub(crate) async fn replay(Entered(workspace): Entered, Id(task): Id<TaskId>) -> Answer<Json<TaskReplay>> {
    Ok(Json(workspace.replay(task).await?))
}

/// A task just accepted: with where it is to be found, and a status that says whether it has ended.
fn accepted(task: TaskView) -> Response {
    let status = if task.summary.status.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let place = format!("/api/v1/workspaces/{}/tasks/{}", task.summary.workspace, task.summary.id);
    let mut response = (status, Json(task)).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
