//! Calls that are sent, and what their answers bring.

use std::time::Duration;

use executor_core::{ErrorCode, ToolError};
use executor_sources::{Answer, Files, ImportOptions, Payload, Performed, Sending};
use serde_json::{Value, json};

use super::server::{Asked, GRAPHQL_JSON, JSON, serve};
use super::support::{SDL, Shop, graphql};
use crate::support::{options, path};

/// Calls a tool of a server that answers so.
async fn call<F>(tool: &str, given: Value, answer: F) -> Performed
where
    F: Fn(Asked) -> Option<(u16, &'static str, String)> + Clone + Send + Sync + 'static,
{
    let address = serve(answer).await;
    let document = executor_sources::Document::read(SDL.as_bytes()).unwrap();
    let options = ImportOptions { base_url: Some(&address), ..options() };
    let shop = Shop { kind: graphql(), import: graphql().import(&document, &options).unwrap() };
    let plan = shop.plan(tool, given).unwrap();
    let (path, side_effect) = (path(), shop.tool(tool).side_effect);
    let (kept_for, injection, timeout) = (None, None, Duration::from_millis(500));
    shop.kind
        .perform(Sending {
            path: &path,
            plan,
            side_effect,
            kept_for,
            injection,
            timeout,
            files: Files::new(),
            answers: None,
            attendant: &executor_sources::Unattended,
        })
        .await
}

async fn answered(tool: &str, given: Value, status: u16, body: Value) -> Performed {
    call(tool, given, move |_| Some((status, GRAPHQL_JSON, body.to_string()))).await
}

async fn good(tool: &str, given: Value, body: Value) -> Answer {
    match answered(tool, given, 200, body).await {
        Performed::Completed(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn bad(tool: &str, given: Value, status: u16, body: Value) -> ToolError {
    match answered(tool, given, status, body).await {
        Performed::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

fn json_of(answer: &Answer) -> &str {
    let Payload::Json(json) = &answer.payload else { panic!("{answer:?}") };
    json.as_str()
}

#[tokio::test]
async fn a_call_is_one_request_and_its_payload_the_value_of_the_field() {
    let given = json!({"id": "1", "select": "id age"});
    let performed = call("query.user", given, |asked| {
        assert_eq!(asked.method, "POST");
        assert_eq!(asked.headers["content-type"], JSON);
        assert_eq!(asked.body["operationName"], "user");
        assert_eq!(asked.body["variables"], json!({"id": "1"}));
        assert_eq!(asked.query(), "query user($id: ID!) { user(id: $id) { id age } }");
        Some((200, JSON, r#"{"data": {"user": {"id": "1", "age": 12345678901234567890.50}}}"#.to_owned()))
    })
    .await;
    let Performed::Completed(answer) = performed else { panic!("{performed:?}") };
    assert_eq!(json_of(&answer), r#"{"id": "1", "age": 12345678901234567890.50}"#);
    for value in ["null", "7", "[]", "\"x\""] {
        let value: Value = serde_json::from_str(value).unwrap();
        let answer =
            good("query.user", json!({"id": 1}), json!({"data": {"user": value}, "errors": []})).await;
        assert_eq!(json_of(&answer), value.to_string());
    }
}

#[tokio::test]
async fn a_value_with_errors_is_good_and_the_errors_are_not_lost() {
    let errors = json!([{"message": "No age.", "path": ["user", "age"]}]);
    let body = json!({"data": {"user": {"id": "1", "age": null}}, "errors": errors});
    let answer = good("query.user", json!({"id": 1}), body.clone()).await;
    assert_eq!(json_of(&answer), r#"{"id":"1","age":null}"#);
    assert_eq!(serde_json::from_str::<Value>(&answer.headers["graphql-errors"]).unwrap(), errors);
    let answer = good("mutation.user", json!({"id": 1}), body).await;
    assert!(answer.headers.contains_key("graphql-errors"));
    let many = json!({"data": {"user": {}}, "errors": vec![json!({"message": "No age."}); 10_000]});
    let answer = good("query.user", json!({"id": 1}), many).await;
    let told: Value = serde_json::from_str(&answer.headers["graphql-errors"]).unwrap();
    assert!(told[0]["message"].as_str().unwrap().contains("No age.; No age."));
}

#[tokio::test]
async fn no_value_with_errors_is_a_failure_that_carries_them() {
    let errors = json!([{"message": "No such user."}, {"message": "Nor another."}]);
    for data in [json!({"user": null}), json!(null), json!({})] {
        for tool in ["query.user", "mutation.user"] {
            let error = bad(tool, json!({"id": 1}), 200, json!({"data": data, "errors": errors})).await;
            assert_eq!(
                (error.code, error.status, error.retryable),
                (ErrorCode::UpstreamError, Some(200), false)
            );
            assert!(error.message.contains("No such user.; Nor another."), "{}", error.message);
            assert_eq!(error.details.unwrap().read::<Value>().unwrap(), errors);
        }
    }
    for errors in [json!(["x"]), json!({"a": 1}), json!("x"), json!([{}])] {
        let error = bad("query.user", json!({"id": 1}), 200, json!({ "errors": errors })).await;
        assert_eq!(error.code, ErrorCode::UpstreamError);
    }
}

#[tokio::test]
async fn a_status_that_is_an_error_brings_the_apis_own_message() {
    let error =
        bad("query.user", json!({"id": 1}), 400, json!({"errors": [{"message": "Too complex."}]})).await;
    assert_eq!((error.code, error.status), (ErrorCode::UpstreamError, Some(400)));
    assert!(error.message.contains("Too complex."), "{}", error.message);
    assert!(bad("query.user", json!({"id": 1}), 429, json!({})).await.retryable);
}

#[tokio::test]
async fn what_is_no_answer_of_graphql_is_invalid() {
    for body in [
        json!({}),
        json!([]),
        json!(7),
        json!({"data": {}}),
        json!({"data": [1]}),
        json!({"data": null}),
        json!({"user": 1}),
    ] {
        let error = bad("query.user", json!({"id": 1}), 200, body.clone()).await;
        assert_eq!(error.code, ErrorCode::UpstreamInvalid, "{body}");
    }
    let performed = call("query.version", json!({}), |_| Some((200, "text/html", "<html>".to_owned()))).await;
    assert!(
        matches!(&performed, Performed::Failed(error) if error.code == ErrorCode::UpstreamInvalid),
        "{performed:?}"
    );
}

#[tokio::test]
async fn a_whole_document_is_answered_as_the_api_answers() {
    let body = json!({"data": {"a": 1, "b": null}, "errors": [{"message": "No b."}]});
    let answer = good("rawQuery", json!({"query": "{ a: version b: version }"}), body.clone()).await;
    assert_eq!(json_of(&answer), body.to_string());
    let error =
        bad("rawQuery", json!({"query": "{ version }"}), 200, json!({"errors": [{"message": "No."}]})).await;
    assert_eq!(error.code, ErrorCode::UpstreamError);
    assert!(error.message.contains("No."));
}

#[tokio::test]
async fn a_mutation_without_an_answer_is_unknown_and_a_query_is_not() {
    let performed = call("mutation.user", json!({"id": 1}), |_| None).await;
    assert!(
        matches!(&performed, Performed::Unknown(error) if error.code == ErrorCode::OutcomeUnknown),
        "{performed:?}"
    );
    let performed = call("rawMutation", json!({"query": "mutation { user(id: 1) { id } }"}), |_| None).await;
    assert!(matches!(performed, Performed::Unknown(_)), "{performed:?}");
    let performed = call("query.version", json!({}), |_| None).await;
    assert!(
        matches!(&performed, Performed::Failed(error) if error.code == ErrorCode::UpstreamTimeout),
        "{performed:?}"
    );
}
