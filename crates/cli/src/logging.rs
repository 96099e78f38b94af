//! Logs: for people on a terminal, as JSON lines where a program reads them.

use std::io::IsTerminal;

use executor_config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error.
pub(crate) fn start(config: &Config, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match json || config.log_format == LogFormat::Json {
        true => builder.json().try_init(),
        false => builder.with_target(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
