//! Injections: where they go, where they do not, and that they are never shown.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header::LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use executor_egress::{Injection, InjectionError, Kind, Method, Request, Url};

use crate::support::{client, limits, serve, url};

const SECRET: &str = "s3cr3t-value";
const SEEN: &str = "THE-SECRET";

/// Says what came, with [`SEEN`] for the secret: what comes back as it is would not be read.
async fn echo(uri: Uri, headers: HeaderMap) -> String {
    let show = |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
    format!("{uri} | {} | {} | {}", show("authorization"), show("x-key"), show("cookie"))
        .replace(SECRET, SEEN)
}

/// Repeats it in a header and, without the first word and piece by piece, in the body.
async fn tell(headers: HeaderMap) -> Response {
    let authorization = headers["authorization"].to_str().unwrap().to_owned();
    let alone = authorization.split(' ').next_back().unwrap();
    let pieces: Vec<_> = alone.bytes().map(|byte| Ok::<_, Infallible>(vec![byte])).collect();
    let body = Body::from_stream(futures::stream::iter(pieces));
    ([("x-you-sent", authorization)], body).into_response()
}

async fn upstream(redirect_to: &str) -> SocketAddr {
    let answer = (StatusCode::FOUND, [(LOCATION, redirect_to.to_owned())]);
    serve(
        Router::new()
            .route("/echo", any(echo))
            .route("/tell", any(tell))
            .route("/go", any(async move || answer)),
    )
    .await
}

fn injection(url: &Url) -> Injection {
    Injection::new(url.origin())
        .bearer(&SECRET.into())
        .and_then(|injection| injection.header("X-Key", SECRET.into()))
        .and_then(|injection| injection.query("key", SECRET.into()))
        .and_then(|injection| injection.cookie("session", SECRET.into()))
        .unwrap()
}

async fn ask(target: Url) -> (String, Url) {
    let mut request = Request::new(Method::GET, target);
    request.headers.insert("cookie", "theme=dark".parse().unwrap());
    request.headers.insert("authorization", "Bearer overridden".parse().unwrap());
    request.injection = Some(injection(&request.url));
    let answer = client().send(request, limits()).await.unwrap();
    (String::from_utf8(answer.body.to_vec()).unwrap(), answer.final_url)
}

#[tokio::test]
async fn secrets_join_the_request_and_nothing_that_is_reported() {
    let address = upstream("/echo").await;
    let expected = format!("/echo?page=1&key={SEEN} | Bearer {SEEN} | {SEEN} | theme=dark; session={SEEN}");
    let (seen, final_url) = ask(url(address, "/echo?page=1")).await;
    assert_eq!(seen, expected);
    assert_eq!(final_url, url(address, "/echo?page=1"));
}

#[tokio::test]
async fn a_secret_that_comes_back_is_not_read() {
    let address = upstream("/tell").await;
    let at = url(address, "/tell");
    let empty = || Injection::new(at.origin());
    for (injection, seen) in [
        (empty().bearer(&SECRET.into()).unwrap(), "[redacted]"),
        (empty().header("authorization", format!("token {SECRET}").into()).unwrap(), "[redacted]"),
        (empty().basic(&"ada".into(), &SECRET.into()).unwrap(), "[redacted]"),
        (empty().basic(&SECRET.into(), &"".into()).unwrap(), "[redacted]"),
        (empty().header("authorization", "short".into()).unwrap(), "short"),
    ] {
        for path in ["/tell", "/go"] {
            let mut request = Request::new(Method::GET, url(address, path));
            request.injection = Some(injection.clone());
            let answer = client().send(request, limits()).await.unwrap();
            assert_eq!(answer.body, seen);
            assert_eq!(answer.headers["x-you-sent"], seen);
        }
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_carries_them_once() {
    let address = upstream(&format!("/echo?key={SECRET}&page=2")).await;
    let (seen, final_url) = ask(url(address, "/go")).await;
    assert!(seen.starts_with(&format!("/echo?page=2&key={SEEN} | Bearer {SEEN} |")), "{seen}");
    assert_eq!(final_url, url(address, "/echo?page=2"));
}

#[tokio::test]
async fn a_redirect_to_another_origin_loses_them_all() {
    let other = upstream("/echo").await;
    let here = upstream(&format!("http://{other}/echo?key={SECRET}")).await;
    assert_eq!(ask(url(here, "/go")).await.0, "/echo | - | - | -");
}

#[tokio::test]
async fn coming_back_does_not_restore_them() {
    let here = upstream("unused").await;
    let there = upstream(url(here, "/echo").as_str()).await;
    let start = upstream(url(there, "/go").as_str()).await;
    assert_eq!(ask(url(start, "/go")).await.0, "/echo | - | - | -");
}

#[tokio::test]
async fn secrets_for_another_origin_are_refused_before_anything_is_sent() {
    let bound: Url = "https://api.example.com/".parse().unwrap();
    for target in ["http://api.example.com/", "https://api.example.com:8443/", "https://example.com/"] {
        let mut request = Request::new(Method::GET, target.parse().unwrap());
        request.injection = Some(injection(&bound));
        let error = client().send(request, limits()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::OriginMismatch);
        assert!(!error.may_have_left());
    }
}

#[test]
fn basic_encodes_the_pair() {
    let origin = "https://api.example.com".parse::<Url>().unwrap().origin();
    let error = Injection::new(origin.clone()).basic(&"a:b".into(), &"c".into()).unwrap_err();
    assert_eq!(error, InjectionError::Value("username".to_owned()));
    assert!(Injection::new(origin).basic(&"user".into(), &"pass:word".into()).is_ok());
}

#[test]
fn what_a_place_cannot_carry_is_refused_without_being_shown() {
    let empty = || Injection::new("https://api.example.com".parse::<Url>().unwrap().origin());
    for (result, expected) in [
        (empty().header("x-key", "a\r\nHost: evil".into()), InjectionError::Value("x-key".to_owned())),
        (
            empty().bearer(&"pasted with a newline\n".into()),
            InjectionError::Value("authorization".to_owned()),
        ),
        (empty().header("host", "evil".into()), InjectionError::Name("host".to_owned())),
        (empty().header("two words", "x".into()), InjectionError::Name("two words".to_owned())),
        (empty().cookie("id", "a; admin=1".into()), InjectionError::Value("id".to_owned())),
        (empty().cookie("a=b", "x".into()), InjectionError::Name("a=b".to_owned())),
        (empty().query("", "x".into()), InjectionError::Name(String::new())),
    ] {
        assert_eq!(result.unwrap_err(), expected);
    }
}

#[test]
fn debug_output_shows_places_only() {
    let mut request =
        Request::new(Method::POST, format!("https://api.example.com/a?key={SECRET}").parse().unwrap());
    request.headers.insert("authorization", format!("Bearer {SECRET}").parse().unwrap());
    request.body = SECRET.into();
    request.injection = Some(injection(&request.url));
    let shown = format!("{request:?} {request:#?}");
    assert!(shown.contains("header x-key") && shown.contains("cookie session"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}
