//! Fetching a document.

use bytes::Bytes;
use executor_core::Failure;
use executor_egress::Client;
use url::Url;

/// A document as it came, not yet read.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its bytes.
    pub bytes: Bytes,
    /// The media type that the server gave it.
    pub content_type: Option<String>,
    /// Where it was in the end, after redirects.
    pub url: Url,
}

/// Fetches what a person says is a document, telling `progress` how many bytes have come, and of how many if known.
pub async fn fetch(
    client: &Client,
    url: &Url,
    progress: impl FnMut(u64, Option<u64>) + Send,
) -> Result<Fetched, Failure> {
    let _ = (client, url, progress);
    Err(Failure::new(executor_core::ErrorCode::Internal, "Fetching is not built yet."))
}
