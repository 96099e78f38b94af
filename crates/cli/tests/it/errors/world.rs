//! A server with a strange API as its source, and the means to ask it.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::upstream;
use crate::support::{Server, folder, succeed};

pub(super) const TASKS: &str = "/api/v1/workspaces/default/tasks";
pub(super) const SOURCES: &str = "/api/v1/workspaces/default/sources";
pub(super) const CONNECTIONS: &str = "/api/v1/workspaces/default/connections";

/// A server with a strange API as its source `odd`.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) upstream: String,
    pub(super) folder: TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    /// One whose server has these variables besides.
    pub(super) fn with(variables: &[(&str, &str)]) -> Self {
        let folder = folder();
        let settings = [("EXECUTOR_CREDENTIAL_ENV_PREFIX", "KEPT_"), ("EXECUTOR_SANDBOX_WORKERS", "1")];
        let server = Server::start_with(folder.path(), &[&settings, variables].concat());
        let upstream = upstream::start();
        let world = Self { server, upstream, folder };
        world.add_source("odd", &world.upstream);
        world
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds the strange API as if it were at that address.
    pub(super) fn add_source(&self, name: &str, base_url: &str) {
        let source = json!({ "name": name, "document": upstream::document(base_url).to_string() });
        let (status, answer) = self.server.post(SOURCES, &source);
        assert_eq!(status, 201, "{answer}");
    }

    /// Runs code to its end.
    pub(super) fn run(&self, code: &str) -> Value {
        self.submit(json!({ "code": code, "waitMs": 60_000 }))
    }

    pub(super) fn submit(&self, submission: Value) -> Value {
        let (status, task) = self.server.post(TASKS, &submission);
        assert!(status < 300, "{task}");
        task
    }

    /// Runs a call whose error the code catches and returns.
    pub(super) fn catch(&self, call: &str) -> Value {
        self.run(&format!(
            "try {{ await tools.{call} }} catch (error) {{ return {{ ...error, message: error.message }} }}"
        ))
    }

    pub(super) fn command(&self, arguments: &[&str]) -> String {
        succeed(self.folder(), arguments)
    }

    /// A task as soon as that holds of it.
    pub(super) fn task_when(&self, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let (_, task) = self.server.get(&format!("{TASKS}/{id}"));
            if holds(&task) {
                return task;
            }
            assert!(Instant::now() < deadline, "{task}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whatever happened, the next task runs.
    pub(super) fn check_health(&self) {
        assert_eq!(self.run("return 1 + 1")["result"], 2);
    }
}
