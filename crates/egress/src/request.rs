//! A request as the caller plans it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use url::Url;

use crate::error::{Error, Kind};
use crate::injection::Injection;

const MIB: u64 = 1024 * 1024;

/// One outbound request. Its secrets, if it needs any, are apart from the rest, in the injection.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Headers in the clear.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The secrets, bound to the origin of `url`.
    pub injection: Option<Injection>,
}

impl Request {
    /// A request without headers, body or secrets.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), injection: None }
    }

    /// Refuses what would change how the message is framed or routed, and secrets for another origin.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(name) = self.headers.keys().find(|name| is_forbidden(name)) {
            return Err(Kind::ForbiddenHeader { name: name.to_string() }.into());
        }
        match &self.injection {
            Some(injection) if *injection.origin() != self.url.origin() => Err(Kind::OriginMismatch.into()),
            _ => Ok(()),
        }
    }
}

/// Shows where the request goes and how large it is, never a value that could be a secret.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .field("path", &self.url.path())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .field("injection", &self.injection)
            .finish()
    }
}

/// Headers that the HTTP library sets itself. A caller's value could smuggle a second request or reach another host.
pub(crate) fn is_forbidden(name: &header::HeaderName) -> bool {
    const FORBIDDEN: &[header::HeaderName] = &[
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::EXPECT,
        header::HOST,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    FORBIDDEN.contains(name) || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// How long a request may take and how much may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the call to the last byte of the body, redirects included.
    pub timeout: Duration,
    /// The most bytes of body, after decompression.
    pub max_body_bytes: u64,
}

impl Limits {
    /// The limits for fetching a description of an API: larger and slower than any call's answer.
    pub const DOCUMENT: Self = Self { timeout: Duration::from_secs(120), max_body_bytes: 64 * MIB };
}

/// The limits of an ordinary call.
impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), max_body_bytes: 16 * MIB }
    }
}
