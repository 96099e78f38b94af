//! The client: judges each hop, sends it, and follows redirects itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};

use crate::echo::Scrubber;
use crate::error::{Error, Kind};
use crate::guard::Guard;
use crate::hop::Hop;
use crate::redirect;
use crate::request::{Limits, Request};
use crate::resolve::{Guarded, Resolver, SystemResolver};
use crate::response::{Reply, Response, timed_out};
use crate::tls;

const MAX_REDIRECTS: usize = 5;
const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// How a [`Client`] is set up.
#[derive(Clone)]
pub struct Options {
    /// Lets requests reach private, loopback and link-local addresses.
    pub allow_local_network: bool,
    /// Address blocks that requests may reach although they are not public.
    pub allow: Vec<IpNet>,
    /// What the client calls itself, unless a request says otherwise.
    pub user_agent: String,
    /// How long a name look-up, a connection and its TLS handshake may take together.
    pub connect_timeout: Duration,
    /// Certificate authorities to trust besides the machine's own.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// What looks up names.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allow_local_network: false,
            allow: Vec::new(),
            user_agent: concat!("executor/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            extra_roots: Vec::new(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// The guarded HTTP client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    guard: Guard,
    connect_timeout: Duration,
}

impl Client {
    /// Sets the client up. Proxies of the environment are not used: they would dial what nobody has judged.
    pub fn new(options: Options) -> Result<Self, Error> {
        let Options { allow_local_network, allow, user_agent, connect_timeout, extra_roots, resolver } =
            options;
        let guard = Guard { allow_local_network, allow };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::configuration(extra_roots)?)
            .dns_resolver(Guarded { guard: guard.clone(), resolver })
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .user_agent(user_agent)
            .connect_timeout(connect_timeout)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .build()
            .map_err(|error| Kind::Setup { detail: error.to_string() })?;
        Ok(Self { http, guard, connect_timeout })
    }

    /// What this client may dial.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Response, Error> {
        self.open(request, limits).await?.collect(|_, _| ()).await
    }

    /// The same for an answer that takes its time: `progress` is told how many bytes have come, and of how many if known.
    pub async fn download(
        &self,
        request: Request,
        limits: Limits,
        progress: impl FnMut(u64, Option<u64>),
    ) -> Result<Response, Error> {
        self.open(request, limits).await?.collect(progress).await
    }

    /// Sends a request and returns as soon as the answer begins, for bodies that are read piece by piece.
    pub async fn open(&self, request: Request, limits: Limits) -> Result<Reply, Error> {
        request.check()?;
        let deadline = Instant::now() + limits.timeout;
        let scrubber = Scrubber::of(request.injection.as_ref());
        let mut hop = Hop::from(request);
        for redirects in 0..=MAX_REDIRECTS {
            let exchange = self.exchange(&hop, limits, deadline).await;
            let answer = exchange.map_err(|error| if redirects == 0 { error } else { error.sent() })?;
            let status = answer.status();
            match redirect::next(&hop, status, answer.headers()).map_err(|error| error.answered(status))? {
                Some(next) => hop = next,
                None => return Reply::new(answer, scrubber, hop.url, limits, deadline),
            }
        }
        Err(Error::from(Kind::TooManyRedirects { limit: MAX_REDIRECTS }).sent())
    }

    /// The same, but a redirect is the answer: the request goes to the address that was named, or nowhere.
    pub async fn open_without_redirects(&self, request: Request, limits: Limits) -> Result<Reply, Error> {
        request.check()?;
        let deadline = Instant::now() + limits.timeout;
        let scrubber = Scrubber::of(request.injection.as_ref());
        let hop = Hop::from(request);
        let answer = self.exchange(&hop, limits, deadline).await?;
        Reply::new(answer, scrubber, hop.url, limits, deadline)
    }

    /// Judges and sends one hop, up to the head of its answer.
    async fn exchange(
        &self,
        hop: &Hop,
        limits: Limits,
        deadline: Instant,
    ) -> Result<reqwest::Response, Error> {
        self.guard.check_url(&hop.url)?;
        let answer = timeout_at(deadline, self.http.execute(hop.outgoing()))
            .await
            .map_err(|_| timed_out(limits.timeout).sent())?
            .map_err(|error| Error::from_exchange(&error, self.connect_timeout))?;
        tracing::debug!(
            method = %hop.method,
            origin = hop.url.origin().ascii_serialization(),
            status = answer.status().as_u16(),
            "outbound request"
        );
        Ok(answer)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("guard", &self.guard).finish_non_exhaustive()
    }
}
