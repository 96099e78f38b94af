//! The workspaces.

use axum::Json;
use axum::extract::State;
use executor_engine::{Page, WorkspaceView};

use crate::access::Caller;
use crate::problem::{Answer, Problem};
use crate::state::Shared;

/// The workspaces that the caller may see. Anybody with a key may ask.
#[utoipa::path(
    get, path = "/api/v1/workspaces", tag = "workspaces", operation_id = "listWorkspaces",
    responses((status = 200, body = Page<WorkspaceView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(
    Caller(principal): Caller,
    State(state): State<Shared>,
) -> Answer<Json<Page<WorkspaceView>>> {
    Ok(Json(Page { items: state.executor.workspaces(&principal).await?, next_cursor: None }))
}
