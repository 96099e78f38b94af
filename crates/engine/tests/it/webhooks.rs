//! Webhooks: what is told, how often it is told, and who may say to whom.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use executor_core::{DeliveryStatus, ErrorCode, Role, WebhookId};
use executor_engine::{DeliveryView, PageRequest};
use serde_json::{Value, json};

use crate::support::{TestEngine, Upstream};

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// A receiver that answers with one status and keeps what it was sent: id and body.
struct Receiver {
    url: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    async fn start(status: StatusCode) -> Self {
        let seen = Arc::<Mutex<Vec<(String, String)>>>::default();
        let kept = seen.clone();
        let take = async move |request: Request| {
            let id = request.headers()["webhook-id"].to_str().unwrap().to_owned();
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            kept.lock().unwrap().push((id, String::from_utf8(body.to_vec()).unwrap()));
            (status, [("location", "/elsewhere")])
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn add(engine: &TestEngine, webhook: Value) -> WebhookId {
    engine.workspace.add_webhook(serde_json::from_value(webhook).unwrap()).await.unwrap().webhook.id
}

async fn deliveries(engine: &TestEngine, webhook: WebhookId) -> Vec<DeliveryView> {
    engine.workspace.webhook_deliveries(webhook, &PageRequest::default()).await.unwrap().items
}

/// Waits until the messages to a webhook are as they should be.
async fn until(
    engine: &TestEngine,
    webhook: WebhookId,
    wanted: impl Fn(&[DeliveryView]) -> bool,
) -> Vec<DeliveryView> {
    for _ in 0..400 {
        let found = deliveries(engine, webhook).await;
        if wanted(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{:#?}", deliveries(engine, webhook).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_to_those_who_asked_for_it() {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    engine.run("return 0").await;
    let receiver = Receiver::start(StatusCode::NO_CONTENT).await;
    let all = add(&engine, json!({ "url": receiver.url })).await;
    let some = add(&engine, json!({ "url": receiver.url, "events": ["approval.decided"] })).await;

    let task = engine.run("return await tools.shop.items.create({ name: 'a-private-lamp' })").await;
    let approval = task.approvals[0].clone();
    engine.decide(&approval, json!({ "decision": "deny", "reason": "not this one" })).await;
    engine.end_of(&task).await;

    let told = until(&engine, all, |found| {
        found.len() == 3 && found.iter().all(|one| one.status == DeliveryStatus::Delivered)
    })
    .await;
    let events: Vec<_> = told.iter().rev().map(|one| one.event.as_str()).collect();
    assert_eq!(events, ["approval.requested", "approval.decided", "task.ended"]);
    let told_some = until(&engine, some, |found| found.iter().all(|one| one.due_at.is_none())).await;
    assert_eq!(told_some.iter().map(|one| one.event.as_str()).collect::<Vec<_>>(), ["approval.decided"]);

    let seen = receiver.seen();
    assert_eq!(seen.len(), 4);
    let body = |event: &str| -> Value {
        let sent = told.iter().find(|one| one.event == event).unwrap().id.to_string();
        let (_, body) = seen.iter().find(|(id, _)| *id == sent).unwrap();
        serde_json::from_str(body).unwrap()
    };
    for (event, status) in [("approval.requested", "open"), ("approval.decided", "denied")] {
        let told = body(event);
        assert_eq!((&told["type"], &told["data"]["status"]), (&json!(event), &json!(status)), "{told}");
        assert_eq!(told["data"]["path"], "shop.items.create");
        assert_eq!(told["data"]["task"], task.summary.id.to_string());
        assert_eq!(told["data"]["url"], format!("http://localhost:4788/approvals/{}", approval.id));
        assert!(told["timestamp"].as_str().unwrap().ends_with('Z'), "{told}");
    }
    let ended = body("task.ended");
    assert_eq!(
        (&ended["data"]["status"], &ended["data"]["error"]),
        (&json!("denied"), &json!("approval_denied"))
    );
    let everything = format!("{seen:?}");
    assert!(!everything.contains("lamp") && !everything.contains("not this one"), "{everything}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_is_sent_eight_times_then_given_up_and_later_forgotten() {
    let engine = TestEngine::new().await;
    // A redirect is no success, and is not followed: whatever is sent comes to this path or to that one.
    let receiver = Receiver::start(StatusCode::TEMPORARY_REDIRECT).await;
    let webhook = add(&engine, json!({ "url": receiver.url })).await;
    engine.workspace.test_webhook(webhook).await.unwrap();
    let mut last_attempt = None;
    for attempts in 1..=8 {
        let is_done =
            |found: &[DeliveryView]| found[0].attempts == attempts && found[0].attempted_at > last_attempt;
        let found = until(&engine, webhook, is_done).await;
        last_attempt = found[0].attempted_at;
        let (failed, last) = (&found[0], attempts == 8);
        assert_eq!(failed.status == DeliveryStatus::Failed, last, "{failed:?}");
        assert_eq!((failed.due_at.is_none(), failed.response_status), (last, Some(307)), "{failed:?}");
        assert!(failed.error.as_ref().unwrap().contains("307"), "{failed:?}");
        engine.clock.put_forward(14 * HOUR_MS);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 8);
    assert!(seen.iter().all(|sent| *sent == seen[0]), "the same id and body each time: {seen:?}");

    engine.executor.apply_retention().await.unwrap();
    assert_eq!(deliveries(&engine, webhook).await.len(), 1);
    engine.clock.put_forward(3 * 24 * HOUR_MS);
    engine.executor.apply_retention().await.unwrap();
    assert!(deliveries(&engine, webhook).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_manage_does_not_even_see_webhooks() {
    let engine = TestEngine::new().await;
    let webhook = add(&engine, json!({ "url": "https://hooks.example/secret-path" })).await;
    let member = engine.as_member(Role::Member).await;
    let new = serde_json::from_value(json!({ "url": "https://hooks.example/" })).unwrap();
    for refused in [
        member.webhooks().await.err(),
        member.webhook(webhook).await.err(),
        member.add_webhook(new).await.err(),
        member.test_webhook(webhook).await.err(),
        member.webhook_deliveries(webhook, &PageRequest::default()).await.err(),
        member.remove_webhook(webhook).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, ErrorCode::Forbidden);
    }
    assert_eq!(engine.workspace.webhooks().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_webhook_is_refused() {
    let engine = TestEngine::new().await;
    let long = format!("https://hooks.example/{}", "a".repeat(2_000));
    for url in ["", "hooks.example", "ftp://hooks.example/", "https://me:pass@hooks.example/", &long] {
        let webhook = serde_json::from_value(json!({ "url": url })).unwrap();
        let failure = engine.workspace.add_webhook(webhook).await.err().unwrap();
        assert_eq!(failure.code, ErrorCode::InvalidRequest, "{url}: {failure}");
    }
    let told_of_nothing = serde_json::from_value(json!({ "url": "https://hooks.example/", "events": [] }));
    let failure = engine.workspace.add_webhook(told_of_nothing.unwrap()).await.err().unwrap();
    assert_eq!(failure.code, ErrorCode::InvalidRequest);
    for _ in 0..20 {
        add(&engine, json!({ "url": "https://hooks.example/" })).await;
    }
    let one_more = serde_json::from_value(json!({ "url": "https://hooks.example/" })).unwrap();
    let failure = engine.workspace.add_webhook(one_more).await.err().unwrap();
    assert!(failure.message.contains("20 webhooks"), "{failure}");
}
