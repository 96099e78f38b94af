//! Size and time: nothing an upstream does makes the client read or wait without end.

use std::io::Write as _;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use executor_egress::{Client, Kind, Limits, Method, Request};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;

use crate::support::{client, limits, serve, serve_raw, url};

const MIB: usize = 1024 * 1024;

fn get_request(address: std::net::SocketAddr) -> Request {
    Request::new(Method::GET, url(address, "/"))
}

fn head(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let router = Router::new().route("/", get(async || vec![b'x'; 1000]));
    let address = serve(router).await;
    for (max_body_bytes, fits) in [(1000, true), (999, false), (0, false)] {
        let result = client().send(get_request(address), Limits { max_body_bytes, ..limits() }).await;
        match result {
            Ok(answer) => assert!(fits && answer.body.len() == 1000),
            Err(error) => {
                assert!(!fits);
                assert_eq!(*error.kind(), Kind::TooLarge { limit: max_body_bytes });
                assert_eq!(error.status().unwrap(), 200);
            }
        }
    }
}

#[tokio::test]
async fn a_document_reports_progress_and_a_huge_one_is_refused_at_its_head() {
    let mut seen = Vec::new();
    let router = Router::new().route("/", get(async || vec![b'x'; 3 * MIB]));
    let address = serve(router).await;
    let document = client()
        .download(get_request(address), Limits::DOCUMENT, |received, total| seen.push((received, total)))
        .await
        .unwrap();
    assert_eq!(document.body.len(), 3 * MIB);
    assert!(seen.is_sorted() && seen.len() > 1);
    assert_eq!(*seen.last().unwrap(), (3 * MIB as u64, Some(3 * MIB as u64)));

    let address = serve_raw(vec![head(&format!("Content-Length: {}", 200 * MIB)), vec![b'x'; 10]]).await;
    let error =
        client().download(get_request(address), Limits::DOCUMENT, |_, _| panic!("read")).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::TooLarge { limit: Limits::DOCUMENT.max_body_bytes });
}

#[tokio::test]
async fn a_body_without_end_stops_at_the_limit() {
    let endless =
        async || Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024])));
    let address = serve(Router::new().route("/", get(endless))).await;
    let error = client().send(get_request(address), limits()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::TooLarge { limit: limits().max_body_bytes });
}

#[tokio::test]
async fn a_compressed_body_counts_as_what_it_becomes() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 8 * MIB]).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 64 * 1024);
    let headers = head(&format!("Content-Encoding: gzip\r\nContent-Length: {}", bomb.len()));
    let address = serve_raw(vec![headers, bomb]).await;

    let mut received = 0;
    let error =
        client().download(get_request(address), limits(), |bytes, _| received = bytes).await.unwrap_err();

    assert_eq!(*error.kind(), Kind::TooLarge { limit: limits().max_body_bytes });
    assert!(received <= limits().max_body_bytes);
}

#[tokio::test]
async fn time_runs_from_the_call_to_the_last_byte() {
    let silent = async || std::future::pending::<()>().await;
    let dripping = async || {
        Body::from_stream(stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        }))
    };
    let router = Router::new().route("/silent", get(silent)).route("/dripping", get(dripping));
    let address = serve(router).await;
    let limits = Limits { timeout: Duration::from_millis(200), ..limits() };

    for (path, status) in [("/silent", None), ("/dripping", Some(200))] {
        let started = Instant::now();
        let error = client().send(Request::new(Method::GET, url(address, path)), limits).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Timeout { limit: limits.timeout });
        assert_eq!(error.status().map(|status| status.as_u16()), status);
        assert!(error.may_have_left());
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_head_answer_announces_a_body_that_it_does_not_bring() {
    let address = serve_raw(vec![head("Content-Length: 999999999")]).await;
    let answer = client().send(Request::new(Method::HEAD, url(address, "/")), limits()).await.unwrap();
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let large = format!("X-Large: {}", "x".repeat(2 * MIB));
    let many = (0..1000).map(|index| format!("X-{index}: x")).collect::<Vec<_>>().join("\r\n");
    for headers in [large, many] {
        let address = serve_raw(vec![head(&headers)]).await;
        let error = client().send(get_request(address), limits()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Protocol { .. }), "{error:?}");
    }
}

#[test]
fn a_client_is_cheap_to_share() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
}
