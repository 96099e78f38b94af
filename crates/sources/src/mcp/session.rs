//! One conversation with a server, of whichever generation it is.
//!
//! Requests and results pass through as JSON: what the SDK's types do not know is kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use executor_egress::Injection;
use executor_egress::process::Ended;
use rmcp::RoleClient;
use rmcp::model::{ClientRequest, GetExtensions as _, ProtocolVersion, ServerPeerInfo, ServerResult};
use rmcp::service::{PeerRequestOptions, RunningService, ServiceError};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::abandoned::Abandoned;
use super::inbox::Said;
use super::listener::Listener;
use super::opening::Generation;
use super::transport::Planned;
use super::trouble::Trouble;

/// Where a program's end is told, once it has come.
pub(super) type End = Arc<watch::Sender<Option<Ended>>>;

/// An open session. It is closed when it is dropped.
pub(super) struct Session {
    service: RunningService<RoleClient, Listener>,
    credential: watch::Sender<Option<Injection>>,
    /// How the server is best spoken to the next time.
    pub(super) generation: Generation,
    pub(super) opened: Instant,
    used: Mutex<Instant>,
    /// Nothing for a server that is no program.
    end: Option<End>,
}

impl Session {
    pub(super) fn new(
        service: RunningService<RoleClient, Listener>,
        credential: watch::Sender<Option<Injection>>,
        generation: Generation,
        end: Option<End>,
    ) -> Self {
        let version = service.peer().peer_info().map(|info| info.protocol_version.clone());
        let has_handshake = version.as_ref().is_none_or(ProtocolVersion::has_initialize);
        if !has_handshake && lists_change(&service) {
            tokio::spawn(service.service().clone().subscribe(service.peer().clone()));
        }
        let generation =
            if generation == Generation::Any && has_handshake { Generation::Handshake } else { generation };
        let now = Instant::now();
        Self { service, credential, generation, opened: now, used: Mutex::new(now), end }
    }

    /// Sends a request and waits for its result, for as long as the caller does. What the server says about it meanwhile
    /// goes to `said`.
    pub(super) async fn request(
        &self,
        method: &str,
        params: Value,
        planned: Planned,
        said: Option<mpsc::Sender<Said>>,
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
        let result = self.answer(request, said).await;
        self.touch();
        let result = result.map_err(|error| self.explained(Trouble::of_request(error)))?;
        serde_json::to_value(result).map_err(|error| Trouble::Broken {
            detail: format!("the result cannot be read: {error}"),
            may_have_left: true,
        })
    }

    async fn answer(
        &self,
        request: ClientRequest,
        said: Option<mpsc::Sender<Said>>,
    ) -> Result<ServerResult, ServiceError> {
        let peer = self.service.peer();
        let sent = peer.send_request_with_option(request, PeerRequestOptions::no_options()).await?;
        let _inbox = said.map(|said| self.listener().inboxes().open(&sent.id, &sent.progress_token, said));
        let abandoned = Abandoned::unless_answered(peer, &sent.id);
        let answer = sent.await_response().await;
        abandoned.answered();
        answer
    }

    /// What the server said of itself.
    pub(super) fn about(&self) -> Option<ServerPeerInfo> {
        self.service.peer().peer_info().map(|info| (*info).clone())
    }

    /// Whether requests can bring answers of people with them: since 2026-07-28.
    pub(super) fn takes_answers(&self) -> bool {
        let version = self.service.peer().peer_info().map(|info| info.protocol_version.clone());
        version.is_some_and(|version| !version.has_initialize())
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

fn lists_change(service: &RunningService<RoleClient, Listener>) -> bool {
    let Some(info) = service.peer().peer_info() else { return false };
    let capabilities = &info.capabilities;
    let tools = capabilities.tools.as_ref().and_then(|tools| tools.list_changed);
    let prompts = capabilities.prompts.as_ref().and_then(|prompts| prompts.list_changed);
    let resources = capabilities.resources.as_ref().and_then(|resources| resources.list_changed);
    [tools, prompts, resources].contains(&Some(true))
}
