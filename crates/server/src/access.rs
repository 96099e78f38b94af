//! Who sends a request: a bearer or an `x-api-key`, a browser's session, or the person at this machine.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use executor_core::{Digest, ErrorCode, Failure, Principal, Scope};

use crate::problem::Problem;
use crate::session::Holder;
use crate::state::Shared;

/// The header for keys of clients that cannot send a bearer.
const KEY_HEADER: &str = "x-api-key";

/// Whoever sent the request.
pub(crate) struct Caller(pub(crate) Principal);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let principal = parts.extensions.get::<Principal>().cloned();
        principal.map(Self).ok_or_else(|| unknown("The request says not who sends it.").into())
    }
}

/// Refuses requests from foreign pages and, where no key is needed, under foreign names. For every route but health.
pub(crate) async fn check_origin(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let any_host = !state.is_open;
    match state.origins.check(request.method(), request.uri(), request.headers(), any_host) {
        Ok(()) => next.run(request).await,
        Err(failure) => Problem::from(failure).into_response(),
    }
}

/// Finds out who sends the request, and refuses it if that is nobody.
pub(crate) async fn authenticate(State(state): State<Shared>, mut request: Request, next: Next) -> Response {
    match principal(&state, request.method(), request.headers()).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(failure) => Problem::from(failure).into_response(),
    }
}

/// Takes from the person at this machine, as their agent's client speaks for them, the right to decide approvals, unless
/// they have said that the forms of clients are trusted. A key keeps what it was made for.
pub(crate) async fn speak_as_agent(
    State(state): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(principal) = request.extensions_mut().get_mut::<Principal>()
        && principal.key.is_none()
    {
        match state.elicited_approvals {
            true => principal.scopes.insert(Scope::Approve),
            false => principal.scopes.remove(&Scope::Approve),
        };
    }
    next.run(request).await
}

/// Who sends a request with this method and these headers. A session changes nothing but from our own pages.
pub(crate) async fn principal(
    state: &Shared,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Principal, Failure> {
    if let Some(key) = presented_key(headers)? {
        return match holder(state, key).await? {
            Holder::LocalOwner => state.executor.local_owner(true).await,
            Holder::Key(principal) => Ok(principal),
        };
    }
    if let Some(holder) = state.sessions.holder(headers) {
        if !method.is_safe() {
            state.origins.require_own_page(headers)?;
        }
        return today(state, &holder).await;
    }
    if state.is_open {
        return state.executor.local_owner(false).await;
    }
    Err(unknown("This server wants a key with every request."))
}

/// Who sends a form. It has to come from one of our own pages, whoever sends it.
pub(crate) async fn of_form(state: &Shared, headers: &HeaderMap) -> Result<Principal, Failure> {
    state.origins.require_own_page(headers)?;
    principal(state, &Method::POST, headers).await
}

/// What a session's holder may do today.
pub(crate) async fn today(state: &Shared, holder: &Holder) -> Result<Principal, Failure> {
    match holder {
        Holder::LocalOwner => state.executor.local_owner(true).await,
        Holder::Key(principal) => state.executor.today(principal).await,
    }
}

/// Who carries this key.
pub(crate) async fn holder(state: &Shared, key: &str) -> Result<Holder, Failure> {
    if Digest::of(key.as_bytes()) == state.token {
        return Ok(Holder::LocalOwner);
    }
    state.executor.authenticate(key).await.map(Holder::Key)
}

/// Fails with [`ErrorCode::Forbidden`] unless the request brings the local owner's token itself.
pub(crate) fn require_local_token(state: &Shared, headers: &HeaderMap) -> Result<(), Failure> {
    match presented_key(headers)? {
        Some(key) if Digest::of(key.as_bytes()) == state.token => Ok(()),
        _ => Err(Failure::new(ErrorCode::Forbidden, "Only the local owner's token makes pairing links.")
            .with_hint(
                "Run `executor approvals link` on the machine of the server, as the user that runs it.",
            )),
    }
}

fn presented_key(headers: &HeaderMap) -> Result<Option<&str>, Failure> {
    let unreadable = || unknown("The key has characters that no key has.");
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().map_err(|_| unreadable())?;
        return match value.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(key.trim())),
            _ => Err(unknown("Only bearers are taken in `Authorization`.")),
        };
    }
    headers.get(KEY_HEADER).map(|value| value.to_str().map_err(|_| unreadable())).transpose()
}

fn unknown(message: &str) -> Failure {
    Failure::new(ErrorCode::Unauthorized, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presented(headers: &[(&str, &str)]) -> Result<Option<String>, ErrorCode> {
        let map = headers
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        presented_key(&map).map(|key| key.map(str::to_owned)).map_err(|failure| failure.code)
    }

    #[test]
    fn a_key_comes_as_a_bearer_or_in_its_own_header() {
        assert_eq!(presented(&[]), Ok(None));
        assert_eq!(presented(&[("authorization", "Bearer abc")]), Ok(Some("abc".to_owned())));
        assert_eq!(presented(&[("authorization", "bearer  abc ")]), Ok(Some("abc".to_owned())));
        assert_eq!(presented(&[("x-api-key", "abc")]), Ok(Some("abc".to_owned())));
    }

    #[test]
    fn what_is_no_bearer_is_refused_and_not_taken_for_nothing() {
        for value in ["Basic abc", "abc", ""] {
            assert_eq!(presented(&[("authorization", value)]), Err(ErrorCode::Unauthorized), "{value}");
        }
    }
}
