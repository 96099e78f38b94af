//! Webhooks and their deliveries, as they are shown and taken.

use executor_core::{DeliveryStatus, Timestamp, WebhookDeliveryId, WebhookEvent, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook to add.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWebhook {
    /// Where messages go: an `https` or `http` URL.
    pub url: String,
    /// What it is told of; of everything if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<WebhookEvent>>,
}

/// A webhook, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<WebhookEvent>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A webhook just added: the only time that its secret is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebhook {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView,
    /// What messages are signed with: `whsec_` and the key in Base64.
    pub secret: String,
}

/// A message to a webhook, and how far its delivery is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// Its id, which the receiver sees as `webhook-id`.
    pub id: WebhookDeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// What it tells of: an event, or `webhook.test`.
    pub event: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many times it was sent.
    pub attempts: u32,
    /// When what it tells of happened.
    pub created_at: Timestamp,
    /// When it was last sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempted_at: Option<Timestamp>,
    /// When it is sent next, unless it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The status with which the receiver last answered, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_status: Option<u16>,
    /// Why it last failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
