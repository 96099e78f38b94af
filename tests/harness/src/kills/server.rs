//! A real `executor serve`, and what can befall it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use serde_json::Value;

use super::api::Api;
use super::eventually;
use super::proxy::Proxy;
use crate::random::Random;

/// A server. It is killed when this is dropped.
pub(super) struct Server {
    executor: PathBuf,
    folder: PathBuf,
    /// The way to the database, where that is not a file of its own.
    database: Option<Proxy>,
    lease: Duration,
    child: Child,
    access: Arc<Mutex<Access>>,
}

/// Where a server is now, and the token with which its owner may decide.
#[derive(Clone, Default)]
pub(super) struct Access {
    pub(super) url: String,
    pub(super) token: String,
}

impl Server {
    pub(super) async fn start(
        executor: &Path,
        folder: &Path,
        database: Option<Proxy>,
        lease: Duration,
    ) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let child = spawn(executor, folder, database.as_ref(), lease);
        let (executor, folder) = (executor.to_owned(), folder.to_owned());
        let server = Self { executor, folder, database, lease, child, access: Arc::default() };
        server.ready().await;
        server
    }

    /// Where it is now.
    pub(super) fn url(&self) -> String {
        self.access.lock().unwrap().url.clone()
    }

    /// The way to it, for those who ask often.
    pub(super) fn access(&self) -> Arc<Mutex<Access>> {
        self.access.clone()
    }

    /// The end of what it logged.
    pub(super) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Something happens to it, and passes.
    pub(super) async fn disturb(&mut self, random: &mut Random, lease: Duration) {
        let beyond = lease + Duration::from_millis(random.below(600));
        match (&self.database, random.below(4)) {
            (Some(_), 0) => {
                self.signal(Signal::STOP);
                tokio::time::sleep(beyond).await;
                self.signal(Signal::CONT);
            }
            (Some(database), 1) => {
                database.cut();
                tokio::time::sleep(beyond).await;
                database.heal();
            }
            _ => {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                self.child = spawn(&self.executor, &self.folder, self.database.as_ref(), self.lease);
                self.ready().await;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    async fn ready(&self) {
        let published = eventually("that a server publishes where it is", || async {
            assert!(is_running(&self.child), "a server does not start: {}", self.log());
            let text = std::fs::read(self.folder.join("server.json")).ok()?;
            let published: Value = serde_json::from_slice(&text).ok()?;
            let text = |name: &str| published[name].as_str().map(str::to_owned);
            Some(Access { url: text("url")?, token: text("token")? })
        })
        .await;
        let api = Api::new();
        eventually("that a server is ready", || async { api.get(&published.url, "/api/ready").await.ok() })
            .await;
        *self.access.lock().unwrap() = published;
    }
}

fn is_running(child: &Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(Pid::from_child(child)), options), Ok(None))
}

fn spawn(executor: &Path, folder: &Path, database: Option<&Proxy>, lease: Duration) -> Child {
    let _ = std::fs::remove_file(folder.join("server.json"));
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    let mut command = Command::new(executor);
    command
        .arg("serve")
        .env_clear()
        .env("HOME", folder)
        .env("EXECUTOR_DATA_DIR", folder)
        .env("EXECUTOR_ALLOW_LOCAL_NETWORK", "true")
        .env("EXECUTOR_LEASE_MS", lease.as_millis().to_string())
        .env("PORT", "0")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if let Some(database) = database {
        command.env("EXECUTOR_DATABASE_URL", database.url());
    }
    command.spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
