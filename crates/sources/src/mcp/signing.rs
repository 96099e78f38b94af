//! Ways to sign in to a server.

use executor_core::tool::{CredentialSlot, Placement};

use super::endpoint::Endpoint;
use crate::import::Method;

/// The credential of a server at an address of the web.
pub(super) fn token() -> CredentialSlot {
    CredentialSlot { name: "token".to_owned(), placement: Placement::Bearer }
}

/// A server does not say how it wants to be signed in to before somebody tries: a bearer token is what MCP has.
pub(super) fn methods(endpoint: Option<&Endpoint>) -> Vec<Method> {
    if matches!(endpoint, Some(Endpoint::Program(_))) {
        return Vec::new();
    }
    vec![Method {
        name: "token".to_owned(),
        description: "A bearer token, if the server wants one.".to_owned(),
        slots: vec![token()],
    }]
}
