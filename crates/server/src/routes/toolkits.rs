//! Toolkits: named narrowings of the catalog, each with an MCP endpoint of its own.

use axum::Json;
use axum::http::StatusCode;
use executor_engine::{Page, Toolkit, ToolkitChange};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(show, update, remove))
}

/// The toolkits, by slug. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/toolkits", tag = "toolkits", operation_id = "listToolkits",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<Toolkit>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<Toolkit>>> {
    Ok(Json(Page { items: workspace.toolkits().await?, next_cursor: None }))
}

/// Adds a toolkit. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/toolkits", tag = "toolkits", operation_id = "addToolkit",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = Toolkit,
    responses((status = 201, body = Toolkit), (status = "default", body = Problem)),
)]
pub(crate) async fn add(
    Entered(workspace): Entered,
    Body(toolkit): Body<Toolkit>,
) -> Answer<(StatusCode, Json<Toolkit>)> {
    Ok((StatusCode::CREATED, Json(workspace.add_toolkit(toolkit).await?)))
}

/// A toolkit. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/toolkits/{id}", tag = "toolkits", operation_id = "getToolkit",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "its slug"),
    ),
    responses((status = 200, body = Toolkit), (status = "default", body = Problem)),
)]
pub(crate) async fn show(Entered(workspace): Entered, Id(slug): Id<String>) -> Answer<Json<Toolkit>> {
    Ok(Json(workspace.toolkit(&slug).await?))
}

/// Changes what a toolkit is called or has. Needs the scope `manage`.
#[utoipa::path(
    patch, path = "/api/v1/workspaces/{workspace}/toolkits/{id}", tag = "toolkits", operation_id = "updateToolkit",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "its slug"),
    ),
    request_body = ToolkitChange,
    responses((status = 200, body = Toolkit), (status = "default", body = Problem)),
)]
pub(crate) async fn update(
    Entered(workspace): Entered,
    Id(slug): Id<String>,
    Body(change): Body<ToolkitChange>,
) -> Answer<Json<Toolkit>> {
    Ok(Json(workspace.update_toolkit(&slug, change).await?))
}

/// Removes a toolkit. Needs the scope `manage`.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/toolkits/{id}", tag = "toolkits", operation_id = "removeToolkit",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "its slug"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(Entered(workspace): Entered, Id(slug): Id<String>) -> Answer<StatusCode> {
    workspace.remove_toolkit(&slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
