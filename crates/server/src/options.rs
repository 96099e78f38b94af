//! What the server needs, and who gets in.

use std::net::SocketAddr;

use executor_engine::Executor;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use url::Url;

use crate::pairing::Pairing;

/// What the server needs.
#[derive(Clone)]
pub struct Options {
    /// The engine.
    pub executor: Executor,
    /// The address under which people and clients find us.
    pub public_url: Url,
    /// Where we listen.
    pub bind: SocketAddr,
    /// Who gets in.
    pub access: Access,
    /// Whether what the person at this machine answers in a client's own form decides approvals.
    pub elicited_approvals: bool,
    /// The links that let a browser decide in the local owner's name.
    pub pairing: Pairing,
    /// This build's version.
    pub version: &'static str,
    /// What `/metrics` shows; nothing without it.
    pub metrics: Option<PrometheusHandle>,
}

/// Who gets in. The local token is the local owner's bearer in both cases.
#[derive(Clone)]
pub enum Access {
    /// Whoever is at this machine, without a key. Holds only while both the listener and the public address are
    /// loopback; else it is as [`Access::KeyRequired`].
    OpenLoopback {
        /// The local owner's token.
        token: SecretString,
    },
    /// Only who has a key.
    KeyRequired {
        /// The local owner's token.
        token: SecretString,
    },
}

impl Access {
    /// The local owner's token.
    pub(crate) fn token(&self) -> &SecretString {
        match self {
            Access::OpenLoopback { token } | Access::KeyRequired { token } => token,
        }
    }
}
