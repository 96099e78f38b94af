//! What each failure says about the request: whether it may have left.

use executor_egress::{Kind, Method, Request};
use tokio::net::TcpListener;

use crate::support::{client, limits, read_head, serve_raw, url};

async fn post(address: std::net::SocketAddr) -> executor_egress::Error {
    let mut request = Request::new(Method::POST, url(address, "/path?key=s3cr3t"));
    request.body = "s3cr3t body".into();
    let error = client().send(request, limits()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
    error
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = post(address).await;
    assert!(matches!(error.kind(), Kind::Connect { .. }), "{error:?}");
    assert!(!error.may_have_left());
}

#[tokio::test]
async fn the_peer_goes_away_before_answering() {
    let error = post(serve_raw(vec![]).await).await;
    assert!(matches!(error.kind(), Kind::Protocol { .. }), "{error:?}");
    assert!(error.may_have_left());
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn the_peer_does_not_speak_http() {
    let error = post(serve_raw(vec![b"220 mail.example.com ESMTP\r\n".to_vec()]).await).await;
    assert!(matches!(error.kind(), Kind::Protocol { .. }), "{error:?}");
    assert!(error.may_have_left());
}

#[tokio::test]
async fn the_body_is_shorter_than_announced() {
    let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nshort".to_vec();
    let error = post(serve_raw(vec![answer]).await).await;
    assert!(matches!(error.kind(), Kind::BodyRead { .. }), "{error:?}");
    assert_eq!(error.status().unwrap(), 201);
}

#[tokio::test]
async fn the_body_is_longer_than_announced() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort and a second answer".to_vec();
    let address = serve_raw(vec![answer]).await;
    let answer = client().send(Request::new(Method::GET, url(address, "/")), limits()).await.unwrap();
    assert_eq!(answer.body, "short");
}

#[tokio::test]
async fn the_body_is_not_what_its_encoding_says() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!".to_vec();
    let error = post(serve_raw(vec![answer]).await).await;
    assert!(matches!(error.kind(), Kind::BodyRead { .. }), "{error:?}");
}

#[tokio::test]
async fn the_connection_is_reset_in_the_middle_of_the_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",
        )
        .await
        .unwrap();
        stream.set_zero_linger().unwrap();
    });
    let error = post(address).await;
    assert!(matches!(error.kind(), Kind::BodyRead { .. }), "{error:?}");
    assert_eq!(error.status().unwrap(), 200);
}

#[tokio::test]
async fn headers_that_belong_to_the_connection_are_refused() {
    for name in
        ["host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "keep-alive"]
    {
        let mut request = Request::new(Method::GET, "https://example.com/".parse().unwrap());
        request.headers.insert(name, "1".parse().unwrap());
        let error = client().send(request, limits()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::ForbiddenHeader { name: name.to_owned() });
        assert!(!error.may_have_left());
    }
}
