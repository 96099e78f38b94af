//! TLS: works without a process-wide provider, and an untrusted peer sees no request.

use std::net::SocketAddr;
use std::sync::Arc;

use executor_egress::{CertificateDer, Kind, Method, Options, Request, Url};
use rcgen::generate_simple_self_signed;
use rustls::ServerConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{client, client_with, limits};

/// An `https` server with a certificate of its own making.
async fn serve() -> (SocketAddr, CertificateDer<'static>) {
    let identity = generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = identity.cert.der().clone();
    let key = identity.signing_key.serialize_der().try_into().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (address, certificate)
}

fn request(address: SocketAddr) -> Request {
    Request::new(Method::POST, format!("https://{address}/").parse::<Url>().unwrap())
}

#[tokio::test]
async fn an_untrusted_certificate_ends_it_before_the_request() {
    let (address, _) = serve().await;
    let error = client().send(request(address), limits()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Tls { .. }), "{error:?}");
    assert!(!error.may_have_left());
}

#[tokio::test]
async fn a_trusted_peer_answers_and_may_not_lead_to_http() {
    let (address, certificate) = serve().await;
    let client = client_with(Options { extra_roots: vec![certificate], ..Options::default() });
    let error = client.send(request(address), limits()).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::InsecureRedirect);
    assert_eq!(error.status().unwrap(), 302);
}

#[tokio::test]
async fn a_peer_without_tls_is_said_to_be_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 mail.example.com ESMTP\r\n").await.unwrap();
    });
    let error = client().send(request(address), limits()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Tls { .. }), "{error:?}");
    assert!(!error.may_have_left());
}
