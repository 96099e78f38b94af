//! What all handlers share.

use std::sync::Arc;

use executor_core::Digest;
use executor_engine::Executor;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::options::{Access, Options};
use crate::origin::{self, Origins};
use crate::pairing::Pairing;
use crate::refusals::Refusals;
use crate::session::Sessions;

/// What all handlers share. Cheap to clone.
pub(crate) type Shared = Arc<State>;

/// What all handlers share.
pub(crate) struct State {
    pub(crate) executor: Executor,
    pub(crate) origins: Origins,
    /// The digest of the local owner's token: digests can be compared without telling anything by the time that takes.
    pub(crate) token: Digest,
    /// Who may become the local owner, and which browsers are somebody.
    pub(crate) pairing: Pairing,
    pub(crate) sessions: Sessions,
    /// Attempts to become somebody that failed.
    pub(crate) refusals: Refusals,
    /// Whether the local user needs no key.
    pub(crate) is_open: bool,
    /// Whether what the person at this machine answers in a client's own form decides approvals.
    pub(crate) elicited_approvals: bool,
    /// Without a slash at its end.
    pub(crate) public_url: String,
    pub(crate) version: &'static str,
    pub(crate) metrics: Option<PrometheusHandle>,
    /// Ends streams.
    pub(crate) shutdown: CancellationToken,
}

impl State {
    pub(crate) fn new(options: Options, shutdown: CancellationToken) -> Self {
        let wants_open = matches!(options.access, Access::OpenLoopback { .. });
        let is_local = options.bind.ip().is_loopback() && origin::is_loopback_url(&options.public_url);
        Self {
            origins: Origins::new(&options.public_url, options.bind.port()),
            token: Digest::of(options.access.token().expose_secret().as_bytes()),
            pairing: options.pairing,
            sessions: Sessions::new(options.bind.port(), options.public_url.scheme() == "https"),
            refusals: Refusals::default(),
            is_open: wants_open && is_local,
            elicited_approvals: options.elicited_approvals,
            public_url: options.public_url.as_str().trim_end_matches('/').to_owned(),
            version: options.version,
            metrics: options.metrics,
            executor: options.executor,
            shutdown,
        }
    }
}
