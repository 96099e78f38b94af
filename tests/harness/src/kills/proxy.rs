//! The way from a server to its database, which can be cut.
#![allow(clippy::disallowed_types, reason = "it stands between a server and the tests' own database")]

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way that can be cut and healed.
pub(super) struct Proxy {
    url: String,
    open: watch::Sender<bool>,
}

impl Proxy {
    /// A way to the database at `url`, whose host is `authority`.
    pub(super) async fn start(url: &str, authority: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let there = tokio::net::lookup_host(authority).await.unwrap().next().unwrap();
        let open = watch::Sender::new(true);
        let opened = open.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut open = opened.subscribe();
                if *open.borrow_and_update() {
                    tokio::spawn(async move {
                        tokio::select! {
                            () = pass(stream, there) => {}
                            _ = open.changed() => {}
                        }
                    });
                }
            }
        });
        Self { url: url.replacen(authority, &here.to_string(), 1), open }
    }

    /// The database's URL by this way.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends all connections and takes no new ones.
    pub(super) fn cut(&self) {
        self.open.send_replace(false);
    }

    /// Takes connections again.
    pub(super) fn heal(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(mut here: TcpStream, there: SocketAddr) {
    if let Ok(mut there) = TcpStream::connect(there).await {
        // However it ends, both sides see it.
        let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
    }
}
