//! Connect or host: every command talks to the process that owns the data directory, or is it for as long as it lives.

use std::time::Duration;

use anyhow::{Context, bail};
use executor_config::Config;
use executor_engine::Executor;
use executor_server::Access;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::arguments::Target;
use crate::client::Client;
use crate::owner::{Ownership, Published, published};
use crate::{configuration, host};

/// How long an owner that has just started may take until it serves.
const START: Duration = Duration::from_secs(20);

/// A server to talk to, hosted by this process if nobody else did.
pub(crate) struct Connection {
    pub(crate) client: Client,
    hosted: Option<Hosted>,
}

struct Hosted {
    executor: Executor,
    stop: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
    _ownership: Ownership,
}

impl Connection {
    /// Finds the server, or becomes it.
    pub(crate) async fn open(target: &Target) -> anyhow::Result<Self> {
        let config = configuration::load(target.data.given())?;
        if let Some(url) = &target.url {
            let token = config.api_key.as_ref().map(|key| key.expose_secret().to_owned()).unwrap_or_default();
            let client = Client::new(&Published { url: url.clone(), token }, &target.workspace)?;
            return Ok(Self { client, hosted: None });
        }
        let deadline = tokio::time::Instant::now() + START;
        loop {
            if let Some(ownership) = Ownership::take(&config.data_dir)? {
                return Self::become_host(&config, ownership, &target.workspace).await;
            }
            if let Some(published) = published(&config.data_dir) {
                let client = Client::new(&published, &target.workspace)?;
                if client.answers().await {
                    return Ok(Self { client, hosted: None });
                }
            }
            if tokio::time::Instant::now() >= deadline {
                bail!(
                    "another process owns {} and does not answer. See what it is with `executor doctor`, or stop it",
                    config.data_dir.display()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn become_host(config: &Config, mut ownership: Ownership, workspace: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no local port can be had")?;
        let bound = listener.local_addr()?;
        // What outlives this command names the address of the server that will be there.
        let executor = host::start(config, &config.web_base_url).await?;
        let published =
            Published { url: format!("http://{bound}"), token: executor_vault::random_token("ext_")? };
        let stop = CancellationToken::new();
        let options = executor_server::Options {
            executor: executor.clone(),
            public_url: published.url.parse()?,
            bind: bound,
            pairing: executor_server::Pairing::default(),
            access: Access::OpenLoopback { token: SecretString::from(published.token.clone()) },
            elicited_approvals: config.elicited_approvals,
            version: env!("CARGO_PKG_VERSION"),
            metrics: None,
        };
        let serve = executor_server::serve(listener, options, stop.clone());
        let served = tokio::spawn(async move { Ok(serve.await?) });
        ownership.publish(&published)?;
        let client = Client::new(&published, workspace)?;
        Ok(Self { client, hosted: Some(Hosted { executor, stop, served, _ownership: ownership }) })
    }

    /// Whether the server is this process's own and ends with the command.
    pub(crate) fn is_hosted(&self) -> bool {
        self.hosted.is_some()
    }

    /// Ends what this process hosts; live calls may finish for a moment.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if let Some(hosted) = self.hosted {
            hosted.executor.shutdown(Duration::from_secs(5)).await;
            hosted.stop.cancel();
            hosted.served.await??;
        }
        Ok(())
    }
}
