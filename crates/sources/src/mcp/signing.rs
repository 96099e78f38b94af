//! Ways to sign in to a server.

use executor_core::tool::{CredentialSlot, Placement};

use super::endpoint::Endpoint;
use crate::import::Method;

/// The credentials of a call, as in a plan. A server does not say how it wants to be signed in to before somebody tries:
/// over HTTP it is a bearer token, or nothing. A program gets the variables that its address leaves open.
pub(super) fn credentials(endpoint: &Endpoint) -> Vec<Vec<CredentialSlot>> {
    match endpoint {
        Endpoint::Web(_) => vec![vec![token()], Vec::new()],
        Endpoint::Program(command) if command.secrets.is_empty() => Vec::new(),
        Endpoint::Program(command) => {
            let slot = |name: &String| CredentialSlot {
                name: name.clone(),
                placement: Placement::Environment(name.clone()),
            };
            vec![command.secrets.iter().map(slot).collect()]
        }
    }
}

/// The way to sign in, if there is one. Nothing is known of an address that is not known.
pub(super) fn methods(endpoint: Option<&Endpoint>) -> Vec<Method> {
    let description = match endpoint {
        Some(Endpoint::Program(_)) => "The environment variables that the program is started with.",
        _ => "A bearer token, if the server wants one.",
    };
    let sets = endpoint.map_or_else(|| vec![vec![token()]], credentials);
    let sets = sets.into_iter().filter(|slots| !slots.is_empty());
    let method = |slots: Vec<CredentialSlot>| {
        let name = slots.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>().join("+");
        Method::new(&name, description.to_owned(), slots)
    };
    sets.map(method).collect()
}

fn token() -> CredentialSlot {
    CredentialSlot { name: "token".to_owned(), placement: Placement::Bearer }
}
