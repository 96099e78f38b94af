//! Calls through the gate and out to a real server.

use std::time::Duration;

use executor_core::ErrorCode;
use executor_core::call::CallState;
use executor_core::journal::Event;
use executor_core::task::TaskStatus;
use executor_engine::{EventFilter, Submission};
use serde_json::json;

use crate::support::{TestEngine, Upstream, silent_upstream, silent_upstream_that_waits};

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    (engine, upstream)
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_out_side_by_side_and_cost_no_sync() {
    let (engine, upstream) = with_shop().await;
    let before = engine.store.syncs();
    let code = "const ids = [1, 2, 3, 4, 5, 6, 7, 8];
        const items = await Promise.all(ids.map((id) => tools.shop.items.get({ id })));
        const whole = await tools.shop.ITEMS.Get({ id: 9 }, { response: true });
        return [items.map((item) => item.id), whole.status, whole.data, whole.headers['content-type']]";
    let task = engine.run(code).await;
    assert_eq!(task.summary.status, TaskStatus::Completed, "{:?}", task.error);
    assert_eq!(task.result.unwrap().as_str(), r#"[[1,2,3,4,5,6,7,8],200,{"id":9},"application/json"]"#);
    assert_eq!(engine.store.syncs() - before, 1, "reads wait for the task's own sync");
    assert!(upstream.seen().iter().all(|request| request.method == "GET" && request.authorization.is_none()));
    let calls = engine.workspace.calls(task.summary.id).await.unwrap();
    assert!(calls.iter().all(|call| call.state == CallState::Completed && call.path == "shop.items.get"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_asks_until_a_rule_allows_it_and_costs_two_syncs_at_most() {
    let (engine, upstream) = with_shop().await;
    engine
        .connect(json!({ "source": "shop", "method": "token", "values": { "token": "s3cret-token" } }))
        .await;
    let code = "return await tools.shop.items.create({ name: 'lamp' })";
    let held = engine.run(code).await;
    assert_eq!((held.summary.status, held.approvals.len()), (TaskStatus::Waiting, 1));
    assert!(upstream.seen().is_empty());

    engine.allow("shop.items.create").await;
    let before = engine.store.syncs();
    let task = engine.run(code).await;
    assert_eq!(task.result.unwrap().as_str(), r#"{"name":"lamp"}"#);
    let syncs = engine.store.syncs() - before;
    assert!((2..=3).contains(&syncs), "{syncs} syncs: one before it leaves, at most two to the end");
    assert_eq!(upstream.seen()[0].authorization.as_deref(), Some("Bearer s3cret-token"));

    let journal = engine.workspace.events(task.summary.id, EventFilter::default()).await.unwrap();
    let kinds: Vec<_> = journal.iter().map(|entry| entry.event.kind()).collect();
    let of_call = ["call.issued", "call.judged", "call.started", "call.settled"];
    assert_eq!(kinds.iter().filter(|kind| kind.starts_with("call.")).collect::<Vec<_>>(), of_call.each_ref());
    let files = std::fs::read_dir(engine.folder.path()).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(12).any(|window| window == b"s3cret-token");
        assert!(!found, "the secret is readable in {}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_goes_where_the_document_says() {
    let (engine, upstream) = with_shop().await;
    let code = "return await tools.shop.items.secret({ id: 3 })";
    let missing = engine.run(code).await.error.unwrap().failure;
    assert_eq!(missing.code, ErrorCode::ConnectionRequired);
    engine.connect(json!({ "source": "shop", "method": "key", "values": { "token": "k-1" } })).await;
    engine
        .connect(json!({ "source": "shop", "method": "key", "name": "other", "values": { "token": "k-2" } }))
        .await;
    engine.run(code).await;
    engine.run("return await tools.shop.items.secret({ id: 3 }, { connection: 'other' })").await;
    let keys: Vec<_> = upstream.seen().into_iter().map(|request| request.key.unwrap_or_default()).collect();
    assert_eq!(keys, ["k-1", "k-2"]);
    let unknown =
        engine.run("return await tools.shop.items.secret({ id: 3 }, { connection: 'third' })").await;
    assert_eq!(unknown.error.unwrap().failure.code, ErrorCode::ConnectionNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_tool_is_hidden_and_ends_the_task_as_denied() {
    let (engine, upstream) = with_shop().await;
    engine.add_rule(json!({ "tools": "shop.items.*", "effect": "deny" })).await;
    let task = engine.run("return await tools.shop.items.get({ id: 1 })").await;
    assert_eq!(task.summary.status, TaskStatus::Denied);
    assert_eq!(task.error.unwrap().failure.code, ErrorCode::PolicyDenied);
    let caught = "try { await tools.shop.items.get({ id: 1 }) } catch (error) { return error.code }";
    assert_eq!(engine.run(caught).await.result.unwrap().as_str(), r#""policy_denied""#);
    let found = engine.run("return (await tools.search('get an item')).items.map((tool) => tool.path)").await;
    assert!(!found.result.unwrap().as_str().contains("shop.items"));
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_says_what_is_wrong_and_what_to_do() {
    let (engine, upstream) = with_shop().await;
    let table = [
        ("tools.shop.items.gett({ id: 1 })", ErrorCode::ToolNotFound, "shop.items.get"),
        ("tools.shpo.items.get({ id: 1 })", ErrorCode::ToolNotFound, "shop.items.get"),
        ("tools.shop.items.get({})", ErrorCode::InvalidArguments, "id"),
        ("tools.shop.items.get({ id: 'one' })", ErrorCode::InvalidArguments, "integer"),
        ("tools.shop.items.get({ ID: 1, id: 2 })", ErrorCode::InvalidArguments, "`id`"),
        ("tools.shop.items.get(5)", ErrorCode::InvalidArguments, "object"),
        ("tools.shop.items.get({ id: 1 }, { conection: 'x' })", ErrorCode::InvalidArguments, "connection"),
        ("tools.executor.nothing()", ErrorCode::ToolNotFound, "executor.files.read"),
    ];
    for (call, code, named) in table {
        let failure = engine.run(&format!("return await {call}")).await.error.expect(call).failure;
        assert_eq!(failure.code, code, "{call}: {failure:?}");
        let said = format!("{} {}", failure.message, failure.hint);
        assert!(said.contains(named), "{call}: {said}");
    }
    assert!(upstream.seen().is_empty(), "nothing left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_upstream_answers_badly_reaches_the_code_as_an_error() {
    let (engine, _upstream) = with_shop().await;
    let code = "try { await tools.shop.broken({}) } catch (error) { \
                return [error.code, error.status, error.message, error.retryable, error.path] }";
    let caught = engine.run(code).await;
    assert_eq!(
        caught.result.unwrap().as_str(),
        r#"["upstream_error",500,"The API answered with status 500: it broke",false,"shop.broken"]"#
    );
    let uncaught = engine.run("\nawait tools.shop.broken({})").await.error.unwrap();
    assert_eq!(uncaught.failure.code, ErrorCode::UpstreamError);
    assert_eq!(uncaught.location.map(|place| place.line), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_an_answer_is_unknown_and_listed() {
    let engine = TestEngine::new().await;
    engine.add_shop(silent_upstream().await).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    engine.allow("shop.*").await;
    let task = engine.run("await tools.shop.items.create({ name: 'lamp' })").await;
    let error = task.error.unwrap();
    assert_eq!(error.failure.code, ErrorCode::OutcomeUnknown);
    let listed: Vec<_> =
        error.writes_done.iter().map(|write| (write.path.as_str(), write.outcome.as_str())).collect();
    assert_eq!(listed, [("shop.items.create", "unknown")]);
    assert_eq!(engine.workspace.calls(task.summary.id).await.unwrap()[0].state, CallState::Unknown);
    // A read may have been lost as well; it is a failure that the code may repeat.
    let read =
        engine.run("try { await tools.shop.items.get({ id: 1 }) } catch (e) { return e.retryable }").await;
    assert_eq!(read.result.unwrap().as_str(), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_awaits_is_finished_and_told() {
    let (engine, upstream) = with_shop().await;
    let task = engine.run("tools.shop.items.get({ id: 1 }); return 'done'").await;
    assert_eq!(task.result.unwrap().as_str(), r#""done""#);
    let warnings: Vec<_> =
        task.warnings.iter().map(|warning| (warning.code.as_str(), warning.call)).collect();
    assert_eq!(warnings, [("call_not_awaited", Some(1))]);
    assert!(upstream.seen().len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_flight_counts_against_the_time_limit() {
    let (engine, _upstream) = with_shop().await;
    let mut slow = crate::support::submission("await tools.shop.slow({})");
    slow.timeout_ms = Some(300);
    let task = engine.workspace.submit(slow).await.unwrap();
    assert_eq!(task.summary.status, TaskStatus::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_knows_repeated_requests_gets_a_key_of_each_call() {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    engine.add_shop(upstream.address).await;
    engine.allow("shop.orders.create").await;
    let code = "await tools.shop.orders.create({ item: 1 });\n\
                await tools.shop.orders.create({ item: 1 });\n\
                await tools.shop.orders.create({ item: 1, 'Idempotency-Key': 'my own' });";
    let task = engine.run(code).await;
    assert_eq!(task.summary.status, TaskStatus::Completed, "{task:?}");
    let keys: Vec<_> = upstream.seen().into_iter().map(|seen| seen.idempotency_key.unwrap()).collect();
    assert_eq!((keys.len(), keys[2].as_str()), (3, "my own"));
    assert!(keys[0] != keys[1] && keys[..2].iter().all(|key| uuid::Uuid::parse_str(key).is_ok()), "{keys:?}");
}

/// The process dies while the API takes its time; what was sent is sent again, with the same key.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_repeated_after_a_crash_has_the_same_key() {
    let (engine, silent) = (TestEngine::new().await, silent_upstream_that_waits().await);
    engine.add_shop(silent).await;
    engine.allow("shop.orders.create").await;
    let code = "return await tools.shop.orders.create({ item: 1 })";
    let task = Submission { code: code.to_owned(), ..Submission::default() };
    let task = engine.workspace.submit(task).await.unwrap();
    let started = async |engine: &TestEngine| loop {
        let journal = engine.workspace.events(task.summary.id, EventFilter::default()).await.unwrap();
        let keys: Vec<_> = journal
            .into_iter()
            .filter_map(|entry| match entry.event {
                Event::CallStarted(started) => started.request.headers.get("idempotency-key").cloned(),
                _ => None,
            })
            .collect();
        if !keys.is_empty() {
            break keys;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    started(&engine).await;
    engine.executor.shutdown(Duration::ZERO).await;
    let again = TestEngine::on(engine.folder.clone()).await;
    let keys = loop {
        let keys = started(&again).await;
        if keys.len() == 2 {
            break keys;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_takes_no_longer_than_it_may() {
    let engine = TestEngine::new().await;
    let address = silent_upstream_that_waits().await;
    engine.add_shop(address).await;
    let brief =
        json!({ "name": "brief", "document": crate::support::document(address), "callTimeoutMs": 200 });
    engine.add_source(brief).await.unwrap();
    for source in ["shop", "brief"] {
        engine.connect(json!({ "source": source, "method": "token", "values": { "token": "t" } })).await;
        engine.allow(&format!("{source}.*")).await;
    }
    let table = [
        ("tools.shop.items.get({ id: 1 }, { timeoutMs: 200 })", r#"["upstream_timeout",true]"#),
        ("tools.shop.items.create({ name: 'lamp' }, { timeoutMs: 200 })", r#"["outcome_unknown",false]"#),
        ("tools.brief.items.get({ id: 1 })", r#"["upstream_timeout",true]"#),
        ("tools.brief.items.get({ id: 1 }, { timeoutMs: 50000 })", r#"["upstream_timeout",true]"#),
        ("tools.shop.items.get({ id: 1 }, { timeoutMs: 0 })", r#"["invalid_arguments",false]"#),
        ("tools.shop.items.get({ id: 1 }, { timeoutMs: 'x' })", r#"["invalid_arguments",false]"#),
    ];
    for (call, expected) in table {
        let began = std::time::Instant::now();
        let code = format!("try {{ await {call} }} catch (error) {{ return [error.code, error.retryable] }}");
        let task = engine.run(&code).await;
        assert_eq!(task.result.expect(call).as_str(), expected, "{call}");
        assert!(began.elapsed() < Duration::from_secs(10), "{call}");
    }
    let source =
        json!({ "name": "bad", "document": crate::support::document(address), "callTimeoutMs": 700_000 });
    assert_eq!(engine.add_source(source).await.unwrap_err().code, ErrorCode::InvalidRequest);
}
