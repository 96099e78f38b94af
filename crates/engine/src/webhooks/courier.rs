//! Sends what is due. Each process has one courier; the store gives each message to one of them at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use executor_core::WebhookId;
use executor_egress::{HeaderValue, Limits, Method, Request, StatusCode, Url};
use executor_store::{AfterAttempt, Delivery, DeliveryAttempt, Error, Webhook};
use executor_vault::{Context, SealedSecret};
use tokio::task::{Id, JoinSet};

use super::back_off;
use crate::Inner;

/// How often messages are looked for.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long a receiver has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a message is ours. Well above the time limit: what a process that died was sending is sent again then.
const LEASE_MS: i64 = 30_000;

/// Messages under way at once, and those to one webhook, so that one that does not answer holds up only itself.
const AT_ONCE: usize = 64;
const AT_ONCE_TO_ONE: usize = 4;

/// Sends until the engine closes, and then finishes what is under way.
pub(crate) async fn serve(engine: Arc<Inner>) {
    let mut under_way = JoinSet::new();
    let mut receivers = HashMap::new();
    loop {
        tokio::select! {
            () = engine.scheduler.closing() => break,
            Some(ended) = under_way.join_next_with_id() => {
                receivers.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
            () = tokio::time::sleep(INTERVAL) => {}
        }
        if let Err(error) = engine.send_due(&mut under_way, &mut receivers).await {
            tracing::error!(%error, "webhooks cannot be told what is due");
        }
    }
    while under_way.join_next().await.is_some() {}
}

impl Inner {
    /// Begins to send what is due, as far as there is room.
    async fn send_due(
        self: &Arc<Self>,
        under_way: &mut JoinSet<()>,
        receivers: &mut HashMap<Id, WebhookId>,
    ) -> Result<(), Error> {
        while under_way.len() < AT_ONCE {
            let (now, busy) = (self.clock.now(), busy(receivers));
            let claimed = self.store.claim_delivery(&busy, now.plus_millis(LEASE_MS), now).await?;
            let Some((delivery, webhook)) = claimed else { return Ok(()) };
            let (engine, receiver) = (self.clone(), webhook.id);
            let sending = under_way.spawn(async move { engine.deliver(&delivery, &webhook).await });
            receivers.insert(sending.id(), receiver);
        }
        Ok(())
    }

    /// Sends a message once and records how that went.
    async fn deliver(&self, delivery: &Delivery, webhook: &Webhook) {
        let (response_status, error) = match self.send_to_webhook(delivery, webhook).await {
            Ok(status) if status.is_success() => (Some(status), None),
            Ok(status) => {
                (Some(status), Some(format!("the receiver answered with status {}", status.as_u16())))
            }
            Err(error) => (None, Some(error)),
        };
        let at = self.clock.now();
        let then = match (&error, back_off::after(delivery.attempts, delivery.new.id)) {
            (None, _) => AfterAttempt::Delivered,
            (Some(_), Some(delay)) => AfterAttempt::RetryAt(at.plus_millis(delay)),
            (Some(_), None) => AfterAttempt::GivenUp,
        };
        let outcome = match then {
            AfterAttempt::Delivered => "delivered",
            AfterAttempt::RetryAt(_) => "retried",
            AfterAttempt::GivenUp => "failed",
        };
        metrics::counter!("executor_webhook_attempts_total", "outcome" => outcome).increment(1);
        let response_status = response_status.map(|status| status.as_u16());
        let attempt = DeliveryAttempt { at, response_status, error, then };
        // If it is not recorded, it is sent again when the lease has ended.
        if let Err(error) = self.store.settle_delivery(delivery, attempt).await {
            tracing::error!(%error, delivery = %delivery.new.id, "what became of a message is not recorded");
        }
    }

    /// The status with which the receiver answers; what it says besides does not count.
    async fn send_to_webhook(&self, delivery: &Delivery, webhook: &Webhook) -> Result<StatusCode, String> {
        let url = Url::parse(&webhook.url).map_err(|error| error.to_string())?;
        let id = delivery.new.id.to_string();
        let timestamp = self.clock.now().as_millis().div_euclid(1_000);
        let signature =
            self.signature(delivery, webhook, &id, timestamp).map_err(|error| error.to_string())?;
        let mut request = Request::new(Method::POST, url);
        request.body = delivery.new.body.clone().into();
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        let signed = [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        for (name, value) in signed {
            request.headers.insert(name, HeaderValue::try_from(value).map_err(|error| error.to_string())?);
        }
        // The body is not read, so there is nothing to limit.
        let limits = Limits { timeout: TIMEOUT, max_body_bytes: u64::MAX };
        let reply = self.egress.open_without_redirects(request, limits).await;
        reply.map(|reply| reply.status()).map_err(|error| error.to_string())
    }

    fn signature(
        &self,
        delivery: &Delivery,
        webhook: &Webhook,
        id: &str,
        timestamp: i64,
    ) -> Result<String, executor_vault::Error> {
        let context = Context::webhook(webhook.organization, webhook.workspace, webhook.id);
        let sealed: SealedSecret = webhook.secret.parse()?;
        self.vault.ring().sign_webhook(&sealed, &context, id, timestamp, &delivery.new.body)
    }
}

/// The webhooks to which no more can be sent just now.
fn busy(receivers: &HashMap<Id, WebhookId>) -> Vec<WebhookId> {
    let mut counts: HashMap<WebhookId, usize> = HashMap::new();
    for receiver in receivers.values() {
        *counts.entry(*receiver).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count >= AT_ONCE_TO_ONE).map(|(receiver, _)| receiver).collect()
}
