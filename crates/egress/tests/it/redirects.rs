//! Redirects between real servers.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header::LOCATION};
use axum::routing::{any, get};
use executor_egress::{Kind, Options, Request, Response};

use crate::support::{client, client_with, limits, serve, url};

/// Says what it was asked.
async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> String {
    let mut names: Vec<_> = headers.keys().map(ToString::to_string).collect();
    names.sort();
    format!("{method} {uri} {} {}", String::from_utf8_lossy(&body), names.join(","))
}

fn redirect(status: u16, location: &str) -> axum::routing::MethodRouter {
    let answer = (StatusCode::from_u16(status).unwrap(), [(LOCATION, location.to_owned())]);
    any(async move || answer)
}

async fn send(
    method: Method,
    url: executor_egress::Url,
    body: &str,
) -> Result<Response, executor_egress::Error> {
    let mut request = Request::new(method, url);
    request.headers.insert("content-type", "text/plain".parse().unwrap());
    request.headers.insert("x-tenant", "t1".parse().unwrap());
    request.headers.insert("authorization", "Bearer mine".parse().unwrap());
    request.headers.insert("cookie", "a=b".parse().unwrap());
    request.body = Bytes::copy_from_slice(body.as_bytes());
    client().send(request, limits()).await
}

#[tokio::test]
async fn a_chain_within_one_origin_keeps_the_request() {
    let router = Router::new()
        .route("/a", redirect(307, "/b"))
        .route("/b", redirect(308, "echo?x=1"))
        .route("/echo", any(echo));
    let address = serve(router).await;

    let answer = send(Method::POST, url(address, "/a"), "body").await.unwrap();

    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.starts_with("POST /echo?x=1 body "), "{text}");
    for name in ["authorization", "content-type", "cookie", "x-tenant"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert_eq!(answer.final_url, url(address, "/echo?x=1"));
}

#[tokio::test]
async fn a_get_drops_body_and_its_headers() {
    let address = serve(Router::new().route("/a", redirect(303, "/echo")).route("/echo", any(echo))).await;
    let answer = send(Method::POST, url(address, "/a"), "body").await.unwrap();
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.starts_with("GET /echo  "), "{text}");
    assert!(!text.contains("content-"), "{text}");
}

#[tokio::test]
async fn another_origin_learns_nothing_personal() {
    let other = serve(Router::new().route("/echo", any(echo))).await;
    let here = serve(Router::new().route("/a", redirect(302, url(other, "/echo").as_str()))).await;
    let answer = send(Method::GET, url(here, "/a"), "").await.unwrap();
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(text, "GET /echo  accept,accept-encoding,content-type,host,user-agent");
}

#[tokio::test]
async fn a_write_is_not_sent_on_to_another_origin() {
    let other = serve(Router::new().route("/echo", any(echo))).await;
    let target = url(other, "/echo");
    let here = serve(Router::new().route("/a", redirect(307, target.as_str()))).await;
    let answer = send(Method::POST, url(here, "/a"), "body").await.unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers[LOCATION], target.as_str());
}

#[tokio::test]
async fn each_hop_is_judged() {
    for location in [
        "http://127.0.0.2/",
        "//127.0.0.2/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f.0.0.2/",
        "http://2130706434/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.2]/",
        "http://localhost/",
    ] {
        // `localhost` may be reached at 127.0.0.1 here; nobody listens on its port 80.
        let address = serve(Router::new().route("/a", redirect(302, location))).await;
        let error = send(Method::GET, url(address, "/a"), "").await.unwrap_err();
        let expected = matches!(error.kind(), Kind::Blocked(_)) || location.contains("localhost");
        assert!(expected, "{location}: {error:?}");
        assert!(error.may_have_left(), "the first hop was sent");
    }
    for location in
        ["file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)", "http://a:b@example.com/"]
    {
        let address = serve(Router::new().route("/a", redirect(302, location))).await;
        let error = send(Method::GET, url(address, "/a"), "").await.unwrap_err();
        assert!(matches!(error.kind(), Kind::InvalidUrl { .. }), "{location}: {error:?}");
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_six_are_not() {
    let hop = async |uri: Uri| {
        let left: u32 = uri.path()[1..].parse().unwrap();
        if left == 0 {
            return (StatusCode::OK, HeaderMap::new());
        }
        (StatusCode::FOUND, HeaderMap::from_iter([(LOCATION, format!("/{}", left - 1).parse().unwrap())]))
    };
    let address = serve(Router::new().fallback(get(hop))).await;
    assert_eq!(send(Method::GET, url(address, "/5"), "").await.unwrap().status, 200);
    let error = send(Method::GET, url(address, "/6"), "").await.unwrap_err();
    assert_eq!(*error.kind(), Kind::TooManyRedirects { limit: 5 });
}

#[tokio::test]
async fn a_redirect_can_be_taken_as_the_answer() {
    let router = Router::new().route("/a", redirect(307, "/echo")).route("/echo", any(echo));
    let request = Request::new(Method::POST, url(serve(router).await, "/a"));
    let reply = client().open_without_redirects(request, limits()).await.unwrap();
    assert_eq!((reply.status(), reply.final_url().path()), (StatusCode::TEMPORARY_REDIRECT, "/a"));

    let refused = Request::new(Method::POST, "http://169.254.169.254/latest".parse().unwrap());
    let error = client_with(Options::default()).open_without_redirects(refused, limits()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Blocked(_)) && !error.may_have_left(), "{error:?}");
}
