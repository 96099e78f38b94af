//! Webhooks and their outbox: written with what they tell of, taken by one at a time, settled once.

use executor_core::{DeliveryStatus, Timestamp, WebhookDeliveryId, WebhookEvent, WebhookId};
use executor_store::{AfterAttempt, Delivery, DeliveryAttempt, Durability, Error, NewDelivery, Webhook};
use futures::future::join_all;

use crate::stage::{NOW, Stage, Tenant, created, new, write};
use crate::story::stories;

stories![
    a_webhook_belongs_to_a_workspace,
    a_message_is_written_with_what_it_tells_of_or_not_at_all,
    of_many_who_ask_one_gets_a_message,
    a_message_whose_lease_ends_goes_to_another_who_alone_settles_it,
    a_message_is_sent_again_when_it_is_due_until_it_is_given_up,
    messages_to_a_busy_webhook_wait_and_others_do_not,
    a_webhook_is_removed_with_its_messages,
    old_messages_of_an_organization_are_removed,
];

const LEASE: Timestamp = NOW.plus_millis(30_000);

async fn webhook(stage: &Stage, tenant: Tenant) -> Webhook {
    let webhook = Webhook {
        id: new!(stage, WebhookId),
        organization: tenant.organization,
        workspace: tenant.workspace,
        url: "https://example.org/hook".to_owned(),
        events: vec![WebhookEvent::ApprovalRequested, WebhookEvent::TaskEnded],
        secret: "sealed".to_owned(),
        created_at: NOW,
    };
    stage.store.add_webhook(webhook.clone(), stage.note()).await.unwrap();
    webhook
}

fn message(stage: &Stage, webhook: &Webhook) -> NewDelivery {
    NewDelivery {
        id: new!(stage, WebhookDeliveryId),
        organization: webhook.organization,
        workspace: webhook.workspace,
        webhook: webhook.id,
        event: "task.ended".to_owned(),
        body: r#"{"type":"task.ended"}"#.to_owned(),
        created_at: NOW,
    }
}

async fn claim(stage: &Stage, now: Timestamp) -> Option<Delivery> {
    let claimed = stage.store.claim_delivery(&[], now.plus_millis(30_000), now).await.unwrap();
    claimed.map(|(delivery, _)| delivery)
}

async fn settle(stage: &Stage, delivery: &Delivery, then: AfterAttempt) -> bool {
    let failed = then != AfterAttempt::Delivered;
    let attempt = DeliveryAttempt {
        at: NOW,
        response_status: Some(if failed { 500 } else { 204 }),
        error: failed.then(|| "it answered 500".to_owned()),
        then,
    };
    stage.store.settle_delivery(delivery, attempt).await.unwrap()
}

async fn only(stage: &Stage, webhook: &Webhook) -> Delivery {
    let mut all = stage.store.deliveries(webhook.workspace, webhook.id, None, 10).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn a_webhook_belongs_to_a_workspace(stage: Stage) {
    let (tenant, beside) = (stage.tenant, stage.another_workspace("beside").await);
    let other = stage.another_tenant().await;
    let first = webhook(&stage, tenant).await;
    assert!(stage.store.webhooks(tenant.organization, tenant.workspace).await == Ok(vec![first.clone()]));
    stage.store.add_delivery(message(&stage, &first)).await.unwrap();
    for stranger in [beside, other] {
        assert!(stage.store.webhooks(stranger.organization, stranger.workspace).await == Ok(vec![]));
        assert_eq!(stage.store.deliveries(stranger.workspace, first.id, None, 10).await, Ok(vec![]));
        let removed = stage.store.remove_webhook(stranger.workspace, first.id, stage.note()).await;
        assert_eq!(removed, Err(Error::NotFound("webhook")));
    }
    assert!(stage.store.webhooks(other.organization, tenant.workspace).await == Ok(vec![]));
}

async fn a_message_is_written_with_what_it_tells_of_or_not_at_all(stage: Stage) {
    let webhook = webhook(&stage, stage.tenant).await;
    let (task, epoch) = stage.running().await;
    let mut late = write(stage.tenant, task, epoch - 1, vec![created(2)]);
    late.deliveries = vec![message(&stage, &webhook)];
    assert_eq!(stage.store.write_task(late, Durability::Synced).await, Err(Error::LeaseLost));
    assert_eq!(claim(&stage, NOW).await, None);
    let mut told = write(stage.tenant, task, epoch, vec![created(2)]);
    told.deliveries = vec![message(&stage, &webhook)];
    stage.store.write_task(told.clone(), Durability::Synced).await.unwrap();
    assert_eq!(claim(&stage, NOW).await.unwrap().new, told.deliveries[0]);
}

async fn of_many_who_ask_one_gets_a_message(stage: Stage) {
    let webhook = webhook(&stage, stage.tenant).await;
    stage.store.add_delivery(message(&stage, &webhook)).await.unwrap();
    let asked = (0..8).map(|_| {
        let store = stage.store.clone();
        tokio::spawn(async move { store.claim_delivery(&[], LEASE, NOW).await.unwrap() })
    });
    let got: Vec<_> = join_all(asked).await.into_iter().filter_map(Result::unwrap).collect();
    let [(delivery, to)] = got.as_slice() else { panic!("{} got it", got.len()) };
    assert!(*to == webhook);
    assert_eq!((delivery.attempts, delivery.due_at), (1, Some(LEASE)));
    assert_eq!(only(&stage, &webhook).await, *delivery);
}

async fn a_message_whose_lease_ends_goes_to_another_who_alone_settles_it(stage: Stage) {
    let webhook = webhook(&stage, stage.tenant).await;
    stage.store.add_delivery(message(&stage, &webhook)).await.unwrap();
    let first = claim(&stage, NOW).await.unwrap();
    assert_eq!(claim(&stage, NOW.plus_millis(29_999)).await, None);
    let second = claim(&stage, LEASE).await.unwrap();
    assert_eq!((second.attempts, &second.new), (2, &first.new));
    assert!(!settle(&stage, &first, AfterAttempt::GivenUp).await, "it is not the first one's any more");
    assert!(settle(&stage, &second, AfterAttempt::Delivered).await);
    assert!(!settle(&stage, &second, AfterAttempt::GivenUp).await, "it is settled");
    let delivered = only(&stage, &webhook).await;
    assert_eq!((delivered.status, delivered.response_status), (DeliveryStatus::Delivered, Some(204)));
    assert_eq!((delivered.due_at, delivered.error), (None, None));
}

async fn a_message_is_sent_again_when_it_is_due_until_it_is_given_up(stage: Stage) {
    let webhook = webhook(&stage, stage.tenant).await;
    stage.store.add_delivery(message(&stage, &webhook)).await.unwrap();
    let (first, later) = (claim(&stage, NOW).await.unwrap(), NOW.plus_millis(5_000));
    assert!(settle(&stage, &first, AfterAttempt::RetryAt(later)).await);
    let waits = only(&stage, &webhook).await;
    assert_eq!((waits.status, waits.due_at, waits.attempts), (DeliveryStatus::Pending, Some(later), 1));
    assert_eq!(claim(&stage, NOW.plus_millis(4_999)).await, None);
    let second = claim(&stage, later).await.unwrap();
    assert_eq!((second.attempts, &second.new), (2, &first.new));
    assert!(settle(&stage, &second, AfterAttempt::GivenUp).await);
    assert_eq!(claim(&stage, NOW.plus_millis(1_000_000_000)).await, None);
    let failed = only(&stage, &webhook).await;
    assert_eq!((failed.status, failed.due_at), (DeliveryStatus::Failed, None));
    assert_eq!((failed.response_status, failed.error.as_deref()), (Some(500), Some("it answered 500")));
}

async fn messages_to_a_busy_webhook_wait_and_others_do_not(stage: Stage) {
    let (busy, free) = (webhook(&stage, stage.tenant).await, webhook(&stage, stage.tenant).await);
    for webhook in [&busy, &free] {
        stage.store.add_delivery(message(&stage, webhook)).await.unwrap();
    }
    let claim = async || stage.store.claim_delivery(&[busy.id], LEASE, NOW).await.unwrap();
    assert!(claim().await.unwrap().1 == free);
    assert!(claim().await.is_none());
    assert_eq!(only(&stage, &busy).await.attempts, 0);
}

async fn a_webhook_is_removed_with_its_messages(stage: Stage) {
    let webhook = webhook(&stage, stage.tenant).await;
    let workspace = stage.tenant.workspace;
    stage.store.add_delivery(message(&stage, &webhook)).await.unwrap();
    stage.store.remove_webhook(workspace, webhook.id, stage.note()).await.unwrap();
    assert_eq!(stage.store.deliveries(workspace, webhook.id, None, 10).await, Ok(vec![]));
    stage.store.add_delivery(message(&stage, &webhook)).await.unwrap();
    assert_eq!(claim(&stage, NOW).await, None, "by somebody who had not heard of it");
    assert_eq!(stage.store.deliveries(workspace, webhook.id, None, 10).await, Ok(vec![]));
}

async fn old_messages_of_an_organization_are_removed(stage: Stage) {
    let other = stage.another_tenant().await;
    let (mine, theirs) = (webhook(&stage, stage.tenant).await, webhook(&stage, other).await);
    for webhook in [&mine, &theirs] {
        stage.store.add_delivery(message(&stage, webhook)).await.unwrap();
    }
    let organization = stage.tenant.organization;
    assert_eq!(stage.store.remove_deliveries(organization, NOW).await, Ok(0));
    assert_eq!(stage.store.remove_deliveries(organization, NOW.plus_millis(1)).await, Ok(1));
    only(&stage, &theirs).await;
}
