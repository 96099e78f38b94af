//! `executor serve`: owns the data directory and serves until it is told to stop.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use executor_config::{Config, Database};
use executor_server::{Access, Pairing};
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::arguments::ServeFlags;
use crate::owner::{Ownership, Published};
use crate::{configuration, host, logging};

/// How long live calls may go on after the first signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until a signal comes.
pub(crate) async fn serve(flags: &ServeFlags) -> anyhow::Result<ExitCode> {
    let config = configuration::load(flags.settings.given())?;
    logging::start(&config, flags.json_logs)?;
    for notice in config.notices() {
        tracing::warn!("{notice}");
    }
    let first_start = !config.data_dir.join("secret.key").exists();
    let Some(mut ownership) = take(&config.data_dir).await? else {
        bail!(
            "another Executor owns {}. It goes on serving; use `executor` commands against it, stop it, or choose \
             another folder with --data-dir",
            config.data_dir.display()
        );
    };
    let address = SocketAddr::new(config.host, config.port);
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("port {} of {} cannot be used; choose another with --port", address.port(), address.ip())
    })?;
    let bound = listener.local_addr()?;
    let public_url = public_url(&config, bound)?;
    let executor = host::start(&config, &public_url).await?;
    let token = local_token(&config)?;
    ownership.publish(&Published { url: url_of(bound), token: token.expose_secret().to_owned() })?;
    let access = match config.host.is_loopback() {
        true => Access::OpenLoopback { token },
        false => Access::KeyRequired { token },
    };
    if flags.json_logs || !std::io::stderr().is_terminal() {
        tracing::info!(data = %config.data_dir.display(), address = %bound, "Executor serves");
    }
    let pairing = Pairing::default();
    greet(&config, bound, first_start, &pairing.link(public_url.as_str())?);

    let stop = CancellationToken::new();
    let options = executor_server::Options {
        executor: executor.clone(),
        public_url,
        bind: bound,
        access,
        elicited_approvals: config.elicited_approvals,
        pairing,
        version: env!("CARGO_PKG_VERSION"),
        metrics: Some(PrometheusBuilder::new().install_recorder()?),
    };
    let mut served = tokio::spawn(executor_server::serve(listener, options, stop.clone()));
    tokio::select! {
        told = told_to_stop() => told?,
        ended = &mut served => ended??,
    }
    tracing::info!("stopping; live calls may finish, a second signal ends at once");
    let graceful = async {
        executor.shutdown(GRACE).await;
        stop.cancel();
        // It may have ended before; then there is nothing to wait for.
        if !served.is_finished() { served.await? } else { Ok(()) }
    };
    tokio::select! {
        served = graceful => served?,
        second = told_to_stop() => second?,
    }
    drop(ownership);
    Ok(ExitCode::SUCCESS)
}

/// Takes the data directory. A server that was killed has perhaps just forked a worker, which holds the lock until it
/// has become one; that is over in a moment.
async fn take(folder: &Path) -> anyhow::Result<Option<Ownership>> {
    for _ in 0..20 {
        if let Some(ownership) = Ownership::take(folder)? {
            return Ok(Some(ownership));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ownership::take(folder)
}

/// The local owner's bearer: a new one for each start on loopback; beyond it the configured key, or the one made at the
/// first start.
fn local_token(config: &Config) -> anyhow::Result<SecretString> {
    match &config.api_key {
        Some(key) => Ok(key.clone()),
        None if config.host.is_loopback() => Ok(SecretString::from(executor_vault::random_token("ext_")?)),
        None => made_key(&config.data_dir),
    }
}

/// The key that is made at the first start beyond loopback, and shown once.
fn made_key(folder: &Path) -> anyhow::Result<SecretString> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = folder.join("api-key");
    if let Ok(key) = fs_err::read_to_string(&path) {
        return Ok(SecretString::from(key.trim().to_owned()));
    }
    let key = SecretString::from(executor_vault::random_token("exk_")?);
    let mut file = std::fs::File::options().create_new(true).write(true).mode(0o600).open(&path)?;
    file.write_all(key.expose_secret().as_bytes())?;
    tracing::warn!("made an API key, shown only now: {}", key.expose_secret());
    Ok(key)
}

/// Waits for the signal to stop.
async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// The address under which people find us. A port that the system chose is known only now.
fn public_url(config: &Config, bound: SocketAddr) -> anyhow::Result<Url> {
    let mut url = config.web_base_url.clone();
    if url.port() == Some(0) && url.set_port(Some(bound.port())).is_err() {
        bail!("{url} cannot have a port");
    }
    Ok(url)
}

fn url_of(bound: SocketAddr) -> String {
    let host = match bound.ip() {
        IpAddr::V4(address) if address.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(address) if address.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    format!("http://{host}:{}", bound.port())
}

#[expect(clippy::print_stdout, reason = "this is where a person reads it")]
fn greet(config: &Config, bound: SocketAddr, first_start: bool, pairing_link: &str) {
    let url = match config.host.is_loopback() {
        true => format!("http://localhost:{}", bound.port()),
        false => config.web_base_url.to_string().trim_end_matches('/').to_owned(),
    };
    let data = match config.database() {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(_) => "PostgreSQL".to_owned(),
    };
    println!("Executor {} is running.\n", env!("CARGO_PKG_VERSION"));
    println!("  Open     {url}");
    match config.host.is_loopback() {
        true => println!("  Approve  {pairing_link}"),
        false => println!("  Approve  {url}/approvals"),
    }
    println!("  Data     {data}");
    println!("  Connect  claude mcp add --transport http executor {url}/mcp\n");
    if first_start {
        println!("Next: give it an API, in another terminal:");
        println!("  executor sources add https://example.com/openapi.json --name example\n");
    }
}
