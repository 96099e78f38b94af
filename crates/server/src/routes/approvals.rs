//! Approvals: seeing, deciding, taking back; and saying what became of calls of which nobody could tell.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use executor_core::approval::ApprovalStatus;
use executor_core::{ApprovalId, Failure, TaskId};
use executor_engine::{ApprovalView, CallView, Page, PageRequest, ResolveApproval, ResolveCall};
use futures::StreamExt;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id, OptionalBody, Query};
use crate::problem::{Answer, Problem};
use crate::sse;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(resolve))
        .routes(routes!(cancel))
        .routes(routes!(resolve_call))
}

/// Which approvals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ApprovalListQuery {
    /// Only those that stand there.
    status: Option<ApprovalStatus>,
    /// Only those of this task.
    #[param(value_type = Option<String>)]
    task: Option<TaskId>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// At most this many: 50 if not said, 200 at most.
    limit: Option<u32>,
}

/// Why an approval is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TakingBack {
    /// Why; the code learns it.
    #[serde(default)]
    reason: Option<String>,
}

/// The approvals, newest first. With `Accept: text/event-stream`: the open ones, and then each as it is asked for or
/// closed, as events named `approval`. Needs the scope `read` or `approve`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/approvals", tag = "approvals", operation_id = "listApprovals",
    params(("workspace" = String, Path, description = "an id or a slug"), ApprovalListQuery),
    responses(
        (status = 200, content((Page<ApprovalView> = "application/json"), (String = "text/event-stream"))),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn list(
    State(state): State<Shared>,
    Entered(workspace): Entered,
    Query(query): Query<ApprovalListQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    if sse::is_wanted(&headers) {
        let approvals = workspace.follow_approvals()?;
        return Ok(sse::answer(approvals.map(live), state.shutdown.clone()));
    }
    let page = PageRequest { cursor: query.cursor, limit: query.limit };
    Ok(Json(workspace.approvals(query.status, query.task, &page).await?).into_response())
}

fn live(approval: Result<ApprovalView, Failure>) -> axum::response::sse::Event {
    match approval {
        Ok(approval) => sse::event("approval", &approval),
        Err(failure) => sse::event("error", &Problem::from(failure)),
    }
}

/// An approval with all that a person needs to decide: what will be sent, the code, and what the task has done so far.
/// Needs the scope `read` or `approve`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/approvals/{id}", tag = "approvals", operation_id = "getApproval",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = ApprovalId, Path, description = "the approval"),
    ),
    responses((status = 200, body = ApprovalView), (status = "default", body = Problem)),
)]
pub(crate) async fn show(
    Entered(workspace): Entered,
    Id(approval): Id<ApprovalId>,
) -> Answer<Json<ApprovalView>> {
    Ok(Json(workspace.approval(approval).await?))
}

/// Decides about a call. Needs the scope `approve` and a place among the approvers; `remember: "rule"` needs `manage`
/// too.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/approvals/{id}/resolve", tag = "approvals",
    operation_id = "resolveApproval",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = ApprovalId, Path, description = "the approval"),
    ),
    request_body = ResolveApproval,
    responses((status = 200, body = ApprovalView), (status = "default", body = Problem)),
)]
pub(crate) async fn resolve(
    Entered(workspace): Entered,
    Id(approval): Id<ApprovalId>,
    Body(decision): Body<ResolveApproval>,
) -> Answer<Json<ApprovalView>> {
    Ok(Json(workspace.resolve_approval(approval, decision).await?))
}

/// Takes an approval back, which denies the call. For the task's submitter (scope `run`) and for its approvers.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/approvals/{id}/cancel", tag = "approvals",
    operation_id = "cancelApproval",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = ApprovalId, Path, description = "the approval"),
    ),
    request_body = Option<TakingBack>,
    responses((status = 200, body = ApprovalView), (status = "default", body = Problem)),
)]
pub(crate) async fn cancel(
    Entered(workspace): Entered,
    Id(approval): Id<ApprovalId>,
    OptionalBody(taking_back): OptionalBody<TakingBack>,
) -> Answer<Json<ApprovalView>> {
    Ok(Json(workspace.withdraw_approval(approval, taking_back.reason).await?))
}

/// A call in a path: its task's id, a dot, and its number.
pub(crate) struct CallName {
    pub(crate) task: TaskId,
    pub(crate) number: u32,
}

impl FromStr for CallName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('.')
            .and_then(|(task, number)| Some(Self { task: task.parse().ok()?, number: number.parse().ok()? }));
        parts.ok_or_else(|| format!("`{text}` is no call; one is its task's id, a dot and its number"))
    }
}

/// Says what became of a call that must not be repeated and of which no answer came; its task waits for that. Needs the
/// scope `approve`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/calls/{id}/resolve", tag = "approvals", operation_id = "resolveCall",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = String, Path, description = "the task's id, a dot, and the call's number"),
    ),
    request_body = ResolveCall,
    responses((status = 200, body = CallView), (status = "default", body = Problem)),
)]
pub(crate) async fn resolve_call(
    Entered(workspace): Entered,
    Id(call): Id<CallName>,
    Body(resolution): Body<ResolveCall>,
) -> Answer<Json<CallView>> {
    Ok(Json(workspace.resolve_call(call.task, call.number, resolution).await?))
}
