//! Tools: finding and reading about them.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use executor_core::tool::{SideEffect, SourceKind};
use executor_engine::{PageRequest, ToolQuery, ToolSummary, ToolView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Entered, Id, Query, invalid};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(declarations)).routes(routes!(show))
}

/// Which tools.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ToolListQuery {
    /// An intent, in words: the best tools for it come first. Without it all tools come, by path.
    query: Option<String>,
    /// Only tools of this source.
    source: Option<String>,
    /// Only tools of sources of this kind; goes with `query`.
    kind: Option<SourceKind>,
    /// Only tools with this side effect; goes with `query`.
    side_effect: Option<SideEffect>,
    /// At most this many: with `query` 10 if not said and 50 at most, else 50 and 200.
    limit: Option<u32>,
    /// The `nextCursor` of the page before; goes without `query`.
    cursor: Option<String>,
}

/// Tools.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolList {
    /// The tools: best first, or by path.
    items: Vec<ToolSummary>,
    /// What to ask for the next page with; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What to try if nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The tools that fit an intent, or all of them. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tools", tag = "tools", operation_id = "listTools",
    params(("workspace" = String, Path, description = "an id or a slug"), ToolListQuery),
    responses((status = 200, body = ToolList), (status = "default", body = Problem)),
)]
pub(crate) async fn list(
    Entered(workspace): Entered,
    Query(wanted): Query<ToolListQuery>,
) -> Answer<Json<ToolList>> {
    let ToolListQuery { query, source, kind, side_effect, limit, cursor } = wanted;
    if let Some(query) = query {
        if cursor.is_some() {
            return Err(invalid("`cursor` goes without `query`; ask for more with `limit`."));
        }
        let found = workspace.search(&ToolQuery { query, limit, source, kind, side_effect }).await?;
        return Ok(Json(ToolList { items: found.items, next_cursor: None, hint: found.hint }));
    }
    if side_effect.is_some() || kind.is_some() {
        return Err(invalid("`sideEffect` and `kind` go with `query`."));
    }
    let page = workspace.tools(source.as_deref(), &PageRequest { cursor, limit }).await?;
    Ok(Json(ToolList { items: page.items, next_cursor: page.next_cursor, hint: None }))
}

/// Which tools are declared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct DeclarationsQuery {
    /// Only tools of this source.
    source: Option<String>,
}

/// All tools as one file of TypeScript declarations, for an editor or the compiler. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tools.d.ts", tag = "tools", operation_id = "getToolDeclarations",
    params(("workspace" = String, Path, description = "an id or a slug"), DeclarationsQuery),
    responses(
        (status = 200, body = String, content_type = "application/typescript"), (status = "default", body = Problem),
    ),
)]
pub(crate) async fn declarations(
    Entered(workspace): Entered,
    Query(wanted): Query<DeclarationsQuery>,
) -> Answer<impl IntoResponse> {
    let declarations = workspace.declarations(wanted.source.as_deref()).await?;
    Ok(([(CONTENT_TYPE, "application/typescript; charset=utf-8")], declarations))
}

/// A tool with its schemas and its TypeScript; the path may be in any spelling. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tools/{id}", tag = "tools", operation_id = "getTool",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = String, Path, description = "the tool's path, `github.issues.create`"),
    ),
    responses((status = 200, body = ToolView), (status = "default", body = Problem)),
)]
pub(crate) async fn show(Entered(workspace): Entered, Id(path): Id<String>) -> Answer<Json<ToolView>> {
    Ok(Json(workspace.describe(&path).await?))
}
