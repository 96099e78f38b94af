//! The only door out of the process: the guarded HTTP client, and [`process`] for programs of this machine.
//!
//! Whatever a tenant, a document or an upstream can influence is dialled here. What holds for every request:
//!
//! - Only `http` and `https` are spoken, and only to public addresses, unless the operator allows more. Names are
//!   judged inside the resolver, so the address that was judged is the address that is connected to; literal
//!   addresses are judged on the parsed URL. Both happen again on every redirect hop.
//! - Secrets travel in an [`Injection`], bound to one origin. A hop to another origin loses them for good, together
//!   with every other header that is not plain content negotiation. What comes back is read without them.
//! - Nothing waits or reads without a bound: each request has a deadline and a limit on its *decompressed* body.
//! - An [`Error`] says whether bytes may have left the process, so that the caller can tell a write that certainly
//!   did not happen from one whose outcome is unknown.
//!
//! The crate knows nothing of tools, connections or tenants.

#![expect(clippy::disallowed_types, reason = "this is the crate that dials out")]

pub mod address;
pub mod process;

mod client;
mod echo;
mod error;
mod guard;
mod hop;
mod injection;
mod redirect;
mod request;
mod resolve;
mod response;
mod tls;

pub use client::{Client, Options};
pub use error::{Error, Kind};
pub use guard::{Blocked, Guard};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use injection::{Injection, InjectionError};
pub use request::{Limits, Request};
pub use resolve::{Resolver, SystemResolver};
pub use response::{Reply, Response};
pub use rustls::pki_types::CertificateDer;
pub use url::{Origin, Url};

/// Where a redirect leads a GET with a secret, and whether the secret goes along.
#[doc(hidden)]
pub fn fuzz_redirect(url: Url, status: StatusCode, location: &[u8]) -> Option<(Url, bool)> {
    let secret = secrecy::SecretString::from("secret".to_owned());
    let mut request = Request::new(Method::GET, url.clone());
    request.injection = Injection::new(url.origin()).query("key", secret).ok();
    let location = HeaderValue::from_bytes(location).ok()?;
    let headers = HeaderMap::from_iter([(http::header::LOCATION, location)]);
    let next = redirect::next(&request.into(), status, &headers).ok()??;
    Some((next.url, next.injection.is_some()))
}
