//! Names: what the resolver answers is judged, and what was judged is what is connected to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::header::CONNECTION;
use axum::routing::get;
use executor_egress::{Client, Error, Kind, Method, Request, Response};
use tokio::net::TcpListener;

use crate::support::{Script, limits};

async fn fetch(client: &Client, url: &str) -> Result<Response, Error> {
    client.send(Request::new(Method::GET, url.parse().unwrap()), limits()).await
}

#[tokio::test]
async fn names_are_judged_by_their_addresses() {
    for (host, answer) in [
        ("localhost", "93.184.215.14"),
        ("LocalHost", "93.184.215.14"),
        ("localhost.", "93.184.215.14"),
        ("api.localhost", "93.184.215.14"),
        ("a.b.localhost.", "93.184.215.14"),
        ("metadata.google.internal", "169.254.169.254"),
        ("metadata.google.internal.", "169.254.169.254"),
        ("instance-data.ec2.internal", "169.254.169.254"),
        ("metadata.azure.example", "168.63.129.16"),
        ("127.0.0.1.nip.example", "127.0.0.2"),
        ("kubernetes.default.svc", "10.96.0.1"),
        ("printer.local", "192.168.1.20"),
        ("v6.example", "::1"),
        ("mapped.example", "::ffff:169.254.169.254"),
        ("nat64.example", "64:ff9b::a9fe:a9fe"),
        ("six-to-four.example", "2002:a9fe:a9fe::1"),
        ("unique-local.example", "fd00:ec2::254"),
        ("bücher.example", "10.0.0.1"),
    ] {
        let ascii = format!("http://{host}/").parse::<executor_egress::Url>().unwrap();
        let client = Script::default().answer(ascii.host_str().unwrap(), &[answer]).client();
        // The loopback address that the tests allow is not what `localhost` may reach in production.
        let client = if host.to_lowercase().contains("localhost") {
            Client::new(Default::default()).unwrap()
        } else {
            client
        };
        let error = fetch(&client, ascii.as_str()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Blocked(_)), "{host}: {error:?}");
        assert!(!error.may_have_left(), "{host}");
    }
}

#[tokio::test]
async fn a_name_that_rebinds_never_reaches_the_private_address() {
    let (public, private) = two_servers().await;
    let client = Script::default()
        .answer("rebind.example", &["127.0.0.1"])
        .answer("rebind.example", &["127.0.0.2"])
        .client();
    let url = format!("http://rebind.example:{}/", public.port);

    assert_eq!(fetch(&client, &url).await.unwrap().body, "public");
    let error = fetch(&client, &url).await.unwrap_err();

    assert!(matches!(error.kind(), Kind::Blocked(blocked) if blocked.host == "rebind.example"), "{error:?}");
    assert!(!error.may_have_left());
    assert_eq!(private.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn of_a_mixed_answer_only_the_public_addresses_are_used() {
    let (public, private) = two_servers().await;
    let client = Script::default().answer("mixed.example", &["127.0.0.2", "::1", "127.0.0.1"]).client();

    let answer = fetch(&client, &format!("http://mixed.example:{}/", public.port)).await.unwrap();

    assert_eq!(answer.body, "public");
    assert_eq!(private.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn names_without_an_address_are_said_to_be_so() {
    let client = Script::default().answer("empty.example", &[]).client();
    for host in ["empty.example", "unknown.example"] {
        let error = fetch(&client, &format!("http://{host}/secret-path")).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Resolve { .. }), "{error:?}");
        assert!(!error.may_have_left());
        assert!(!format!("{error} {error:?}").contains("secret-path"));
    }
}

struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

/// Two servers on one port: the one that the tests allow, and a neighbour that counts who comes.
async fn two_servers() -> (Server, Server) {
    let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = public.local_addr().unwrap().port();
    let private = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let connections = Arc::new(AtomicUsize::new(0));

    // Each answer closes its connection, so that each request looks the name up again.
    let router = Router::new().route("/", get(async || ([(CONNECTION, "close")], "public")));
    tokio::spawn(async move { axum::serve(public, router).await });
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while private.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (Server { port, connections: Arc::default() }, Server { port, connections })
}
