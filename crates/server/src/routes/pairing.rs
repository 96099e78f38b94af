//! New pairing links, for whoever holds the local owner's token.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access;
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A link that makes the browser that opens it the local owner's.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PairingLink {
    /// Works once, for as long as the server runs.
    url: String,
}

/// Makes a link that lets a browser decide approvals in the local owner's name. Needs the local owner's token.
#[utoipa::path(
    post, path = "/api/v1/pairing", tag = "approvals", operation_id = "createPairingLink",
    responses((status = 201, body = PairingLink), (status = "default", body = Problem)),
)]
pub(crate) async fn create(
    State(state): State<Shared>,
    headers: HeaderMap,
) -> Answer<(StatusCode, Json<PairingLink>)> {
    access::require_local_token(&state, &headers)?;
    let url = state.pairing.link(&state.public_url)?;
    Ok((StatusCode::CREATED, Json(PairingLink { url })))
}
