//! What a workspace may use.

use axum::Json;
use executor_engine::WorkspaceLimits;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(show, set))
}

/// What the workspace may use, where that is less than the deployment gives. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/limits", tag = "workspaces", operation_id = "getLimits",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = WorkspaceLimits), (status = "default", body = Problem)),
)]
pub(crate) async fn show(Entered(workspace): Entered) -> Answer<Json<WorkspaceLimits>> {
    Ok(Json(workspace.limits().await?))
}

/// Sets what the workspace may use; what is left out is as the deployment has it. Needs the scope `administer`.
#[utoipa::path(
    put, path = "/api/v1/workspaces/{workspace}/limits", tag = "workspaces", operation_id = "setLimits",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = WorkspaceLimits,
    responses((status = 200, body = WorkspaceLimits), (status = "default", body = Problem)),
)]
pub(crate) async fn set(
    Entered(workspace): Entered,
    Body(limits): Body<WorkspaceLimits>,
) -> Answer<Json<WorkspaceLimits>> {
    Ok(Json(workspace.set_limits(limits).await?))
}
