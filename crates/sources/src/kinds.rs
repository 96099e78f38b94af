//! Every kind, and which of them speaks for a document or an address.

use std::sync::Arc;

use bytes::Bytes;
use executor_core::tool::SourceKind;
use executor_core::{ErrorCode, Failure};
use executor_egress::Client;
use executor_egress::process::Launcher;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::broadcast;

use crate::address::{Address, Fetched};
use crate::document::Document;
use crate::google_discovery::GoogleDiscovery;
use crate::graphql::GraphQl;
use crate::import::Detection;
use crate::kind::Kind;
use crate::mcp::Mcp;
use crate::openapi::OpenApi;

/// The confidence from which on nobody else is waited for.
const SURE: f32 = 0.95;

/// How many addresses wait for whoever wants to know that they have changed.
const CHANGES: usize = 64;

/// Every kind of source that is built, in the order in which they are asked what something is.
#[derive(Clone)]
pub struct Kinds {
    all: Vec<Arc<dyn Kind>>,
    changes: broadcast::Sender<String>,
}

/// A document that a kind has claimed.
pub struct Claimed {
    /// The kind.
    pub kind: Arc<dyn Kind>,
    /// The document.
    pub document: Document,
    /// What it holds at a glance.
    pub detection: Detection,
    /// The document's tag, where it was fetched and has one.
    pub etag: Option<String>,
    /// How long it counts by the API's own account, in milliseconds.
    pub ttl_ms: Option<u64>,
}

impl Kinds {
    /// The kinds. They dial out by that client, and start no programs.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self::with_programs(client, None)
    }

    /// The same where programs of this machine may be sources: they are started by that launcher.
    #[must_use]
    pub fn with_programs(client: &Client, launcher: Option<Launcher>) -> Self {
        let (changes, _) = broadcast::channel(CHANGES);
        let all: Vec<Arc<dyn Kind>> = vec![
            Arc::new(OpenApi::new(client.clone())),
            Arc::new(GraphQl::new(client.clone())),
            Arc::new(GoogleDiscovery::new(client.clone())),
            Arc::new(Mcp::new(client.clone(), launcher, changes.clone())),
        ];
        Self { all, changes }
    }

    /// The addresses of sources that say, from now on, that what they offer has changed. Whoever falls behind misses some.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<String> {
        self.changes.subscribe()
    }

    /// Tells those who listen that what an address offers has changed, or may have.
    pub fn tell_changed(&self, address: &str) {
        // A message that nobody waits for is lost, and that is as well.
        let _ = self.changes.send(address.to_owned());
    }

    /// The kind of that name, if it is built.
    #[must_use]
    pub fn get(&self, kind: SourceKind) -> Option<&Arc<dyn Kind>> {
        self.iter().find(|one| one.kind() == kind)
    }

    /// Each kind.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Kind>> {
        self.all.iter()
    }

    fn wanted(&self, wanted: Option<SourceKind>) -> impl Iterator<Item = &Arc<dyn Kind>> {
        self.iter().filter(move |kind| wanted.is_none_or(|wanted| kind.kind() == wanted))
    }

    /// Reads a document and finds the kind that knows best what it is; `wanted` leaves no choice.
    ///
    /// It takes as long as the document is large: it is no work for a thread that serves others.
    pub fn claim(&self, bytes: &[u8], wanted: Option<SourceKind>) -> Result<Claimed, Failure> {
        claim(self.wanted(wanted), bytes)
    }

    /// Asks an address in the way of each kind, all at once, and gives the best that is found: `None` if it is the
    /// document that is known already. Once one is sure, the others are not waited for.
    pub async fn look(
        &self,
        address: &Address<'_>,
        wanted: Option<SourceKind>,
    ) -> Result<Option<Claimed>, Failure> {
        let able = self.wanted(wanted).filter(|kind| wanted.is_some() || kind.asks(address));
        let asked = able.map(|kind| async move { (kind, kind.fetch(address).await) });
        let mut asked: FuturesUnordered<_> = asked.collect();
        let mut failures: Vec<(SourceKind, Failure)> = Vec::new();
        let mut best: Option<Claimed> = None;
        // Whether the best one was fetched in the way of its kind, which may make more of a document than others do.
        let mut is_own = false;
        let mut seen: Vec<Bytes> = Vec::new();
        while let Some((kind, fetched)) = asked.next().await {
            let (bytes, etag, ttl_ms) = match fetched {
                Ok(Fetched::Unchanged) => return Ok(None),
                Ok(Fetched::Document { bytes, etag, ttl_ms }) => (bytes, etag, ttl_ms),
                Err(failure) => {
                    failures.push((kind.kind(), failure));
                    continue;
                }
            };
            // Kinds whose documents are files are all given the same one.
            if seen.iter().any(|seen| seen.as_ptr() == bytes.as_ptr()) {
                is_own |= best.as_ref().is_some_and(|best| best.kind.kind() == kind.kind());
            } else {
                seen.push(bytes.clone());
                match claim_apart(self.clone(), bytes, wanted).await {
                    Ok(claimed) => {
                        let claims_own = claimed.kind.kind() == kind.kind();
                        let is_better = best.as_ref().is_none_or(|best| {
                            claimed.detection.confidence > best.detection.confidence
                                || claims_own && best.kind.kind() == kind.kind()
                        });
                        if is_better {
                            is_own = claims_own;
                            best = Some(Claimed { etag, ttl_ms, ..claimed });
                        }
                    }
                    Err(failure) => failures.push((kind.kind(), failure)),
                }
            }
            if is_own && best.as_ref().is_some_and(|best| best.detection.confidence >= SURE) {
                break;
            }
        }
        best.map(Some).ok_or_else(|| nothing_found(failures))
    }
}

fn claim<'k>(kinds: impl Iterator<Item = &'k Arc<dyn Kind>>, bytes: &[u8]) -> Result<Claimed, Failure> {
    let document = Document::read(bytes)?;
    let claims = kinds.filter_map(|kind| Some((kind, kind.detect(&document)?)));
    let best = claims.max_by(|(_, one), (_, other)| one.confidence.total_cmp(&other.confidence));
    let (kind, detection) = best.ok_or_else(|| {
        Failure::new(ErrorCode::DocumentUnsupported, "The document is of no kind that can be imported.")
    })?;
    Ok(Claimed { kind: Arc::clone(kind), detection, document, etag: None, ttl_ms: None })
}

/// Away from the threads that serve tasks.
async fn claim_apart(kinds: Kinds, bytes: Bytes, wanted: Option<SourceKind>) -> Result<Claimed, Failure> {
    match tokio::task::spawn_blocking(move || kinds.claim(&bytes, wanted)).await {
        Ok(claimed) => claimed,
        Err(error) => {
            Err(Failure::new(ErrorCode::DocumentUnreadable, format!("The document cannot be read: {error}.")))
        }
    }
}

/// Why no kind has found anything: that somebody has to sign in says more than that there is nothing. Kinds that failed
/// alike are told of together.
fn nothing_found(mut failures: Vec<(SourceKind, Failure)>) -> Failure {
    failures.sort_by_key(|(kind, failure)| (failure.code != ErrorCode::SourceSignInRequired, *kind));
    let mut told: Vec<(Vec<&str>, Failure)> = Vec::new();
    for (kind, failure) in failures {
        match told.iter_mut().find(|(_, known)| *known == failure) {
            Some((kinds, _)) => kinds.push(kind.as_str()),
            None => told.push((vec![kind.as_str()], failure)),
        }
    }
    let said = |(kinds, failure): &(Vec<&str>, Failure)| {
        format!("Asked as {}: {}", kinds.join(" and "), failure.message)
    };
    match told.as_slice() {
        [] => Failure::new(ErrorCode::DocumentUnsupported, "This build knows no such kind of source."),
        [(_, only)] => only.clone(),
        [(_, first), ..] => {
            let said: Vec<_> = told.iter().map(said).collect();
            Failure { message: format!("Nothing usable is there. {}", said.join(" ")), ..first.clone() }
        }
    }
}
