//! A document together with those that it refers to, as one that stands alone.
//!
//! So an import needs no network, and the digest of a document covers all that it says. What holds: the other documents
//! are fetched like the first, through the guard; only those of its origin see its credential; there are at most
//! [`MAX_DOCUMENTS`] of them with [`MAX_BYTES`] in total. One that cannot be had takes nothing with it: the reference
//! stays, and the reason is kept beside it. A document that refers to no other is given on byte for byte.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use executor_core::Failure;
use executor_egress::{Client, HeaderValue, Limits, Method, Request, Url};
use futures::stream::{self, StreamExt as _};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::dialect::Dialect;
use super::external::{self, Place};
use crate::address::{Address, Fetched};
use crate::document::Document;

/// The most documents besides the first.
const MAX_DOCUMENTS: usize = 100;
/// The most bytes of all of them.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The most bytes of one of them.
const MAX_ONE: u64 = 16 * 1024 * 1024;
/// How many steps a document may be away from the first.
const MAX_STEPS: usize = 16;
/// How many are fetched at once.
const AT_ONCE: usize = 4;
/// How long all of them may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The document at the address, and with it all that it refers to.
pub(super) async fn fetch(client: &Client, address: &Address<'_>) -> Result<Fetched, Failure> {
    let fetched = address.file(client).await?;
    let Fetched::Document { bytes, .. } = &fetched else { return Ok(fetched) };
    if !external::is_likely(bytes) {
        return Ok(fetched);
    }
    let url = address.url()?;
    let Some(first) = read(url, bytes.clone()).await.filter(Read::is_openapi) else { return Ok(fetched) };
    if first.refers_to.is_empty() {
        return Ok(fetched);
    }
    let mut bundle = Bundle::new(first);
    bundle.gather(client, address).await;
    match tokio::task::spawn_blocking(move || bundle.write()).await {
        // Its tag would say nothing of the others.
        Ok(Some(bytes)) => Ok(Fetched::Document { bytes: bytes.into(), etag: None, ttl_ms: None }),
        _ => Ok(fetched),
    }
}

/// A document that has been read.
struct Read {
    url: Url,
    document: Document,
    /// Where its references lead that lead out of it.
    refers_to: Vec<Url>,
}

impl Read {
    fn is_openapi(&self) -> bool {
        Dialect::of(self.document.root()).is_some()
    }
}

/// Away from the threads that serve tasks.
async fn read(url: Url, bytes: Bytes) -> Option<Read> {
    let read = move || {
        let document = Document::read(&bytes).ok()?;
        let refers_to = external::targets(document.root(), &url);
        Some(Read { url, document, refers_to })
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

struct Bundle {
    /// The first document, then the others in the order in which they are referred to.
    documents: Vec<Read>,
    /// What each document is called in the bundle; the first one is not.
    names: HashMap<Url, String>,
    /// The addresses that gave nothing, each with the reason.
    missing: BTreeMap<String, String>,
}

impl Bundle {
    fn new(first: Read) -> Self {
        Self { documents: vec![first], names: HashMap::new(), missing: BTreeMap::new() }
    }

    /// Fetches what is referred to, step by step away from the first document.
    async fn gather(&mut self, client: &Client, address: &Address<'_>) {
        let deadline = Instant::now() + PATIENCE;
        let mut budget = MAX_BYTES;
        let mut looked_at = 0;
        for _ in 0..MAX_STEPS {
            let wanted = self.wanted(looked_at);
            looked_at = self.documents.len();
            if wanted.is_empty() {
                return;
            }
            let limit = MAX_ONE.min(budget);
            let mut fetching = stream::iter(wanted)
                .map(|url| async move {
                    let read = fetch_one(client, address, &url, limit, deadline).await;
                    (url, read)
                })
                .buffered(AT_ONCE);
            while let Some((url, read)) = fetching.next().await {
                let left = read.as_ref().ok().and_then(|(_, size)| budget.checked_sub(*size));
                match (read, left) {
                    (Ok((read, _)), Some(left)) => {
                        budget = left;
                        self.names
                            .insert(url, external::name(&read.url, &self.documents[0].url, &self.names));
                        self.documents.push(read);
                    }
                    (Ok(_), None) => {
                        let limit = MAX_BYTES / 1024 / 1024;
                        let reason = format!("the documents come to more than {limit} MiB");
                        self.missing.insert(url.into(), reason);
                    }
                    (Err(reason), _) => {
                        self.missing.insert(url.into(), reason);
                    }
                }
            }
        }
        for url in self.wanted(looked_at) {
            self.missing.insert(url.into(), format!("it is more than {MAX_STEPS} documents away"));
        }
    }

    /// What the documents from that one on refer to and is not known yet.
    fn wanted(&mut self, from: usize) -> Vec<Url> {
        let mut wanted: Vec<Url> = Vec::new();
        for url in self.documents[from..].iter().flat_map(|read| &read.refers_to) {
            let is_known = *url == self.documents[0].url
                || self.names.contains_key(url)
                || self.missing.contains_key(url.as_str())
                || wanted.contains(url);
            if is_known {
                continue;
            }
            if self.documents.len() + wanted.len() <= MAX_DOCUMENTS {
                wanted.push(url.clone());
            } else if self.missing.len() < 10 * MAX_DOCUMENTS {
                let reason = format!("the document refers to more than {MAX_DOCUMENTS} others");
                self.missing.insert(url.to_string(), reason);
            }
        }
        wanted
    }

    /// All of it as one document.
    fn write(self) -> Option<Vec<u8>> {
        let first = self.documents.first()?;
        let written = |read: &Read| {
            let place = Place { own: &read.url, first: &first.url, names: &self.names };
            external::rewritten(read.document.root(), &place)
        };
        let others: Map<String, Value> = self.documents[1..]
            .iter()
            .filter_map(|read| Some((self.names.get(&read.url)?.clone(), written(read))))
            .collect();
        let Value::Object(mut root) = written(first) else { return None };
        root.insert(external::DOCUMENTS.to_owned(), Value::Object(others));
        let missing: Map<String, Value> =
            self.missing.into_iter().map(|(url, reason)| (url, Value::from(reason))).collect();
        root.insert(external::MISSING.to_owned(), Value::Object(missing));
        serde_json::to_vec(&Value::Object(root)).ok()
    }
}

/// One document and its size. The error is the end of a sentence.
async fn fetch_one(
    client: &Client,
    address: &Address<'_>,
    url: &Url,
    max_body_bytes: u64,
    deadline: Instant,
) -> Result<(Read, u64), String> {
    let mut request = Request::new(Method::GET, url.clone());
    request.injection = address.injection.clone().filter(|injection| *injection.origin() == url.origin());
    let accept = "application/json, application/yaml, text/yaml, */*;q=0.8";
    request.headers.insert("accept", HeaderValue::from_static(accept));
    let timeout = deadline.saturating_duration_since(Instant::now());
    let response = client.send(request, Limits { timeout, max_body_bytes }).await;
    let response = response.map_err(|error| error.to_string())?;
    if !response.status.is_success() {
        return Err(format!("the server answered with status {}", response.status.as_u16()));
    }
    let size = response.body.len() as u64;
    let read = read(url.clone(), response.body).await;
    read.map(|read| (read, size)).ok_or_else(|| "it is neither JSON nor YAML".to_owned())
}
