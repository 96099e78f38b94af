//! The API that the programs call. It remembers every effect, and its answers depend on nothing but the marker.
//!
//! The first letter of a call's site says what happens: `s` is done and answered, `f` fails without an effect, `h` is
//! done and then the connection is closed. About three of them a person is asked before: `a` is approved, `e` approved
//! with other arguments, and `d` denied, so that it never comes here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::fate::{Fate, Moment};
use crate::history::{Effect, History};
use crate::person;

/// Whom the upstream tells, and who dies with the requests.
#[derive(Clone)]
pub struct World {
    /// Where effects are remembered.
    pub history: Arc<History>,
    /// The fate of the engine that calls.
    pub fate: Arc<Fate>,
}

/// The upstream. It serves any number of worlds, which the first part of a marker names.
#[derive(Clone)]
pub struct Upstream {
    address: SocketAddr,
    worlds: Arc<Mutex<HashMap<String, World>>>,
}

impl Upstream {
    /// Starts it on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Self { address: listener.local_addr().unwrap(), worlds: Arc::default() };
        let server = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(BufReader::new(stream)));
            }
        });
        upstream
    }

    /// From now on this world has that history and that fate.
    pub fn enter(&self, name: &str, world: World) {
        self.worlds.lock().unwrap().insert(name.to_owned(), world);
    }

    /// Nobody of this world will call any more.
    pub fn leave(&self, name: &str) {
        self.worlds.lock().unwrap().remove(name);
    }

    /// The API as a source to add.
    pub fn source(&self) -> Value {
        let text = json!({ "type": "string" });
        let number = json!({ "type": "number" });
        let answer =
            json!({ "200": { "description": "", "content": { "application/json": { "schema": {} } } } });
        let document = json!({
            "openapi": "3.1.0",
            "info": { "title": "World", "version": "1" },
            "servers": [{ "url": format!("http://{}", self.address) }],
            "paths": {
                "/write": { "post": { "operationId": "write", "responses": answer,
                    "requestBody": { "required": true, "content": { "application/json": { "schema": {
                        "type": "object", "additionalProperties": false, "required": ["marker", "nonce"],
                        "properties": { "marker": text, "nonce": number } } } } } } },
                "/read": { "get": { "operationId": "read", "responses": answer, "parameters": [
                    { "name": "marker", "in": "query", "required": true, "schema": text },
                    { "name": "nonce", "in": "query", "required": true, "schema": number } ] } },
            },
        });
        json!({ "name": "world", "document": document.to_string() })
    }

    async fn serve<S>(self, mut stream: BufReader<S>)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        while let Some(request) = Request::read(&mut stream).await {
            let Some(answer) = self.answer(&request).await else { return };
            if stream.get_mut().write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            if let Some(world) = self.world(&request.marker) {
                world.fate.survives(Moment::Upstream);
            }
        }
    }

    fn world(&self, marker: &str) -> Option<World> {
        self.worlds.lock().unwrap().get(marker.split('.').next()?).cloned()
    }

    /// What is answered; nothing if the connection ends instead.
    async fn answer(&self, request: &Request) -> Option<String> {
        let world = self.world(&request.marker)?;
        let site = request.marker.rsplit('.').next()?;
        let kind = site.chars().next()?;
        if !world.fate.survives(Moment::Upstream) {
            return None;
        }
        if request.is_write && kind != 'f' {
            let (marker, key) = (request.marker.clone(), request.key.clone());
            world.history.effect(Effect { marker, key, edited: request.is_edited });
        }
        if !world.fate.survives(Moment::Upstream) || kind == 'h' {
            return None;
        }
        // Answers come in another order than requests, and some in the same millisecond.
        let delay = site.bytes().map(u64::from).sum::<u64>() % 4;
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let (status, body) = match kind {
            'f' => ("500 Internal Server Error", json!({ "error": { "message": "it fails" } })),
            'e' => ("200 OK", json!({ "site": site, "edited": request.is_edited })),
            _ => ("200 OK", json!({ "site": site, "delay": delay })),
        };
        let body = body.to_string();
        let length = body.len();
        Some(format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }
}

struct Request {
    is_write: bool,
    is_edited: bool,
    marker: String,
    key: Option<String>,
}

impl Request {
    async fn read<S: tokio::io::AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<Self> {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let (mut length, mut key) = (0, None);
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.ok()?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "idempotency-key" => key = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let marker = match line.split_once("marker=") {
            Some((_, rest)) => rest.split(['&', ' ']).next()?.to_owned(),
            None => body["marker"].as_str()?.to_owned(),
        };
        let is_edited = body["nonce"].as_f64() == Some(person::EDITED);
        Some(Self { is_write: line.starts_with("POST"), is_edited, marker, key })
    }
}
