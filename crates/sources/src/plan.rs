//! A request as it will be sent, but for its secrets.

use std::collections::BTreeMap;

use bytes::Bytes;
use executor_core::Digest;
use executor_core::call::RequestSummary;
use executor_core::tool::{CredentialSlot, SideEffect};
use executor_egress::{HeaderMap, Injection, Method, Request};
use serde::{Deserialize, Serialize};
use url::Url;

/// A planned request. Nothing but credentials is added to it before it is sent.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The tool's path.
    pub tool: String,
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// The headers, the body's content type among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Body>,
    /// The credentials that the operation wants.
    pub security: Security,
    /// What sending it does. Only what may be repeated is ever sent twice.
    pub side_effect: SideEffect,
    /// The path as the document writes it, `/repos/{owner}/{repo}`; with [`Plan::origin`] and [`Plan::operation`] what an
    /// approval is bound to.
    pub template: String,
    /// The digest of the operation's method, path template, security, parameters and request schema.
    pub operation: Digest,
}

/// A body as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What an operation says about credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Nothing: whatever the connection has is sent.
    #[default]
    Unstated,
    /// Any one of these sets, the preferred one first. An empty set means that none is needed.
    AnyOf(Vec<Vec<CredentialSlot>>),
}

impl Security {
    /// Which of the slots that a connection can fill the request should carry, or `None` if they do not suffice.
    #[must_use]
    pub fn choose(&self, available: &[CredentialSlot]) -> Option<Vec<CredentialSlot>> {
        match self {
            Self::Unstated => Some(available.to_vec()),
            Self::AnyOf(sets) => {
                let satisfied = |set: &&Vec<CredentialSlot>| set.iter().all(|slot| available.contains(slot));
                // Where signing in is optional, whoever can sign in does.
                let mut candidates: Vec<_> = sets.iter().filter(satisfied).collect();
                candidates.sort_by_key(|set| set.is_empty());
                candidates.first().map(|set| (*set).clone())
            }
        }
    }
}

impl Plan {
    /// The origin that the request goes to, as `https://api.github.com`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What a person is shown of it.
    #[must_use]
    pub fn summary(&self) -> RequestSummary {
        let headers = self.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        RequestSummary {
            method: self.method.to_string(),
            url: self.url.to_string(),
            headers: headers.collect::<BTreeMap<_, _>>(),
            body_bytes: self.body.as_ref().map_or(0, |body| body.bytes.len() as u64),
        }
    }

    /// The request for the socket.
    pub(crate) fn request(&self, injection: Option<Injection>) -> Request {
        Request {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default(),
            injection,
        }
    }
}
