//! A request as it will be sent, but for its secrets.

use std::collections::BTreeMap;

use executor_core::Digest;
use executor_core::call::RequestSummary;
use executor_core::tool::CredentialSlot;
use url::{Position, Url};

use crate::body::Body;

/// A planned request. Nothing but credentials is added to it before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The method.
    pub method: String,
    /// Where it goes.
    pub url: Url,
    /// The headers, without the body's content type.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Body>,
    /// The credentials that the operation wants: any one of these sets, each of them whole, the preferred one first. An
    /// empty set means that it may go without any; no set at all means that none is wanted.
    pub credentials: Vec<Vec<CredentialSlot>>,
    /// The header in which the API wants a key of ours, so that it does a repeated request once; none where it does not,
    /// or where the call has brought its own. No part of the digest.
    pub idempotency_header: Option<String>,
    /// Whether a good answer is a file, whatever media type it comes with. No part of the digest.
    pub answer_is_file: bool,
    /// The operation as the document writes it: `GET /repos/{owner}/{repo}`.
    pub route: String,
    /// Other tools of the source, by their names in it, whose work the request does too: it goes only where a call of
    /// each of them would.
    pub also: Vec<String>,
}

/// Where the requests of an operation go and what they carry: what all calls of a tool have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The method.
    pub method: String,
    /// The path on the origin, with its placeholders.
    pub path: String,
    /// The origin, as of a plan.
    pub origin: String,
    /// The credentials, as in a plan.
    pub credentials: Vec<Vec<CredentialSlot>>,
    /// By the name of each argument, where in the request it goes.
    pub places: BTreeMap<String, String>,
}

impl Plan {
    /// What a person is shown of it.
    #[must_use]
    pub fn summary(&self) -> RequestSummary {
        let content_type =
            self.body.iter().map(|body| ("content-type".to_owned(), body.content_type.clone()));
        RequestSummary {
            method: self.method.clone(),
            url: self.url.to_string(),
            headers: self.headers.iter().cloned().chain(content_type).collect(),
            body_bytes: self.body.as_ref().map_or(0, Body::size),
        }
    }

    /// The origin that the request goes to, as `https://api.github.com`; the whole command for a program of this machine.
    #[must_use]
    pub fn origin(&self) -> String {
        origin(&self.url)
    }

    /// The digest of method, URL, headers and body. Two requests with the same digest are the same bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(256);
        let mut part = |content: &[u8]| {
            // The length before each part keeps two lists of parts from running into the same bytes.
            bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
            bytes.extend_from_slice(content);
        };
        part(self.method.as_bytes());
        part(self.url.as_str().as_bytes());
        part(&(self.headers.len() as u64).to_be_bytes());
        for (name, value) in &self.headers {
            part(name.as_bytes());
            part(value.as_bytes());
        }
        if let Some(body) = &self.body {
            body.digested(&mut part);
        }
        Digest::of(&bytes)
    }
}

/// The origin of a URL. What has no host has no origin either by the standard: there it is the address itself.
pub(crate) fn origin(url: &Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { url[..Position::AfterPath].to_owned() }
}
