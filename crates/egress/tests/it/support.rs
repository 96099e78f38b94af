//! Servers, resolvers and clients for the tests.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use executor_egress::{Client, Limits, Options, Resolver, Url};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A client for which 127.0.0.1 alone counts as public.
pub(crate) fn client() -> Client {
    client_with(Options::default())
}

pub(crate) fn client_with(options: Options) -> Client {
    let allow = vec!["127.0.0.1/32".parse().unwrap()];
    Client::new(Options { allow, connect_timeout: Duration::from_secs(2), ..options }).unwrap()
}

/// Limits that no honest exchange of these tests reaches.
pub(crate) fn limits() -> Limits {
    Limits { timeout: Duration::from_secs(10), max_body_bytes: 1024 * 1024 }
}

pub(crate) fn url(address: SocketAddr, path: &str) -> Url {
    format!("http://{address}{path}").parse().unwrap()
}

/// Serves `router` on 127.0.0.1.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Reads each request's head and then writes `answer` as it is, piece by piece, and closes the connection.
pub(crate) async fn serve_raw(answer: Vec<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                read_head(&mut stream).await?;
                for piece in answer {
                    stream.write_all(&piece).await?;
                }
                stream.shutdown().await
            });
        }
    });
    address
}

/// Reads until the empty line that ends a request's head.
pub(crate) async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// A resolver that gives the answers it was told, in turn; the last one for ever.
#[derive(Clone, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>>,
}

impl Script {
    pub(crate) fn answer(self, host: &str, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.answers.lock().unwrap().entry(host.to_owned()).or_default().push_back(addresses);
        self
    }

    pub(crate) fn client(self) -> Client {
        client_with(Options { resolver: Arc::new(self), ..Options::default() })
    }
}

impl Resolver for Script {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(host) {
            Some(queue) if queue.len() > 1 => Ok(queue.pop_front().unwrap()),
            Some(queue) => Ok(queue[0].clone()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, format!("no such host: {host}"))),
        };
        std::future::ready(answer).boxed()
    }
}
