//! `executor doctor`: what Executor needs on this machine, and whether it is there.

use std::process::ExitCode;

use clap::Args;
use executor_sandbox::{LayerState, Options, Sandbox, WorkerCommand};
use serde_json::{Value, json};

use crate::arguments::SettingFlags;
use crate::owner::{Ownership, published};
use crate::{configuration, output};

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Doctor {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = configuration::load(&self.settings)?;
        let data = match Ownership::take(&config.data_dir) {
            Ok(Some(_)) => json!({ "name": "data directory", "ok": true, "detail": "free" }),
            Ok(None) => {
                let url =
                    published(&config.data_dir).map_or_else(|| "a server".to_owned(), |server| server.url);
                json!({ "name": "data directory", "ok": true, "detail": format!("owned by {url}") })
            }
            Err(error) => json!({ "name": "data directory", "ok": false, "detail": format!("{error:#}") }),
        };
        let mut checks = vec![data];
        checks.extend(jail().await);
        let well = checks.iter().all(|check| check["ok"] == true);
        if self.json {
            output::json(&json!({ "ok": well, "dataDirectory": config.data_dir, "checks": checks }))?;
        } else {
            output::text(format!("Data in {}", config.data_dir.display()));
            for check in &checks {
                let mark = if check["ok"] == true { "ok  " } else { "FAIL" };
                output::text(format!(
                    "{mark}  {}: {}",
                    output::member(check, "name"),
                    output::member(check, "detail")
                ));
            }
        }
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Starts one worker and says what holds it. A layer above the floor may be missing.
async fn jail() -> Vec<Value> {
    let program = std::env::current_exe().unwrap_or_else(|_| "executor".into());
    let command = WorkerCommand { program, arguments: vec![crate::WORKER.to_owned()] };
    let options = Options { workers: 1, below_floor: true, ..Options::new(command) };
    match Sandbox::start(options).await {
        Ok(sandbox) => {
            let layers = sandbox.report().layers.iter().map(|layer| match &layer.state {
                LayerState::Active => {
                    json!({ "name": format!("sandbox {}", layer.name), "ok": true, "detail": "active" })
                }
                LayerState::Unavailable(reason) => json!({
                    "name": format!("sandbox {}", layer.name),
                    "ok": !layer.floor,
                    "detail": format!("not active: {reason}"),
                }),
            });
            layers.collect()
        }
        Err(error) => vec![json!({ "name": "sandbox", "ok": false, "detail": error.to_string() })],
    }
}
