//! What can go wrong on the way out, and what that says about the request.

use std::error::Error as StdError;
use std::time::Duration;

use http::StatusCode;

use crate::guard::Blocked;

/// A request that did not end in a complete response.
///
/// Neither its text nor its causes contain the URL's path or query, a header value or a body.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.kind)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    may_have_left: bool,
    status: Option<StatusCode>,
}

/// The kinds of failure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Kind {
    /// The URL cannot be requested at all.
    #[error("the URL is not usable: {reason}")]
    InvalidUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The request names a header that belongs to the connection, not to the caller.
    #[error("the header `{name}` cannot be set on an outbound request")]
    ForbiddenHeader {
        /// The header.
        name: String,
    },
    /// The request's credentials are bound to another origin than the request goes to.
    #[error("the credentials belong to another origin than the request")]
    OriginMismatch,
    /// The destination is not on the public internet.
    #[error("{0}")]
    Blocked(Blocked),
    /// The name has no address, or could not be looked up.
    #[error("the name could not be resolved: {detail}")]
    Resolve {
        /// What the resolver said.
        detail: String,
    },
    /// No connection came about.
    #[error("the connection failed: {detail}")]
    Connect {
        /// What the network said.
        detail: String,
    },
    /// The secure connection failed; mostly a certificate that is not trusted.
    #[error("the secure connection failed: {detail}")]
    Tls {
        /// What the TLS library said.
        detail: String,
    },
    /// No complete answer within the time limit.
    #[error("no complete answer within {} ms", .limit.as_millis())]
    Timeout {
        /// The limit that was reached.
        limit: Duration,
    },
    /// The answer is larger than allowed, after decompression.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The limit that was reached.
        limit: u64,
    },
    /// More redirects than anyone needs.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// The limit that was reached.
        limit: usize,
    },
    /// A redirect from `https` to `http`.
    #[error("a redirect leads from https to http")]
    InsecureRedirect,
    /// The peer did not speak HTTP as it should, or went away before its answer began.
    #[error("the exchange failed: {detail}")]
    Protocol {
        /// What the HTTP library said.
        detail: String,
    },
    /// The answer broke off, or could not be decompressed.
    #[error("the response could not be read: {detail}")]
    BodyRead {
        /// What the HTTP library said.
        detail: String,
    },
    /// The client itself could not be set up.
    #[error("the client could not be set up: {detail}")]
    Setup {
        /// What is missing.
        detail: String,
    },
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Whether any byte of the request may have reached a peer.
    ///
    /// `false` is a promise; `true` only says that nobody can know. A time limit that is reached before the answer
    /// begins counts as `true`, because the connection pool does not tell whether it was still connecting.
    #[must_use]
    pub fn may_have_left(&self) -> bool {
        self.0.may_have_left
    }

    /// The status, where the peer had already answered with one before the failure.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    pub(crate) fn sent(mut self) -> Self {
        self.0.may_have_left = true;
        self
    }

    pub(crate) fn answered(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self.sent()
    }

    /// Reads what the HTTP library reports about a request whose answer had not begun.
    pub(crate) fn from_exchange(error: &reqwest::Error, connect_timeout: Duration) -> Self {
        let kind = if let Some(blocked) = cause::<Blocked>(error) {
            Kind::Blocked(blocked.clone())
        } else if error.is_dns() {
            Kind::Resolve { detail: root_cause(error) }
        } else if error.is_connect() && error.is_timeout() {
            Kind::Timeout { limit: connect_timeout }
        } else if let Some(tls) = cause::<rustls::Error>(error) {
            Kind::Tls { detail: tls.to_string() }
        } else if error.is_connect() {
            Kind::Connect { detail: root_cause(error) }
        } else {
            Kind::Protocol { detail: root_cause(error) }
        };
        let failure = Self::from(kind);
        if error.is_connect() { failure } else { failure.sent() }
    }

    /// Reads what the HTTP library reports about an answer that had begun.
    pub(crate) fn from_body(error: &reqwest::Error) -> Self {
        Self::from(Kind::BodyRead { detail: root_cause(error) })
    }
}

/// A failure before anything was sent.
impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(Inner { kind, may_have_left: false, status: None }))
    }
}

/// The first error of type `T` among the causes of `error`.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// The text of the innermost cause. The outer ones repeat the URL, which may hold a secret.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        // An I/O error's `source` skips the error it wraps.
        match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}
