//! One conversation with a server, of whichever generation it is.
//!
//! Requests and results pass through as JSON: what the SDK's types do not know is kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use executor_core::Digest;
use executor_egress::process::{Ended, Invocation, Launcher};
use executor_egress::{Client, Injection};
use rmcp::RoleClient;
use rmcp::model::{ClientRequest, GetExtensions as _, ProtocolVersion, ServerPeerInfo, ServerResult};
use rmcp::service::{
    ClientLifecycleMode, PeerRequestOptions, RunningService, ServiceError, serve_client_with_lifecycle,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport, common};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use super::abandoned::Abandoned;
use super::endpoint::Command;
use super::listener::Listener;
use super::pool::Key;
use super::transport::event_stream::EventStream;
use super::transport::program::Pipes;
use super::transport::{Line, Planned};
use super::trouble::Trouble;

/// How often a stream that broke off is resumed.
const MAX_RESUMPTIONS: usize = 3;

/// How the conversation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Generation {
    /// Not known yet: the newest is tried first.
    Any,
    /// With a handshake, up to 2025-11-25.
    Handshake,
    /// Over HTTP with server-sent events, as of 2024-11-05.
    EventStream,
}

/// An open session. It is closed when it is dropped.
pub(super) struct Session {
    service: RunningService<RoleClient, Listener>,
    credential: watch::Sender<Option<Injection>>,
    /// How the server is best spoken to the next time.
    pub(super) generation: Generation,
    pub(super) opened: Instant,
    used: Mutex<Instant>,
    /// How the program ended, once it has; nothing for a server that is none.
    end: Option<Arc<watch::Sender<Option<Ended>>>>,
}

impl Session {
    /// Starts a program and opens a session with it. Each connection has a folder of its own.
    pub(super) async fn with_program(
        launcher: &Launcher,
        command: &Command,
        (address, connection): &Key,
        listener: &Listener,
        injection: Option<Injection>,
        known: Generation,
    ) -> Result<Self, Trouble> {
        let broken = |ended: &Ended| Trouble::Broken { detail: ended.to_string(), may_have_left: false };
        let owner = connection.map(|connection| connection.to_string()).unwrap_or_default();
        let folder = Digest::of(format!("{owner} {address}").as_bytes()).to_string();
        let mut refusal = None;
        for generation in [Generation::Any, Generation::Handshake] {
            if generation < known {
                continue;
            }
            let program = launcher.start(Invocation {
                folder: &folder,
                program: &command.program,
                arguments: &command.arguments,
                variables: &command.variables,
                injection: injection.as_ref(),
            });
            let end = Arc::new(watch::Sender::new(None));
            let pipes = Pipes::new(program.map_err(|ended| broken(&ended))?, Arc::clone(&end));
            match serve(listener, pipes, generation).await {
                Ok(service) => {
                    let credential = watch::Sender::new(injection);
                    return Ok(Self { end: Some(end), ..Self::new(service, credential, generation) });
                }
                Err(trouble) => {
                    let trouble = end.borrow().as_ref().map_or(trouble, broken);
                    // A program that ends at a question that it does not know may do better without it.
                    refusal.get_or_insert(trouble);
                }
            }
        }
        Err(refusal.unwrap_or(Trouble::Off))
    }

    /// Opens a session over HTTP. A server that does not know the newest generation is asked in the way of the earlier
    /// ones.
    pub(super) async fn over_http(
        client: &Client,
        url: &Url,
        listener: &Listener,
        injection: Option<Injection>,
        known: Generation,
    ) -> Result<Self, Trouble> {
        let (credential, current) = watch::channel(injection);
        let line = Line::new(client.clone(), url.clone(), current);
        let mut refusal = None;
        for generation in [Generation::Any, Generation::Handshake, Generation::EventStream] {
            if generation < known {
                continue;
            }
            let served = match generation {
                Generation::EventStream => match EventStream::open(&line).await {
                    Ok(transport) => serve(listener, transport, generation).await,
                    Err(trouble) => Err(trouble),
                },
                _ => {
                    let transport = StreamableHttpClientTransport::with_client(line.clone(), settings(url));
                    serve(listener, transport, generation).await
                }
            };
            match served {
                Ok(service) => return Ok(Self::new(service, credential, generation)),
                Err(trouble) => {
                    let goes_on = may_be_earlier(&trouble);
                    // What the first way came to says most; the others are not meant for this server, mostly.
                    let first = refusal.get_or_insert(trouble);
                    if !goes_on {
                        return Err(first.clone());
                    }
                }
            }
        }
        Err(refusal.unwrap_or(Trouble::Status(405)))
    }

    fn new(
        service: RunningService<RoleClient, Listener>,
        credential: watch::Sender<Option<Injection>>,
        generation: Generation,
    ) -> Self {
        let version = service.peer().peer_info().map(|info| info.protocol_version.clone());
        let has_handshake = version.as_ref().is_none_or(ProtocolVersion::has_initialize);
        if !has_handshake && lists_change(&service) {
            tokio::spawn(service.service().clone().subscribe(service.peer().clone()));
        }
        let generation =
            if generation == Generation::Any && has_handshake { Generation::Handshake } else { generation };
        let now = Instant::now();
        Self { service, credential, generation, opened: now, used: Mutex::new(now), end: None }
    }

    /// Sends a request and waits for its result, for as long as the caller does.
    pub(super) async fn request(
        &self,
        method: &str,
        params: Value,
        planned: Planned,
    ) -> Result<Value, Trouble> {
        self.touch();
        let mut request: ClientRequest =
            serde_json::from_value(json!({ "method": method, "params": params })).map_err(|error| {
                Trouble::Broken {
                    detail: format!("the request cannot be written: {error}"),
                    may_have_left: false,
                }
            })?;
        request.extensions_mut().insert(planned);
        let result = self.answer(request).await;
        self.touch();
        let result = result.map_err(|error| self.explained(Trouble::of_request(error)))?;
        serde_json::to_value(result).map_err(|error| Trouble::Broken {
            detail: format!("the result cannot be read: {error}"),
            may_have_left: true,
        })
    }

    async fn answer(&self, request: ClientRequest) -> Result<ServerResult, ServiceError> {
        let peer = self.service.peer();
        let sent = peer.send_request_with_option(request, PeerRequestOptions::no_options()).await?;
        let abandoned = Abandoned::unless_answered(peer, &sent.id);
        let answer = sent.await_response().await;
        abandoned.answered();
        answer
    }

    /// What the server said of itself.
    pub(super) fn about(&self) -> Option<ServerPeerInfo> {
        self.service.peer().peer_info().map(|info| (*info).clone())
    }

    /// Who is told of what the server says unasked.
    pub(super) fn listener(&self) -> &Listener {
        self.service.service()
    }

    /// Makes the credential that of all requests from now on. False if it cannot be: a program has the one that it was
    /// started with.
    pub(super) fn present(&self, injection: Option<Injection>) -> bool {
        if self.end.is_none() {
            self.credential.send_replace(injection);
            return true;
        }
        match (&*self.credential.borrow(), &injection) {
            (Some(old), Some(new)) => old.carries_what(new),
            (old, new) => old.is_none() && new.is_none(),
        }
    }

    /// A program's own end says more than that it is gone.
    fn explained(&self, trouble: Trouble) -> Trouble {
        let end = self.end.as_ref().and_then(|end| end.borrow().clone());
        match (trouble, end) {
            (Trouble::Broken { may_have_left, .. }, Some(ended)) => {
                Trouble::Broken { detail: ended.to_string(), may_have_left }
            }
            (trouble, _) => trouble,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.service.is_closed() && !self.service.peer().is_transport_closed()
    }

    /// How long nothing has been asked.
    pub(super) fn idle(&self) -> Duration {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

fn settings(url: &Url) -> StreamableHttpClientTransportConfig {
    let mut settings = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    settings.allow_stateless = true;
    // A lost session is opened anew by the pool, so that all who share it do so once and with a pause between.
    settings.reinit_on_expired_session = false;
    settings.max_concurrent_requests = 64;
    let mut pause = common::client_side_sse::ExponentialBackoff::default();
    pause.max_times = Some(MAX_RESUMPTIONS);
    settings.retry_config = Arc::new(pause);
    settings
}

async fn serve<T, E, A>(
    listener: &Listener,
    transport: T,
    generation: Generation,
) -> Result<RunningService<RoleClient, Listener>, Trouble>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let lifecycle = match generation {
        Generation::Any => ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        },
        Generation::Handshake | Generation::EventStream => ClientLifecycleMode::Initialize,
    };
    let served = serve_client_with_lifecycle(listener.clone(), transport, lifecycle).await;
    served.map_err(|error| Trouble::of_opening(&error))
}

/// Whether what a server answered may mean that it is of an earlier generation.
fn may_be_earlier(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Status(status) => !matches!(status, 401 | 403 | 429),
        Trouble::Broken { may_have_left, .. } => *may_have_left,
        _ => false,
    }
}

fn lists_change(service: &RunningService<RoleClient, Listener>) -> bool {
    let Some(info) = service.peer().peer_info() else { return false };
    let capabilities = &info.capabilities;
    let tools = capabilities.tools.as_ref().and_then(|tools| tools.list_changed);
    let prompts = capabilities.prompts.as_ref().and_then(|prompts| prompts.list_changed);
    let resources = capabilities.resources.as_ref().and_then(|resources| resources.list_changed);
    [tools, prompts, resources].contains(&Some(true))
}
