//! An address that may have an API behind it, and what is fetched from there.

use bytes::Bytes;
use executor_core::{ErrorCode, Failure};
use executor_egress::{
    Client, Error, HeaderValue, Injection, Kind, Limits, Method, Request, Response, StatusCode, Url,
};
use tokio::sync::OnceCell;

/// The largest document that is taken, after decompression.
const MAX_DOCUMENT_BYTES: u64 = 128 * 1024 * 1024;

/// Told how many bytes have come, and of how many if that is known.
pub type FetchProgress<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// An address, and with what it is asked.
pub struct Address<'a> {
    /// Where it is, as a person wrote it: a URL for most kinds.
    pub text: String,
    /// The credential to ask with.
    pub injection: Option<Injection>,
    /// The tag of the document that is known already, so that it is not sent again.
    pub known_etag: Option<String>,
    /// Where progress is told.
    pub progress: FetchProgress<'a>,
    /// The file at the address, which several kinds may want to look at.
    file: OnceCell<Result<Fetched, Failure>>,
}

/// What an address gave.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// It is the document that is known already.
    Unchanged,
    /// A document.
    Document {
        /// Its bytes.
        bytes: Bytes,
        /// Its tag, for the next time.
        etag: Option<String>,
        /// How long it counts by the API's own account, in milliseconds.
        ttl_ms: Option<u64>,
    },
}

impl<'a> Address<'a> {
    /// An address without a credential, of which nothing is known.
    #[must_use]
    pub fn new(text: &str, progress: FetchProgress<'a>) -> Self {
        let text = text.trim().to_owned();
        Self { text, injection: None, known_etag: None, progress, file: OnceCell::new() }
    }

    /// Whether it is a URL of the web, or at least none of something else.
    pub(crate) fn is_of_the_web(&self) -> bool {
        self.url().map_or(true, |url| matches!(url.scheme(), "http" | "https"))
    }

    /// The address as a URL.
    pub fn url(&self) -> Result<Url, Failure> {
        Url::parse(&self.text).map_err(|error| {
            Failure::new(ErrorCode::SourceUnreachable, format!("This is not an address: {error}."))
        })
    }

    /// The file at the address. It is fetched once, however often it is asked for.
    pub async fn file(&self, client: &Client) -> Result<Fetched, Failure> {
        self.file.get_or_init(|| self.fetch_file(client)).await.clone()
    }

    async fn fetch_file(&self, client: &Client) -> Result<Fetched, Failure> {
        let mut request = Request::new(Method::GET, self.url()?);
        request.injection.clone_from(&self.injection);
        let accept = "application/json, application/yaml, text/yaml, */*;q=0.8";
        request.headers.insert("accept", HeaderValue::from_static(accept));
        if let Some(etag) = self.known_etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok()) {
            request.headers.insert("if-none-match", etag);
        }
        let limits = Limits { max_body_bytes: MAX_DOCUMENT_BYTES, ..Limits::DOCUMENT };
        let response = client.download(request, limits, self.progress).await;
        let response = response.map_err(|error| unreachable(&error))?;
        match response.status {
            StatusCode::NOT_MODIFIED if self.known_etag.is_some() => Ok(Fetched::Unchanged),
            status if status.is_success() => {
                let etag =
                    response.headers.get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
                Ok(Fetched::Document { bytes: response.body, etag, ttl_ms: None })
            }
            _ => Err(refused(&response)),
        }
    }
}

/// Why an address that answered gave no document.
pub(crate) fn refused(response: &Response) -> Failure {
    let status = response.status.as_u16();
    let message = format!("The server answered with status {status}.");
    match status {
        401 | 403 => Failure::new(ErrorCode::SourceSignInRequired, message),
        _ => Failure::new(ErrorCode::SourceUnreachable, message),
    }
}

/// Why an address gave no answer.
pub(crate) fn unreachable(error: &Error) -> Failure {
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
