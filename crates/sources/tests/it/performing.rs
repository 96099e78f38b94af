//! Calls that are planned and sent to a real server.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, ToolError};
use executor_egress::{Client, Options};
use executor_sources::{Address, Answer, Fetched, Files, Payload, Performed, Sending};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{client, openapi, path, plan_at, tool};

async fn send_to(
    base: &str,
    method: &str,
    side_effect: SideEffect,
    given: Value,
    timeout: Duration,
) -> Performed {
    let tool = tool(
        "/{what}",
        method,
        json!({"responses": {}, "parameters": [{"name": "q", "in": "query", "schema": {}}]}),
    );
    let plan = plan_at(base, &tool, given).unwrap();
    let (path, kept_for, injection) = (path(), None, None);
    openapi()
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

fn answer(status: u16, content_type: &str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let mut response = (status, body.into()).into_response();
    response.headers_mut().remove("content-type");
    if !content_type.is_empty() {
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
    }
    response
}

async fn serve(Path(what): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match what.as_str() {
        "json" => {
            let mut response = answer(
                200,
                "application/vnd.x+json; charset=utf-8",
                r#"{"b": 1.50, "a": 12345678901234567890123}"#,
            );
            response.headers_mut().append("x-n", "1".parse().unwrap());
            response.headers_mut().append("x-n", "2".parse().unwrap());
            response.headers_mut().append("set-cookie", "secret=1".parse().unwrap());
            response
        }
        "echo" => answer(
            200,
            "text/plain",
            format!("{} {}", query.unwrap_or_default(), headers["accept"].to_str().unwrap()),
        ),
        "none" => answer(204, "", ""),
        "empty" => answer(200, "application/json", ""),
        "file" => {
            let mut response = answer(200, "application/pdf", vec![0_u8, 159, 146, 150]);
            response
                .headers_mut()
                .insert("content-disposition", "attachment; filename=\"../../a.pdf\"".parse().unwrap());
            response
        }
        "bare" => answer(200, "", "[1]"),
        "latin" => answer(200, "text/csv; charset=ISO-8859-1", vec![b'a', 0xe9]),
        "garbage" => answer(200, "application/json", "<html>"),
        "large" => answer(200, "application/json", vec![b' '; 17 * 1024 * 1024]),
        "slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            answer(200, "", "")
        }
        "rate" => answer(429, "application/json", r#"{"error": {"message": "slow down"}}"#),
        "unprocessable" => {
            answer(422, "application/problem+json", r#"{"errors": [{"message": "no title"}], "x": 1}"#)
        }
        "plain-error" => answer(500, "text/plain", "it broke"),
        "huge-error" => answer(503, "text/html", "x".repeat(200_000)),
        other => answer(404, "application/json", format!(r#"{{"message": "no {other}"}}"#)),
    }
}

async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/{what}", any(serve)).route("/", get(|| async { "" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

async fn call(method: &str, what: &str) -> Performed {
    let side_effect = if method == "get" { SideEffect::None } else { SideEffect::Write };
    let timeout = Duration::from_millis(if what == "slow" { 300 } else { 20_000 });
    send_to(&server().await, method, side_effect, json!({"what": what, "q": "a b"}), timeout).await
}

async fn good(what: &str) -> Answer {
    match call("post", what).await {
        Performed::Completed(answer) => answer,
        other => panic!("{what}: {other:?}"),
    }
}

async fn bad(method: &str, what: &str) -> ToolError {
    match call(method, what).await {
        Performed::Failed(error) => error,
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn payloads_are_read_by_their_media_type() {
    let answer = good("json").await;
    let Payload::Json(json) = &answer.payload else { panic!("{answer:?}") };
    assert_eq!(json.as_str(), r#"{"b": 1.50, "a": 12345678901234567890123}"#);
    assert_eq!((answer.status, answer.headers["x-n"].as_str()), (200, "1, 2"));
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(good("echo").await.payload, Payload::Text("q=a%20b */*".to_owned()));
    assert_eq!(good("none").await.payload, Payload::Empty);
    assert_eq!(good("empty").await.payload, Payload::Empty);
    assert_eq!(good("latin").await.payload, Payload::Text("aé".to_owned()));
    assert!(matches!(good("bare").await.payload, Payload::Json(json) if json.as_str() == "[1]"));
    let Payload::Binary { bytes, mime_type, name } = good("file").await.payload else { panic!() };
    assert_eq!(
        (&bytes[..], mime_type.as_str(), name.as_str()),
        (&[0, 159, 146, 150][..], "application/pdf", "a.pdf")
    );
}

#[tokio::test]
async fn errors_carry_the_apis_own_message() {
    let table = [
        ("rate", 429, true, "slow down"),
        ("unprocessable", 422, false, "no title"),
        ("plain-error", 500, false, "it broke"),
        ("missing", 404, false, "no missing"),
        ("huge-error", 503, true, "503"),
    ];
    for (what, status, retryable, message) in table {
        let error = bad("post", what).await;
        assert_eq!(
            (error.code, error.status, error.retryable),
            (ErrorCode::UpstreamError, Some(status), retryable)
        );
        assert!(error.message.contains(message), "{}", error.message);
        assert!(error.details.unwrap().as_str().len() < 66 * 1024);
    }
}

#[tokio::test]
async fn a_complete_answer_is_never_unknown() {
    assert_eq!(bad("post", "garbage").await.code, ErrorCode::UpstreamInvalid);
    assert_eq!(bad("post", "large").await.code, ErrorCode::ResultTooLarge);
}

#[tokio::test]
async fn a_timeout_is_unknown_only_for_what_must_not_be_repeated() {
    assert_eq!(bad("get", "slow").await.code, ErrorCode::UpstreamTimeout);
    match call("post", "slow").await {
        Performed::Unknown(error) => {
            assert_eq!((error.code, error.retryable), (ErrorCode::OutcomeUnknown, false))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable_whatever_the_method() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for side_effect in [SideEffect::None, SideEffect::Write] {
        let performed =
            send_to(&base, "post", side_effect, json!({"what": "x"}), Duration::from_secs(5)).await;
        let Performed::Failed(error) = performed else { panic!("{performed:?}") };
        assert_eq!((error.code, error.retryable), (ErrorCode::UpstreamUnreachable, true));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown_for_a_write() {
    for reply in ["", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(reply.as_bytes()).await;
            }
        });
        let send =
            |side_effect| send_to(&base, "post", side_effect, json!({"what": "x"}), Duration::from_secs(5));
        let performed = send(SideEffect::Write).await;
        assert!(
            matches!(&performed, Performed::Unknown(error) if error.code == ErrorCode::OutcomeUnknown),
            "{performed:?}"
        );
        let performed = send(SideEffect::Idempotent).await;
        assert!(
            matches!(&performed, Performed::Failed(error) if error.code == ErrorCode::UpstreamInvalid),
            "{performed:?}"
        );
    }
}

#[tokio::test]
async fn documents_are_fetched_with_their_failures_told_apart() {
    let base = server().await;
    let fetch = async |url: &str| Address::new(url, &|_, _| ()).file(&client()).await;
    let bare = fetch(&format!("{base}/bare")).await.unwrap();
    assert!(matches!(&bare, Fetched::Document { bytes, .. } if bytes == "[1]"), "{bare:?}");
    assert_eq!(fetch(&format!("{base}/missing")).await.unwrap_err().code, ErrorCode::SourceUnreachable);
    assert_eq!(fetch("not a url").await.unwrap_err().code, ErrorCode::SourceUnreachable);
    let guarded = Client::new(Options::default()).unwrap();
    let blocked = Address::new(&base, &|_, _| ()).file(&guarded).await.unwrap_err();
    assert_eq!(blocked.code, ErrorCode::AddressBlocked);
}
