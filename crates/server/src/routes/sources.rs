//! Sources: finding out what a document is, importing it, refreshing and removing it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use executor_core::{Failure, Scope};
use executor_engine::{
    AcceptTools, Detection, ImportProgress, NewSource, Page, Preset, SourceChanges, SourceView, Workspace,
};
use futures::StreamExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id};
use crate::problem::{Answer, Problem};
use crate::sse;
use crate::state::Shared;

/// Steps that may wait for a slow client; more are left out, but never the last word.
const WAITING_STEPS: usize = 64;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(presets))
        .routes(routes!(detect))
        .routes(routes!(show, remove))
        .routes(routes!(refresh))
        .routes(routes!(changes))
        .routes(routes!(review))
}

/// Where a document is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Address {
    /// Its address.
    url: String,
}

/// The sources, by name. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/sources", tag = "sources", operation_id = "listSources",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<SourceView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<SourceView>>> {
    Ok(Json(Page { items: workspace.sources().await?, next_cursor: None }))
}

/// Reads a document and makes its operations tools. With `Accept: text/event-stream` the steps are told as events
/// `progress`, and the end as `source` or `error`. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/sources", tag = "sources", operation_id = "addSource",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = NewSource,
    responses(
        (status = 200, description = "the steps", body = ImportProgress, content_type = "text/event-stream"),
        (status = 201, body = SourceView),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn add(
    State(state): State<Shared>,
    Entered(workspace): Entered,
    headers: HeaderMap,
    Body(source): Body<NewSource>,
) -> Answer<Response> {
    if sse::is_wanted(&headers) {
        return Ok(told_live(&state, workspace, move |workspace, progress| {
            Box::pin(async move { workspace.add_source(source, progress).await })
        }));
    }
    let added = workspace.add_source(source, &|_| {}).await?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}

/// Well-known APIs that can be added by their id. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/source-presets", tag = "sources", operation_id = "listSourcePresets",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<Preset>), (status = "default", body = Problem)),
)]
pub(crate) async fn presets(Entered(workspace): Entered) -> Answer<Json<Page<Preset>>> {
    workspace.principal().require(Scope::Read)?;
    Ok(Json(Page { items: executor_engine::presets().to_vec(), next_cursor: None }))
}

/// What a document is, without adding it. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/sources/detect", tag = "sources", operation_id = "detectSource",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = Address,
    responses((status = 200, body = Detection), (status = "default", body = Problem)),
)]
pub(crate) async fn detect(
    Entered(workspace): Entered,
    Body(address): Body<Address>,
) -> Answer<Json<Detection>> {
    Ok(Json(workspace.detect_source(&address.url).await?))
}

/// A source, by its id or its name. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/sources/{id}", tag = "sources", operation_id = "getSource",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "id or name"),
    ),
    responses((status = 200, body = SourceView), (status = "default", body = Problem)),
)]
pub(crate) async fn show(Entered(workspace): Entered, Id(source): Id<String>) -> Answer<Json<SourceView>> {
    Ok(Json(workspace.source(&source).await?))
}

/// Removes a source with its tools and connections. Needs the scope `manage`.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/sources/{id}", tag = "sources", operation_id = "removeSource",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "id or name"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(Entered(workspace): Entered, Id(source): Id<String>) -> Answer<StatusCode> {
    let source = workspace.source(&source).await?;
    workspace.remove_source(source.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a source's document again; live as when it was added. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/sources/{id}/refresh", tag = "sources", operation_id = "refreshSource",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "id or name"),
    ),
    responses((status = 200, body = SourceView), (status = "default", body = Problem)),
)]
pub(crate) async fn refresh(
    State(state): State<Shared>,
    Entered(workspace): Entered,
    Id(source): Id<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    if sse::is_wanted(&headers) {
        return Ok(told_live(&state, workspace, move |workspace, progress| {
            Box::pin(async move { workspace.refresh_source(&source, progress).await })
        }));
    }
    Ok(Json(workspace.refresh_source(&source, &|_| {}).await?).into_response())
}

/// What became of the source's tools since a person last accepted them. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/sources/{id}/changes", tag = "sources",
    operation_id = "listSourceChanges",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "id or name"),
    ),
    responses((status = 200, body = SourceChanges), (status = "default", body = Problem)),
)]
pub(crate) async fn changes(
    Entered(workspace): Entered,
    Id(source): Id<String>,
) -> Answer<Json<SourceChanges>> {
    Ok(Json(workspace.source_changes(&source).await?))
}

/// Accepts changed tools as they are, so that their calls no longer ask because of it; gives what is left. Needs the
/// scopes `manage` and `approve`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/sources/{id}/review", tag = "sources",
    operation_id = "reviewSource",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = String, Path, description = "id or name"),
    ),
    request_body = AcceptTools,
    responses((status = 200, body = SourceChanges), (status = "default", body = Problem)),
)]
pub(crate) async fn review(
    Entered(workspace): Entered,
    Id(source): Id<String>,
    Body(accepted): Body<AcceptTools>,
) -> Answer<Json<SourceChanges>> {
    Ok(Json(workspace.accept_tools(&source, accepted).await?))
}

type Progress<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

/// Does work on a source and tells its steps. The work goes on if the client goes away.
fn told_live<W>(state: &Shared, workspace: Workspace, work: W) -> Response
where
    W: for<'a> FnOnce(&'a Workspace, Progress<'a>) -> BoxFuture<'a, Result<SourceView, Failure>>
        + Send
        + 'static,
{
    let (steps, events) = mpsc::channel(WAITING_STEPS);
    tokio::spawn(async move {
        let progress = |step: ImportProgress| {
            // A full queue is a slow client, which sees a later step instead.
            let _ = steps.try_send(sse::event("progress", &step));
        };
        let last = match work(&workspace, &progress).await {
            Ok(source) => sse::event("source", &source),
            Err(failure) => sse::event("error", &Problem::from(failure)),
        };
        // A closed queue is a client that has gone.
        let _ = steps.send(last).await;
    });
    sse::answer(ReceiverStream::new(events).boxed(), state.shutdown.clone())
}
