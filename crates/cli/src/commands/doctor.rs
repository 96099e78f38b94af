//! `executor doctor`: what Executor needs on this machine, and whether it is there.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use clap::Args;
use executor_config::{Config, Problems};
use executor_sandbox::{LayerState, Sandbox};
use executor_store::Store;
use serde::Serialize;
use serde_json::json;

use crate::arguments::SettingFlags;
use crate::client::Client;
use crate::owner::{Ownership, published};
use crate::{configuration, host, output};

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
}

impl Doctor {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = configuration::load(self.settings.given());
        let mut checks = vec![configuration_check(&config)];
        if let Ok(config) = &config {
            checks.extend(data(config).await);
            checks.extend(jail(config).await);
        }
        let well = checks.iter().all(|check| check.ok);
        if self.json {
            output::json(&json!({ "ok": well, "checks": checks }))?;
        } else {
            for check in &checks {
                let mark = if check.ok { "ok  " } else { "FAIL" };
                output::text(format!("{mark}  {}: {}", check.name, check.detail));
            }
        }
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Check {
    fn new(name: &str, ok: bool, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok, detail: detail.into() }
    }
}

fn configuration_check(config: &anyhow::Result<Config>) -> Check {
    let name = "configuration";
    match config {
        Ok(config) if config.notices().is_empty() => Check::new(name, true, "without problems"),
        Ok(config) => {
            let notices: Vec<_> = config.notices().iter().map(ToString::to_string).collect();
            Check::new(name, true, notices.join("; "))
        }
        Err(error) => match error.downcast_ref::<Problems>() {
            Some(Problems { problems, .. }) => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                Check::new(name, false, problems.join("; "))
            }
            None => Check::new(name, false, format!("{error:#}")),
        },
    }
}

/// The data directory and what depends on who owns it: the server that runs, or what one would need.
async fn data(config: &Config) -> Vec<Check> {
    let folder = config.data_dir.display();
    let name = "data directory";
    match Ownership::take(&config.data_dir) {
        Err(error) => vec![Check::new(name, false, format!("{error:#}"))],
        Ok(None) => vec![Check::new(name, true, format!("{folder}, in use")), server(config).await],
        Ok(Some(_ownership)) => {
            vec![Check::new(name, true, format!("{folder}, free")), port(config), database(config).await]
        }
    }
}

async fn server(config: &Config) -> Check {
    let name = "server";
    let Some(server) = published(&config.data_dir) else {
        return Check::new(name, false, "it has not said where it serves; it may be starting");
    };
    let ready = match Client::new(&server, "default") {
        Ok(client) => client.get::<serde_json::Value>("/api/ready").await,
        Err(error) => Err(error),
    };
    match ready {
        Ok(ready) => Check::new(name, ready["ready"] == true, format!("{}: {ready}", server.url)),
        Err(error) => Check::new(name, false, format!("{} does not answer: {error:#}", server.url)),
    }
}

fn port(config: &Config) -> Check {
    let address = SocketAddr::new(config.host, config.port);
    match TcpListener::bind(address) {
        Ok(_) => Check::new("port", true, format!("{address} is free")),
        Err(error) => {
            Check::new("port", false, format!("{address} cannot be used ({error}); choose another with PORT"))
        }
    }
}

async fn database(config: &Config) -> Check {
    match Store::open(&host::location(config)).await {
        Ok(store) => Check::new("database", store.is_alive().await, format!("{:?} answers", store.engine())),
        Err(error) => Check::new("database", false, error.to_string()),
    }
}

/// Starts one worker and says what holds it. A layer above the floor may be missing.
async fn jail(config: &Config) -> Vec<Check> {
    let mut options = host::sandbox_options(config);
    (options.workers, options.strict, options.below_floor) = (1, false, true);
    let sandbox = match Sandbox::start(options).await {
        Ok(sandbox) => sandbox,
        Err(error) => return vec![Check::new("sandbox", false, error.to_string())],
    };
    let layers = sandbox.report().layers.iter().map(|layer| {
        let name = format!("sandbox {}", layer.name);
        match &layer.state {
            LayerState::Active => Check::new(&name, true, "active"),
            LayerState::Unavailable(reason) => {
                let missed = layer.floor || config.sandbox_strict;
                Check::new(&name, !missed, format!("not active: {reason}"))
            }
        }
    });
    layers.collect()
}
