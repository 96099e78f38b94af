//! Clients that call one after another, each as soon as it has its answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::mcp::{Client, Prepared};
use crate::statistics::Durations;

/// Clients that call at the same time, each with a session of its own.
#[derive(Debug)]
pub struct Crowd {
    clients: Vec<Client>,
}

/// What calling brought.
#[derive(Debug)]
pub struct Called {
    /// How long each call took.
    pub latencies: Durations,
    /// How long all of it took.
    pub elapsed: Duration,
}

impl Called {
    /// Calls a second.
    pub fn rate(&self) -> f64 {
        self.latencies.count() as f64 / self.elapsed.as_secs_f64()
    }
}

/// How long clients go on.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// Each has called so many times.
    Calls(usize),
    /// This much time has passed.
    Elapsed(Duration),
}

impl Crowd {
    /// Opens the sessions, in the default workspace.
    pub async fn open(address: SocketAddr, size: usize) -> anyhow::Result<Self> {
        Self::open_in("default", address, size).await
    }

    /// Opens the sessions, in a workspace.
    pub async fn open_in(workspace: &str, address: SocketAddr, size: usize) -> anyhow::Result<Self> {
        let mut clients = Vec::with_capacity(size);
        for _ in 0..size {
            clients.push(Client::open(address, workspace).await?);
        }
        Ok(Self { clients })
    }

    /// Lets all clients call.
    pub async fn call(&mut self, prepared: &Prepared, until: Until) -> anyhow::Result<Called> {
        let began = Instant::now();
        let running: Vec<_> = std::mem::take(&mut self.clients)
            .into_iter()
            .map(|client| tokio::spawn(calls(client, prepared.clone(), until)))
            .collect();
        let mut latencies = Vec::new();
        for client in running {
            let (client, measured) = client.await.context("a client")??;
            self.clients.push(client);
            latencies.extend(measured);
        }
        Ok(Called { latencies: Durations::new(latencies), elapsed: began.elapsed() })
    }
}

async fn calls(
    mut client: Client,
    prepared: Prepared,
    until: Until,
) -> anyhow::Result<(Client, Vec<Duration>)> {
    let (first, mut measured) = (Instant::now(), Vec::new());
    loop {
        let is_over = match until {
            Until::Calls(count) => measured.len() >= count,
            Until::Elapsed(duration) => first.elapsed() >= duration,
        };
        if is_over {
            return Ok((client, measured));
        }
        let began = Instant::now();
        client.call(&prepared).await?;
        measured.push(began.elapsed());
    }
}
