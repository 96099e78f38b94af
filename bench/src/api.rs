//! Requests to a server's HTTP API.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::http::Connection;

const JSON: &str = "content-type: application/json\r\n";

/// One connection to the API, for one workspace.
#[derive(Debug)]
pub struct Api {
    connection: Connection,
    workspace: String,
}

impl Api {
    /// Connects, for the default workspace.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        Self::open_in("default", address).await
    }

    /// Connects, for a workspace.
    pub async fn open_in(workspace: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let workspace = format!("/api/v1/workspaces/{workspace}");
        Ok(Self { connection: Connection::open(address).await?, workspace })
    }

    /// Adds a source, which must not be there yet. Gives what the server says of it.
    pub async fn add_source(&mut self, source: &Value) -> anyhow::Result<Value> {
        let (status, answer) = self.post("/sources", source).await?;
        ensure!(status == 201, "the source was refused: {answer}");
        Ok(answer)
    }

    /// Removes a source by its name, if it is there.
    pub async fn remove_source(&mut self, name: &str) -> anyhow::Result<()> {
        let (status, source) = self.get(&format!("/sources/{name}")).await?;
        if status == 200 {
            let id = source["id"].as_str().context("a source without an id")?;
            self.connection.send("DELETE", &format!("{}/sources/{id}", self.workspace), "", b"").await?;
        }
        Ok(())
    }

    /// Runs code until its end, under a limit. Gives the task.
    pub async fn run(&mut self, code: &str, timeout_ms: u64) -> anyhow::Result<Value> {
        let task = json!({"code": code, "timeoutMs": timeout_ms, "waitMs": 100_000});
        let (status, answer) = self.post("/tasks", &task).await?;
        ensure!(status == 200, "the task did not end: {status} {answer}");
        Ok(answer)
    }

    /// Runs code until its end, or until it can go on only with a person. Gives the task.
    pub async fn run_until_stuck(&mut self, code: &str) -> anyhow::Result<Value> {
        let (status, answer) = self.post("/tasks", &json!({"code": code, "waitMs": 60_000})).await?;
        ensure!(status < 300, "the task was refused: {status} {answer}");
        Ok(answer)
    }

    /// Waits for a task's end, and gives the moment of it.
    pub async fn end_of(&mut self, task: &str) -> anyhow::Result<Instant> {
        let (status, answer) = self.get(&format!("/tasks/{task}?waitMs=60000")).await?;
        let ended = Instant::now();
        ensure!(status == 200 && answer["status"] == "completed", "the task did not complete: {answer}");
        Ok(ended)
    }

    /// Adds a policy rule.
    pub async fn add_rule(&mut self, rule: &Value) -> anyhow::Result<()> {
        let (status, answer) = self.post("/policies", rule).await?;
        ensure!(status == 201, "the rule was refused: {answer}");
        Ok(())
    }

    /// Approves a held call, as the local owner.
    pub async fn approve(&mut self, approval: &str, token: &str) -> anyhow::Result<()> {
        let headers = format!("{JSON}authorization: Bearer {token}\r\n");
        let path = format!("{}/approvals/{approval}/resolve", self.workspace);
        let answer = self.connection.send("POST", &path, &headers, br#"{"decision":"approve"}"#).await?;
        ensure!(answer.status == 200, "{}", String::from_utf8_lossy(&answer.body));
        Ok(())
    }

    /// How many tasks wait.
    pub async fn waiting_tasks(&mut self) -> anyhow::Result<usize> {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let (status, page) = self.get(&format!("/tasks?status=waiting&limit=200{cursor}")).await?;
            ensure!(status == 200, "the tasks are not listed: {page}");
            count += page["items"].as_array().map_or(0, Vec::len);
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(count),
            }
        }
    }

    /// The paths of the best tools for an intent.
    pub async fn search(&mut self, query: &str) -> anyhow::Result<Vec<String>> {
        let (status, answer) = self.get(&format!("/tools?query={}", query.replace(' ', "%20"))).await?;
        ensure!(status == 200, "the search was refused: {answer}");
        let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(items.iter().filter_map(|tool| Some(tool["path"].as_str()?.to_owned())).collect())
    }

    /// What a counter of the server's metrics stands at; 0 if it has not begun.
    pub async fn counter(&mut self, name: &str) -> anyhow::Result<f64> {
        let answer = self.connection.send("GET", "/metrics", "", b"").await?;
        let text = String::from_utf8(answer.body)?;
        let lines = text.lines().filter_map(|line| line.strip_prefix(name)?.rsplit_once(' '));
        Ok(lines.filter_map(|(_, value)| value.parse::<f64>().ok()).sum())
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<(u16, Value)> {
        let answer = self.connection.send("GET", &format!("{}{path}", self.workspace), "", b"").await?;
        Ok((answer.status, serde_json::from_slice(&answer.body)?))
    }

    async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let body = serde_json::to_vec(body)?;
        let answer = self.connection.send("POST", &format!("{}{path}", self.workspace), JSON, &body).await?;
        Ok((answer.status, serde_json::from_slice(&answer.body)?))
    }

    /// Adds a source and shows each step while it is told, as the server's events are written.
    pub async fn add_source_watched(
        &mut self,
        source: &Value,
        watch: &mut (dyn FnMut(&[u8]) + Send),
    ) -> anyhow::Result<Value> {
        let headers = format!("{JSON}accept: text/event-stream\r\n");
        let (path, body) = (format!("{}/sources", self.workspace), serde_json::to_vec(source)?);
        let answer = self.connection.send_watched("POST", &path, &headers, &body, watch).await?;
        let text = String::from_utf8(answer.body)?;
        let last = text.rsplit("event:").next().unwrap_or_default();
        ensure!(last.trim_start().starts_with("source"), "the import failed: {} {last}", answer.status);
        let data = last.lines().filter_map(|line| line.strip_prefix("data:")).collect::<String>();
        Ok(serde_json::from_str(&data)?)
    }
}
