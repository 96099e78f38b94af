//! A client of MCP over streamable HTTP, of the generation with sessions.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use serde_json::json;

use crate::http::{Answer, Connection};

const VERSION: &str = "2025-11-25";
const ACCEPTED: &str = "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";

/// How an answer tells that a task ended well.
const COMPLETED: &[u8] = br#""status":"completed""#;

/// A call of a tool, ready to be sent often: all of its message that stands after the id.
#[derive(Debug, Clone)]
pub struct Prepared(String);

impl Prepared {
    /// `execute` with this code.
    pub fn execute(code: &str) -> Self {
        let parameters = json!({"name": "execute", "arguments": {"code": code}});
        Self(format!(r#","method":"tools/call","params":{parameters}}}"#))
    }
}

/// One session over one connection.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    path: String,
    headers: String,
    last_id: u64,
}

impl Client {
    /// Connects and opens a session in a workspace.
    pub async fn open(address: SocketAddr, workspace: &str) -> anyhow::Result<Self> {
        let mut client = Self {
            connection: Connection::open(address).await?,
            path: format!("/mcp?workspaceId={workspace}"),
            headers: ACCEPTED.to_owned(),
            last_id: 0,
        };
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": VERSION, "capabilities": {},
            "clientInfo": {"name": "executor-bench", "version": env!("CARGO_PKG_VERSION")},
        }});
        let answer = client.post(&hello.to_string()).await?;
        ensure!(answer.status == 200, "the session was refused: {}", shown(&answer));
        let session = answer.session.context("the server opened no session")?;
        client.headers += &format!("mcp-protocol-version: {VERSION}\r\nmcp-session-id: {session}\r\n");
        let answer = client.post(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await?;
        ensure!(answer.status == 202, "the session does not begin: {}", shown(&answer));
        Ok(client)
    }

    /// Calls a tool that runs code, and gives the answer as the server wrote it. The task has to end well.
    pub async fn call(&mut self, prepared: &Prepared) -> anyhow::Result<Vec<u8>> {
        self.last_id += 1;
        let message = format!(r#"{{"jsonrpc":"2.0","id":{}{}"#, self.last_id, prepared.0);
        let answer = self.post(&message).await?;
        let ended_well = answer.body.windows(COMPLETED.len()).any(|window| window == COMPLETED);
        ensure!(answer.status == 200 && ended_well, "a call failed: {}", shown(&answer));
        Ok(answer.body)
    }

    async fn post(&mut self, message: &str) -> anyhow::Result<Answer> {
        self.connection.send("POST", &self.path, &self.headers, message.as_bytes()).await
    }
}

fn shown(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    format!("{} {}", answer.status, text.chars().take(600).collect::<String>())
}
