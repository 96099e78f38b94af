//! Ways to sign in: OAuth 2.0 with Google, and an API key.

use executor_core::tool::{CredentialSlot, Placement};
use indexmap::IndexMap;

use super::service::Service;
use crate::document::Node;
use crate::import::Method;
use crate::openapi::text;

const OAUTH: &str = "oauth2";
const KEY: &str = "key";
/// What the names of most scopes begin with.
const SCOPE: &str = "https://www.googleapis.com/auth/";

/// What the documents say of signing in.
pub(super) struct Security<'d> {
    /// The scopes with what they allow.
    scopes: IndexMap<&'d str, &'d str>,
    has_key: bool,
}

impl<'d> Security<'d> {
    pub(super) fn read(services: &[Service<'d>]) -> Self {
        let mut security = Self { scopes: IndexMap::new(), has_key: false };
        for service in services {
            let scopes = service.node.get("auth").and_then(|auth| auth.get(OAUTH)?.get("scopes"));
            for (scope, node) in scopes.into_iter().flat_map(Node::members) {
                security.scopes.entry(scope).or_insert_with(|| node.text("description").unwrap_or_default());
            }
            security.has_key |=
                service.node.get("parameters").is_some_and(|parameters| parameters.get(KEY).is_some());
        }
        security
    }

    /// The credentials that a method wants: any one of the sets. One without scopes is open to all.
    pub(super) fn of(&self, method: Node<'d>) -> Vec<Vec<CredentialSlot>> {
        let mut sets: Vec<_> = self.each_alone().map(|slot| vec![slot]).collect();
        if scopes(method).next().is_none() {
            sets.push(Vec::new());
        }
        sets
    }

    pub(super) fn methods(&self) -> Vec<Method> {
        let method = |slot: CredentialSlot| {
            let description = match slot.name.as_str() {
                OAUTH => self.about_scopes(),
                _ => "An API key of a Google Cloud project. It reaches public data only.".to_owned(),
            };
            Method::new(&slot.name.clone(), description, vec![slot])
        };
        self.each_alone().map(method).collect()
    }

    fn each_alone(&self) -> impl Iterator<Item = CredentialSlot> {
        let slot = |name: &str, placement| CredentialSlot { name: name.to_owned(), placement };
        let oauth = (!self.scopes.is_empty()).then(|| slot(OAUTH, Placement::Bearer));
        let key = self.has_key.then(|| slot(KEY, Placement::Query(KEY.to_owned())));
        oauth.into_iter().chain(key)
    }

    fn about_scopes(&self) -> String {
        let lines = self.scopes.iter().map(|(scope, about)| match about.trim() {
            "" => format!("\n- `{scope}`"),
            about => format!("\n- `{scope}`: {about}"),
        });
        text::bounded(&format!("An OAuth 2.0 access token of Google. Scopes:{}", lines.collect::<String>()))
    }
}

/// The scopes of which a method wants any one.
fn scopes(method: Node<'_>) -> impl Iterator<Item = &str> {
    method.get("scopes").into_iter().flat_map(Node::items).filter_map(Node::as_str)
}

/// What the description of a method says of its scopes; nothing if it has none.
pub(super) fn about(method: Node<'_>) -> Option<String> {
    let short = |scope: &str| format!("`{}`", scope.strip_prefix(SCOPE).unwrap_or(scope));
    let scopes: Vec<_> = scopes(method).map(short).collect();
    match scopes.as_slice() {
        [] => None,
        [only] => Some(format!("OAuth scope: {only}.")),
        several => Some(format!("OAuth scopes, any of: {}.", several.join(", "))),
    }
}
