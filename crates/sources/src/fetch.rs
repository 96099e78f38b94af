//! Fetching a document.

use bytes::Bytes;
use executor_core::{ErrorCode, Failure};
use executor_egress::{Client, Error, Kind, Limits};
use url::Url;

/// The largest document that is taken, after decompression.
const MAX_DOCUMENT_BYTES: u64 = 128 * 1024 * 1024;

/// Fetches what a person says is a document, telling `progress` how many bytes have come, and of how many if known.
pub async fn fetch(
    client: &Client,
    url: &str,
    progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Bytes, Failure> {
    let url = Url::parse(url.trim()).map_err(|error| {
        Failure::new(ErrorCode::SourceUnreachable, format!("This is not an address: {error}."))
    })?;
    let limits = Limits { max_body_bytes: MAX_DOCUMENT_BYTES, ..Limits::DOCUMENT };
    let response = client.fetch_document(url, limits, progress).await.map_err(|error| refused(&error))?;
    if response.status.is_success() {
        return Ok(response.body);
    }
    let message = format!("The server answered with status {}.", response.status.as_u16());
    Err(Failure::new(ErrorCode::SourceUnreachable, message))
}

fn refused(error: &Error) -> Failure {
    match error.kind() {
        Kind::Blocked(blocked) => Failure::new(ErrorCode::AddressBlocked, format!("{blocked}.")),
        Kind::TooLarge { .. } => Failure::new(
            ErrorCode::DocumentTooLarge,
            format!("The document is larger than {} MiB.", MAX_DOCUMENT_BYTES / 1024 / 1024),
        ),
        _ => {
            Failure::new(ErrorCode::SourceUnreachable, format!("The document could not be fetched: {error}."))
        }
    }
}
