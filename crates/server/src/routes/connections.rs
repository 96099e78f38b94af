//! Connections. Their secrets come in and never go out.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use executor_core::ConnectionId;
use executor_engine::{ConnectionView, NewConnection, Page};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove)).routes(routes!(rotate))
}

/// The secrets that take the place of the present ones.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rotation {
    /// As when the connection was added.
    #[schema(value_type = BTreeMap<String, String>)]
    values: BTreeMap<String, SecretString>,
}

/// The connections that the caller may use. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/connections", tag = "connections", operation_id = "listConnections",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<ConnectionView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<ConnectionView>>> {
    Ok(Json(Page { items: workspace.connections().await?, next_cursor: None }))
}

/// Adds a connection. Needs the scope `manage`, or `run` for one of the caller's own account.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/connections", tag = "connections", operation_id = "addConnection",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = NewConnection,
    responses((status = 201, body = ConnectionView), (status = "default", body = Problem)),
)]
pub(crate) async fn add(
    Entered(workspace): Entered,
    Body(connection): Body<NewConnection>,
) -> Answer<(StatusCode, Json<ConnectionView>)> {
    Ok((StatusCode::CREATED, Json(workspace.add_connection(connection).await?)))
}

/// Removes a connection. Needs what adding it needed.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/connections/{id}", tag = "connections", operation_id = "removeConnection",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = ConnectionId, Path, description = "the connection"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(
    Entered(workspace): Entered,
    Id(connection): Id<ConnectionId>,
) -> Answer<StatusCode> {
    workspace.remove_connection(connection).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces a connection's secrets. Needs what adding it needed.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/connections/{id}/rotate", tag = "connections", operation_id = "rotateConnection",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = ConnectionId, Path, description = "the connection"),
    ),
    request_body = Rotation,
    responses((status = 200, body = ConnectionView), (status = "default", body = Problem)),
)]
pub(crate) async fn rotate(
    Entered(workspace): Entered,
    Id(connection): Id<ConnectionId>,
    Body(rotation): Body<Rotation>,
) -> Answer<Json<ConnectionView>> {
    Ok(Json(workspace.rotate_connection(connection, rotation.values).await?))
}
