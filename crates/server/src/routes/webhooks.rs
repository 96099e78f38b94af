//! Webhooks: who is told what happens in a workspace, and whether it arrived. All of it needs the scope `manage`.

use axum::Json;
use axum::http::StatusCode;
use executor_core::WebhookId;
use executor_engine::{CreatedWebhook, DeliveryView, NewWebhook, Page, PageRequest, WebhookView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Body, Entered, Id, Query};
use crate::problem::{Answer, Problem};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, remove))
        .routes(routes!(test))
        .routes(routes!(deliveries))
}

/// Which part of a webhook's deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryListQuery {
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// At most this many: 50 if not said, 200 at most.
    limit: Option<u32>,
}

/// The webhooks, oldest first. Needs the scope `manage`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/webhooks", tag = "webhooks", operation_id = "listWebhooks",
    params(("workspace" = String, Path, description = "an id or a slug")),
    responses((status = 200, body = Page<WebhookView>), (status = "default", body = Problem)),
)]
pub(crate) async fn list(Entered(workspace): Entered) -> Answer<Json<Page<WebhookView>>> {
    Ok(Json(Page { items: workspace.webhooks().await?, next_cursor: None }))
}

/// Adds a webhook. The answer is the only one that shows its secret. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/webhooks", tag = "webhooks", operation_id = "addWebhook",
    params(("workspace" = String, Path, description = "an id or a slug")),
    request_body = NewWebhook,
    responses((status = 201, body = CreatedWebhook), (status = "default", body = Problem)),
)]
pub(crate) async fn add(
    Entered(workspace): Entered,
    Body(webhook): Body<NewWebhook>,
) -> Answer<(StatusCode, Json<CreatedWebhook>)> {
    Ok((StatusCode::CREATED, Json(workspace.add_webhook(webhook).await?)))
}

/// A webhook. Needs the scope `manage`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/webhooks/{id}", tag = "webhooks", operation_id = "getWebhook",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = WebhookId, Path, description = "the webhook"),
    ),
    responses((status = 200, body = WebhookView), (status = "default", body = Problem)),
)]
pub(crate) async fn show(
    Entered(workspace): Entered,
    Id(webhook): Id<WebhookId>,
) -> Answer<Json<WebhookView>> {
    Ok(Json(workspace.webhook(webhook).await?))
}

/// Removes a webhook with its secret and its deliveries. Needs the scope `manage`.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{workspace}/webhooks/{id}", tag = "webhooks", operation_id = "removeWebhook",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = WebhookId, Path, description = "the webhook"),
    ),
    responses((status = 204), (status = "default", body = Problem)),
)]
pub(crate) async fn remove(Entered(workspace): Entered, Id(webhook): Id<WebhookId>) -> Answer<StatusCode> {
    workspace.remove_webhook(webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a message of the type `webhook.test`; its deliveries tell what became of it. Needs the scope `manage`.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{workspace}/webhooks/{id}/test", tag = "webhooks", operation_id = "testWebhook",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = WebhookId, Path, description = "the webhook"),
    ),
    responses((status = 202, body = DeliveryView), (status = "default", body = Problem)),
)]
pub(crate) async fn test(
    Entered(workspace): Entered,
    Id(webhook): Id<WebhookId>,
) -> Answer<(StatusCode, Json<DeliveryView>)> {
    Ok((StatusCode::ACCEPTED, Json(workspace.test_webhook(webhook).await?)))
}

/// What a webhook was told in the last seven days, newest first. Needs the scope `manage`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/webhooks/{id}/deliveries", tag = "webhooks",
    operation_id = "listWebhookDeliveries",
    params(
        ("workspace" = String, Path, description = "an id or a slug"),
        ("id" = WebhookId, Path, description = "the webhook"),
        DeliveryListQuery,
    ),
    responses((status = 200, body = Page<DeliveryView>), (status = "default", body = Problem)),
)]
pub(crate) async fn deliveries(
    Entered(workspace): Entered,
    Id(webhook): Id<WebhookId>,
    Query(query): Query<DeliveryListQuery>,
) -> Answer<Json<Page<DeliveryView>>> {
    let page = PageRequest { cursor: query.cursor, limit: query.limit };
    Ok(Json(workspace.webhook_deliveries(webhook, &page).await?))
}
