//! Webhooks: add, look, try, remove. All of it needs the scope `manage`: an address can be a secret.

use executor_core::{AuditAction, ErrorCode, Failure, Scope, WebhookEvent, WebhookId};
use executor_egress::{Kind, Url};
use executor_store::{Delivery, Webhook};
use executor_vault::{Context, SecretString};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Workspace, bad_cursor};
use crate::failure::StoreResult;
use crate::view::{CreatedWebhook, DeliveryView, NewWebhook, Page, PageRequest, WebhookView};

/// Webhooks that a workspace may have: each is a message more for whatever happens.
const MOST_WEBHOOKS: usize = 20;

/// The longest address, in bytes.
const MOST_URL_BYTES: usize = 2_000;

impl Workspace {
    /// The webhooks, oldest first (scope `manage`).
    pub async fn webhooks(&self) -> Result<Vec<WebhookView>, Failure> {
        Ok(self.stored_webhooks().await?.iter().map(view).collect())
    }

    /// A webhook (scope `manage`).
    pub async fn webhook(&self, id: WebhookId) -> Result<WebhookView, Failure> {
        Ok(view(&self.stored_webhook(id).await?))
    }

    /// Adds a webhook (scope `manage`). Its secret is shown only now.
    pub async fn add_webhook(&self, wanted: NewWebhook) -> Result<CreatedWebhook, Failure> {
        if self.stored_webhooks().await?.len() >= MOST_WEBHOOKS {
            let message = format!("A workspace can have {MOST_WEBHOOKS} webhooks.");
            return Err(Failure::new(ErrorCode::InvalidRequest, message).with_hint("Remove one first."));
        }
        let url = self.check_url(&wanted.url)?;
        let now = self.engine.clock.now();
        let id = WebhookId::new(self.engine.ids.as_ref(), now);
        let (secret, sealed) = self.new_secret(id)?;
        let webhook = Webhook {
            id,
            organization: self.principal.organization,
            workspace: self.id,
            url: url.to_string(),
            events: check_events(wanted.events)?,
            secret: sealed,
            created_at: now,
        };
        let shown = view(&webhook);
        let audit = self.audit(AuditAction::WebhookAdded).on(id).with(&details(&webhook));
        self.engine.store.add_webhook(webhook, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(CreatedWebhook { webhook: shown, secret: secret.expose_secret().to_owned() })
    }

    /// Removes a webhook with what it has not been told yet (scope `manage`).
    pub async fn remove_webhook(&self, id: WebhookId) -> Result<(), Failure> {
        let webhook = self.stored_webhook(id).await?;
        let audit = self.audit(AuditAction::WebhookRemoved).on(id).with(&details(&webhook));
        self.engine.store.remove_webhook(self.id, id, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    /// Sends a message of the type `webhook.test` (scope `manage`).
    pub async fn test_webhook(&self, id: WebhookId) -> Result<DeliveryView, Failure> {
        let message = self.engine.test_message(&self.stored_webhook(id).await?).shown()?;
        self.engine.store.add_delivery(message.clone()).await.shown()?;
        let sent = self.engine.store.deliveries(self.id, id, None, 1).await.shown()?;
        let sent = sent.into_iter().find(|sent| sent.new.id == message.id);
        sent.map(delivery_view).ok_or_else(|| not_found(id))
    }

    /// The messages to a webhook, newest first (scope `manage`).
    pub async fn webhook_deliveries(
        &self,
        id: WebhookId,
        page: &PageRequest,
    ) -> Result<Page<DeliveryView>, Failure> {
        self.stored_webhook(id).await?;
        let before = match &page.cursor {
            Some(cursor) => Some(cursor.parse().map_err(|_| bad_cursor())?),
            None => None,
        };
        let size = page.size();
        let mut found = self.engine.store.deliveries(self.id, id, before, size + 1).await.shown()?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let next_cursor = found.last().filter(|_| more).map(|delivery| delivery.new.id.to_string());
        Ok(Page { items: found.into_iter().map(delivery_view).collect(), next_cursor })
    }

    async fn stored_webhooks(&self) -> Result<Vec<Webhook>, Failure> {
        self.principal.require(Scope::Manage)?;
        self.engine.store.webhooks(self.principal.organization, self.id).await.shown()
    }

    async fn stored_webhook(&self, id: WebhookId) -> Result<Webhook, Failure> {
        let found = self.stored_webhooks().await?.into_iter().find(|webhook| webhook.id == id);
        found.ok_or_else(|| not_found(id))
    }

    fn check_url(&self, text: &str) -> Result<Url, Failure> {
        let invalid = |reason: String| {
            Failure::new(ErrorCode::InvalidRequest, format!("A webhook cannot have this address: {reason}."))
                .with_hint("Give an address like https://example.com/hooks/executor.")
        };
        if text.len() > MOST_URL_BYTES {
            return Err(invalid(format!("it is longer than {MOST_URL_BYTES} bytes")));
        }
        // A name is judged whenever it is dialled.
        self.engine.egress.guard().parse(text.trim()).map_err(|error| match error.kind() {
            Kind::Blocked(blocked) => Failure::new(ErrorCode::AddressBlocked, format!("{blocked}.")),
            _ => invalid(error.to_string()),
        })
    }

    fn new_secret(&self, id: WebhookId) -> Result<(SecretString, String), Failure> {
        let context = Context::webhook(self.principal.organization, self.id, id);
        let made = self.engine.vault.ring().new_webhook_secret(&context);
        let (secret, sealed) =
            made.map_err(|error| Failure::new(ErrorCode::Internal, format!("{error}.")))?;
        Ok((secret, sealed.to_string()))
    }
}

/// Each event once, in the order of the table; all of them if none is named.
fn check_events(wanted: Option<Vec<WebhookEvent>>) -> Result<Vec<WebhookEvent>, Failure> {
    let Some(mut events) = wanted else { return Ok(WebhookEvent::ALL.to_vec()) };
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        let message = "`events` is empty: the webhook would be told of nothing.";
        return Err(Failure::new(ErrorCode::InvalidRequest, message)
            .with_hint("Name an event, or leave `events` out to be told of everything."));
    }
    Ok(events)
}

/// What the audit log is told: of the address only where it leads, since the rest can be a secret.
fn details(webhook: &Webhook) -> serde_json::Value {
    let origin = Url::parse(&webhook.url).map(|url| url.origin().ascii_serialization()).ok();
    json!({ "origin": origin, "events": webhook.events })
}

fn not_found(id: WebhookId) -> Failure {
    Failure::new(ErrorCode::NotFound, format!("There is no webhook {id} in this workspace."))
}

fn view(webhook: &Webhook) -> WebhookView {
    WebhookView {
        id: webhook.id,
        url: webhook.url.clone(),
        events: webhook.events.clone(),
        created_at: webhook.created_at,
    }
}

fn delivery_view(delivery: Delivery) -> DeliveryView {
    DeliveryView {
        id: delivery.new.id,
        webhook: delivery.new.webhook,
        event: delivery.new.event,
        status: delivery.status,
        attempts: delivery.attempts,
        created_at: delivery.new.created_at,
        attempted_at: delivery.attempted_at,
        due_at: delivery.due_at,
        response_status: delivery.response_status,
        error: delivery.error,
    }
}
