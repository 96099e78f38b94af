//! Whether a document is a GraphQL schema, and what it holds at a glance.

use executor_core::tool::{CredentialSlot, Placement, SourceKind};

use super::api::Api;
use super::endpoint;
use crate::document::Document;
use crate::import::{Detection, Method};

pub(super) fn detect(document: &Document) -> Option<Detection> {
    let api = Api::of(document)?;
    let endpoint = endpoint::stated(document);
    Some(Detection {
        kind: SourceKind::Graphql,
        confidence: if api.tools().is_empty() { 0.5 } else { 1.0 },
        title: title(document),
        suggested_name: endpoint::suggested_name(endpoint.as_ref()),
        base_url: endpoint.map(String::from),
        operations: api.tools().len() as u64,
        servers: Vec::new(),
        methods: methods(),
    })
}

/// What the API is called: a schema has no name, so that of its host.
pub(super) fn title(document: &Document) -> String {
    let host = endpoint::stated(document).and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "GraphQL".to_owned())
}

/// A schema does not say how to sign in. Most APIs take a token, and some do without.
pub(super) fn methods() -> Vec<Method> {
    let description = "A GraphQL schema names no way to sign in; this sends a bearer token.".to_owned();
    vec![Method::new("token", description, vec![token()])]
}

/// The credentials that a call wants: any one of these sets.
pub(super) fn credentials() -> Vec<Vec<CredentialSlot>> {
    vec![vec![token()], Vec::new()]
}

fn token() -> CredentialSlot {
    CredentialSlot { name: "token".to_owned(), placement: Placement::Bearer }
}
