//! The API that is called: a process of its own, so that what it costs is known and is not the server's.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::sibling;
use crate::processes;

/// The name of the source.
pub const NAME: &str = "mock";

/// Calls the one tool that the source has, with an argument.
pub const CALL: &str = "tools.mock.items.get";

/// A running mock upstream. It is killed when this is dropped.
#[derive(Debug)]
pub struct Upstream {
    child: Child,
    url: String,
}

impl Upstream {
    /// Starts it. It also serves the files of a folder, if one is given, below `/files/`.
    pub fn start(files: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = Command::new(sibling("mock_upstream")?);
        command.args(files).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut url = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        let upstream = Self { child, url: url.trim().to_owned() };
        anyhow::ensure!(upstream.url.starts_with("http"), "the mock upstream does not start");
        Ok(upstream)
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The source that an Executor is given to call it.
    pub fn source(&self) -> Value {
        json!({"name": NAME, "document": self.document().to_string()})
    }

    /// What it has used until now.
    pub fn processor(&self) -> anyhow::Result<Duration> {
        Ok(processes::processor(self.child.id())?.all())
    }

    fn document(&self) -> Value {
        let item =
            json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}});
        json!({
            "openapi": "3.0.3",
            "info": {"title": "Items", "version": "1"},
            "servers": [{"url": self.url}],
            "paths": {"/items/{id}": {"get": {
                "operationId": "items/get", "tags": ["items"], "summary": "Get an item",
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "An item", "content": {"application/json": {"schema": item}}}},
            }}},
        })
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
