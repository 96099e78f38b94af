//! Tools whose calls carry what is not for everybody.

use axum::Json;
use axum::http::StatusCode;
use executor_core::ToolPattern;
use executor_engine::{Page, SensitiveTools};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// Which tools are marked as sensitive, by pattern. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/sensitive-tools", tag = "policies",
    operation_id = "listSensitiveTools",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<SensitiveTools>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<SensitiveTools>>> {
    Ok(Json(Page { items: workspace.sensitive_tools().await?, next_cursor: None }))
}

/// Marks tools as sensitive: from its first call of one on, a task is encrypted in the database, and what it carries is
/// shown only to whose it is and to owners and admins. Marking again changes nothing. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/sensitive-tools", tag = "policies",
    operation_id = "addSensitiveTools",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = SensitiveTools,
    responses((status = 201, body = SensitiveTools), (status = "default", body = Problem)),
)]
pub(crate) async fn add(
    Entered(workspace): Entered,
    Body(marked): Body<SensitiveTools>,
) -> Answer<(StatusCode, Json<SensitiveTools>)> {
    Ok((StatusCode::CREATED, Json(workspace.add_sensitive_tools(marked).await?)))
}

/// Takes a mark back; what is encrypted stays so. Needs the scope `administer`.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/sensitive-tools/{id}", tag = "policies",
    operation_id = "removeSensitiveTools",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = String, Path, description = "the pattern, as it was given"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(Entered(workspace): Entered, Id(tools): Id<ToolPattern>) -> Answer<StatusCode> {
    workspace.remove_sensitive_tools(&tools).await?;
    Ok(StatusCode::NO_CONTENT)
}
