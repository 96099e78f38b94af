//! Secret material that joins a request at the socket.
//!
//! Made by whoever keeps the secrets, carried by everyone else without being able to read it: there is no accessor, and
//! `Debug` names the places only. The material is wiped from memory on drop; the copies that the HTTP library makes of a
//! header while it sends are beyond our reach.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Origin, Url};

use crate::request::is_forbidden;

/// Secrets for one request, bound to one origin.
#[derive(Clone)]
pub struct Injection {
    origin: Origin,
    parts: Vec<Part>,
    /// What parts are made of: whoever reads it knows the secret as well.
    besides: Vec<SecretString>,
}

#[derive(Clone)]
enum Part {
    Header(HeaderName, SecretString),
    Query(String, SecretString),
    Cookie(String, SecretString),
    Environment(String, SecretString),
}

/// A secret that cannot be carried where it should be. Says where, never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InjectionError {
    /// Not a name that this place allows.
    #[error("`{0}` is not a usable name for a credential")]
    Name(String),
    /// A line break or another character that this place does not allow.
    #[error("the credential for `{0}` contains characters that are not allowed there")]
    Value(String),
}

impl Injection {
    /// No secrets yet, for `origin`.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self { origin, parts: Vec::new(), besides: Vec::new() }
    }

    /// The only origin that will see the secrets.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Adds `Authorization: Bearer`.
    pub fn bearer(self, token: &SecretString) -> Result<Self, InjectionError> {
        let value = format!("Bearer {}", token.expose_secret());
        self.header(header::AUTHORIZATION.as_str(), value.into())
    }

    /// Adds `Authorization: Basic`. A colon in the user name would move the border to the password, and is refused.
    pub fn basic(self, username: &SecretString, password: &SecretString) -> Result<Self, InjectionError> {
        if username.expose_secret().contains(':') {
            return Err(InjectionError::Value("username".to_owned()));
        }
        // A key that comes without a password is in the place of the name.
        let secret = if password.expose_secret().is_empty() { username } else { password };
        let pair = SecretString::from(format!("{}:{}", username.expose_secret(), password.expose_secret()));
        let value = format!("Basic {}", STANDARD.encode(pair.expose_secret()));
        let mut injection = self.header(header::AUTHORIZATION.as_str(), value.into())?;
        injection.besides.push(secret.clone());
        Ok(injection)
    }

    /// Adds a header. It replaces one of the same name that the request has in the clear.
    pub fn header(mut self, name: &str, value: SecretString) -> Result<Self, InjectionError> {
        let name = HeaderName::try_from(name)
            .ok()
            .filter(|name| !is_forbidden(name))
            .ok_or_else(|| InjectionError::Name(name.to_owned()))?;
        if HeaderValue::from_str(value.expose_secret()).is_err() {
            return Err(InjectionError::Value(name.to_string()));
        }
        // What follows a word is a secret by itself, as in `Bearer 123`.
        self.besides.extend(value.expose_secret().split_once(' ').map(|(_, alone)| alone.into()));
        self.parts.push(Part::Header(name, value));
        Ok(self)
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: SecretString) -> Result<Self, InjectionError> {
        if name.is_empty() {
            return Err(InjectionError::Name(name.to_owned()));
        }
        self.parts.push(Part::Query(name.to_owned(), value));
        Ok(self)
    }

    /// Adds a cookie, after those that the request has in the clear.
    pub fn cookie(mut self, name: &str, value: SecretString) -> Result<Self, InjectionError> {
        if HeaderName::try_from(name).is_err() {
            return Err(InjectionError::Name(name.to_owned()));
        }
        if !value.expose_secret().bytes().all(is_cookie_octet) {
            return Err(InjectionError::Value(name.to_owned()));
        }
        self.parts.push(Part::Cookie(name.to_owned(), value));
        Ok(self)
    }

    /// Adds an environment variable, for a program and no request.
    pub fn environment(mut self, name: &str, value: SecretString) -> Result<Self, InjectionError> {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(InjectionError::Name(name.to_owned()));
        }
        if value.expose_secret().contains('\0') {
            return Err(InjectionError::Value(name.to_owned()));
        }
        self.parts.push(Part::Environment(name.to_owned(), value));
        Ok(self)
    }

    /// Whether another carries the same secrets to the same places, so that what was started with one need not be
    /// started again.
    #[must_use]
    pub fn carries_what(&self, other: &Self) -> bool {
        self.parts.iter().map(Part::plain).eq(other.parts.iter().map(Part::plain))
    }

    /// The variables for a program. There are none for whoever is reached by a network: nothing of an origin's own gets
    /// to a program.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_program = !self.origin.is_tuple();
        self.parts.iter().filter_map(move |part| match part {
            Part::Environment(name, value) if is_program => Some((name.as_str(), value.expose_secret())),
            _ => None,
        })
    }

    /// Writes the secrets into what is about to be sent.
    pub(crate) fn apply(&self, url: &mut Url, headers: &mut HeaderMap) {
        for part in &self.parts {
            match part {
                Part::Header(name, value) => {
                    headers.insert(name, sensitive(value.expose_secret()));
                }
                Part::Query(name, value) => {
                    url.query_pairs_mut().append_pair(name, value.expose_secret());
                }
                Part::Cookie(name, value) => {
                    let others = headers.get(header::COOKIE).and_then(|others| others.to_str().ok());
                    let others = others.map(|others| format!("{others}; ")).unwrap_or_default();
                    let cookies = format!("{others}{name}={}", value.expose_secret());
                    headers.insert(header::COOKIE, sensitive(&cookies));
                }
                // No part of a request.
                Part::Environment(..) => {}
            }
        }
    }

    /// The secrets, in each form in which somebody could use them.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let besides = self.besides.iter().map(SecretString::expose_secret);
        self.parts.iter().map(|part| part.plain().2).chain(besides)
    }

    /// Takes the secrets out of a URL into which an upstream has copied them, as redirects that keep the query do.
    pub(crate) fn scrub(&self, url: &mut Url) {
        let is_ours = |name: &str, value: &str| {
            self.parts.iter().any(|part| {
                matches!(part, Part::Query(ours, secret) if ours == name && secret.expose_secret() == value)
            })
        };
        if !url.query_pairs().any(|(name, value)| is_ours(&name, &value)) {
            return;
        }
        let kept: Vec<_> = url.query_pairs().filter(|(name, value)| !is_ours(name, value)).collect();
        let mut clean = url.clone();
        clean.set_query(None);
        if !kept.is_empty() {
            clean.query_pairs_mut().extend_pairs(kept);
        }
        *url = clean;
    }
}

impl Part {
    /// The sort, the name and the secret.
    fn plain(&self) -> (u8, &str, &str) {
        match self {
            Self::Header(name, value) => (0, name.as_str(), value.expose_secret()),
            Self::Query(name, value) => (1, name, value.expose_secret()),
            Self::Cookie(name, value) => (2, name, value.expose_secret()),
            Self::Environment(name, value) => (3, name, value.expose_secret()),
        }
    }
}

/// Shows the origin and the places, never the material.
impl fmt::Debug for Injection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.parts.iter().map(|part| match part {
            Part::Header(name, _) => format!("header {name}"),
            Part::Query(name, _) => format!("query {name}"),
            Part::Cookie(name, _) => format!("cookie {name}"),
            Part::Environment(name, _) => format!("environment {name}"),
        });
        formatter
            .debug_struct("Injection")
            .field("origin", &self.origin.ascii_serialization())
            .field("places", &places.collect::<Vec<_>>())
            .finish()
    }
}

/// A header value that neither logs nor compression tables may keep.
#[expect(clippy::expect_used, reason = "each part was checked to be a header value when it was added")]
fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("a checked header value");
    value.set_sensitive(true);
    value
}

/// The characters of a cookie's value by RFC 6265.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}
