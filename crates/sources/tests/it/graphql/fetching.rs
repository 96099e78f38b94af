//! Asking a server for its schema.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use executor_core::tool::SourceKind;
use executor_core::{ErrorCode, Failure};
use executor_sources::{Address, Claimed, Fetched, ImportOptions};
use serde_json::{Value, json};

use super::server::{GRAPHQL_JSON, JSON, Server, serve};
use super::support::{SDL, graphql};
use crate::support::{kinds, options};

async fn fetch(address: &str) -> Result<Fetched, Failure> {
    graphql().fetch(&Address::new(address, &|_, _| ())).await
}

async fn failure(
    answer: impl Fn(&str) -> (u16, &'static str, String) + Clone + Send + Sync + 'static,
) -> Failure {
    let address = serve(move |asked| match asked.method.as_str() {
        "GET" => Some((404, JSON, String::new())),
        _ => Some(answer(asked.query())),
    })
    .await;
    fetch(&address).await.unwrap_err()
}

async fn look(address: &str, wanted: Option<SourceKind>) -> Result<Claimed, Failure> {
    kinds().look(&Address::new(address, &|_, _| ()), wanted).await.map(|claimed| claimed.unwrap())
}

/// What a server knows of the question, by the fields that it refuses.
fn refusing(unknown: &'static [&'static str]) -> impl Fn(&str) -> Value + Clone {
    let server = Arc::new(Server::new(SDL));
    move |query| match unknown.iter().find(|field| query.contains(**field)) {
        Some(field) => {
            json!({"errors": [{"message": format!("Cannot query field \"{field}\".")}], "data": null})
        }
        None => server.answer(query),
    }
}

#[tokio::test]
async fn a_server_is_asked_in_the_form_that_it_understands() {
    let table: [(&'static [&'static str], u16, usize); 3] = [
        (&["isOneOf"], 200, 2),
        (&["isOneOf", "specifiedByURL", "isRepeatable"], 400, 3),
        (&["isOneOf", "args(includeDeprecated"], 200, 2),
    ];
    for (unknown, status, requests) in table {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (refusing(unknown), Arc::clone(&asked));
        let address = serve(move |request| {
            if request.method == "GET" {
                return Some((404, "text/plain", String::new()));
            }
            seen.lock().unwrap().push(request.headers["accept"].to_str().unwrap().to_owned());
            let answer = answer(request.query());
            let status = if answer.get("errors").is_some() { status } else { 200 };
            Some((status, GRAPHQL_JSON, answer.to_string()))
        })
        .await;
        let Claimed { kind, document, detection, .. } =
            look(&address, Some(SourceKind::Graphql)).await.unwrap();
        let options = ImportOptions { document_url: Some(&address), ..options() };
        let import = kind.import(&document, &options).unwrap();
        assert_eq!((detection.operations, import.tools.len()), (13, 15));
        assert_eq!((detection.base_url.as_deref(), import.base_url.as_str()), (Some(&*address), &*address));
        assert_eq!((detection.title.as_str(), detection.suggested_name.as_str()), ("127.0.0.1", "graphql"));
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), requests, "{unknown:?}");
        assert!(asked.iter().all(|accept| accept == "application/graphql-response+json, application/json"));
    }
}

#[tokio::test]
async fn the_fullest_form_is_asked_for_first() {
    let answer = json!({"data": Server::new(SDL).introspect()["data"], "extensions": {"x": 1}, "errors": []});
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let address = serve(move |request| {
        seen.lock().unwrap().push(request.body);
        Some((200, JSON, answer.to_string()))
    })
    .await;
    let Fetched::Document { bytes, etag, .. } = fetch(&address).await.unwrap() else { panic!() };
    assert_eq!(etag, None);
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document.as_object().unwrap().keys().collect::<Vec<_>>(), ["endpoint", "__schema"]);
    let asked = asked.lock().unwrap();
    assert_eq!((asked.len(), &asked[0]["operationName"]), (1, &json!("IntrospectionQuery")));
    let query = asked[0]["query"].as_str().unwrap();
    for part in [
        "isOneOf",
        "specifiedByURL",
        "isRepeatable",
        "args(includeDeprecated: true)",
        "inputFields(includeDeprecated: true)",
    ] {
        assert!(query.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_schema_says_why() {
    let refused =
        failure(|_| (400, JSON, json!({"errors": [{"message": "Introspection is off."}]}).to_string())).await;
    assert_eq!(refused.code, ErrorCode::SourceUnreachable);
    assert!(refused.message.contains("Introspection is off.") && refused.hint.contains("SDL"), "{refused:?}");
    for status in [401, 403] {
        let failure =
            failure(move |_| (status, JSON, json!({"errors": [{"message": "Who?"}]}).to_string())).await;
        assert_eq!(failure.code, ErrorCode::SourceSignInRequired);
    }
    let error = json!({"errors": [{"message": "Sign in.", "extensions": {"code": "UNAUTHENTICATED"}}]});
    let failure_of_code = failure(move |_| (200, JSON, error.to_string())).await;
    assert_eq!(failure_of_code.code, ErrorCode::SourceSignInRequired);
    assert!(failure_of_code.message.contains("Sign in."));
    let page = failure(|_| (200, "text/html", "<!doctype html><html></html>".to_owned())).await;
    assert_eq!(page.code, ErrorCode::DocumentUnreadable);
    assert!(page.message.contains("web page"), "{}", page.message);
    for body in [
        "",
        "[]",
        "7",
        "{}",
        r#"{"data": null}"#,
        r#"{"data": {"__schema": null}}"#,
        r#"{"data": {"#,
        r#"{"data": []}"#,
    ] {
        let failure = failure(move |_| (200, JSON, body.to_owned())).await;
        assert_eq!(failure.code, ErrorCode::DocumentUnreadable, "{body}");
        assert!(failure.message.contains("does not answer as GraphQL"), "{body}");
    }
    let missing = failure(|_| (404, "text/html", "<html>".to_owned())).await;
    assert_eq!(missing.code, ErrorCode::SourceUnreachable);
    assert!(missing.message.contains("404"));
    assert_eq!(fetch("http://127.0.0.1:1/").await.unwrap_err().code, ErrorCode::SourceUnreachable);
    assert_eq!(fetch("nowhere").await.unwrap_err().code, ErrorCode::SourceUnreachable);
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    let address = serve(|request| (request.method == "GET").then(|| (404, JSON, String::new()))).await;
    let start = Instant::now();
    let failure = fetch(&address).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::SourceUnreachable);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_file_at_the_address_is_taken_but_does_not_say_where_the_api_is() {
    let introspected = Server::new(SDL).introspect().to_string();
    for (content_type, file) in [("text/plain", SDL.to_owned()), (JSON, introspected)] {
        let address = serve(move |request| match request.method.as_str() {
            "GET" => Some((200, content_type, file.clone())),
            _ => Some((405, "text/plain", "no".to_owned())),
        })
        .await;
        for wanted in [None, Some(SourceKind::Graphql)] {
            let Claimed { kind, document, detection, .. } = look(&address, wanted).await.unwrap();
            assert_eq!((detection.kind, detection.base_url), (SourceKind::Graphql, None));
            let options = ImportOptions { document_url: Some(&address), ..options() };
            assert_eq!(kind.import(&document, &options).unwrap_err().code, ErrorCode::BaseUrlRequired);
        }
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_left_to_others() {
    let openapi = json!({"openapi": "3.0.0", "info": {"title": "x"}, "servers": [{"url": "https://a.test"}], "paths": {"/a": {"get": {}}}});
    let address = serve(move |request| match request.method.as_str() {
        "GET" => Some((200, JSON, openapi.to_string())),
        _ => Some((405, "text/plain", "no".to_owned())),
    })
    .await;
    assert_eq!(look(&address, None).await.unwrap().detection.kind, SourceKind::Openapi);
    let failure = look(&address, Some(SourceKind::Graphql)).await.err().unwrap();
    assert!(failure.message.contains("405"), "{}", failure.message);
}
