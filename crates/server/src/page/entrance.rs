//! The ways in: a pairing link, which makes a browser the local owner's, and an API key, which it is then known by.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::{Extension, Form};
use executor_core::{ErrorCode, Failure};
use serde::Deserialize;

use super::frame::{Frame, Trouble};
use super::html::Escaped;
use super::{has_session, page, see_other, status_of};
use crate::access;
use crate::session::Holder;
use crate::state::Shared;

/// By what somebody signs in, as the audit log says it.
const PAIRING: &str = "pairing";
const KEY: &str = "key";

/// From where a request comes.
type Peer = Extension<ConnectInfo<SocketAddr>>;

/// What a pairing link and its form carry.
#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// What the sign-in form carries.
#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    key: String,
}

/// Asks whether this browser is to be paired. Only looking does not use the link up: programs look at links, too.
/// Anybody may look.
pub(super) async fn show_pairing(State(state): State<Shared>, Query(Code { code }): Query<Code>) -> Response {
    let main = format!(
        "<section class=\"narrow\">\n<h1>Use this browser to decide?</h1>\n\
         <p>It will act as the owner of this Executor and may approve and deny calls, until the server restarts or \
         you sign out. Go on only if you asked for this link.</p>\n\
         <form method=\"post\" action=\"/pair\">\n<input type=\"hidden\" name=\"code\" value=\"{}\">\n\
         <p class=\"actions\"><button class=\"primary\" autofocus>Use this browser</button></p>\n</form>\n</section>\n",
        Escaped(&code)
    );
    framed(&state, "Pair this browser", false, StatusCode::OK, main)
}

/// Uses a pairing link up and makes the browser the local owner's. For whoever has the link.
pub(super) async fn pair(
    State(state): State<Shared>,
    peer: Option<Peer>,
    headers: HeaderMap,
    Form(Code { code }): Form<Code>,
) -> Response {
    let paired = match state.origins.require_own_page(&headers) {
        Ok(()) if state.pairing.consume(&code) => begin(&state, Holder::LocalOwner, PAIRING).await,
        Ok(()) => {
            tell_refused(&state, peer, PAIRING).await;
            let message = "This link was used before, or is not of this server.";
            Err(Failure::new(ErrorCode::Unauthorized, message)
                .with_hint("Get a new one with `executor approvals link`."))
        }
        Err(failure) => Err(failure),
    };
    match paired {
        Ok(cookie) => entered(&cookie),
        Err(failure) => {
            let main = Trouble("This browser is not paired", &failure).to_string();
            framed(&state, "Not paired", false, status_of(&failure), main)
        }
    }
}

/// Asks for an API key. Anybody may look.
pub(super) async fn show_sign_in(State(state): State<Shared>, headers: HeaderMap) -> Response {
    let main = sign_in_form(&state);
    framed(&state, "Sign in", has_session(&state, &headers), StatusCode::OK, main)
}

/// Makes the browser known as whoever carries the key. For whoever has a key.
pub(super) async fn sign_in(
    State(state): State<Shared>,
    peer: Option<Peer>,
    headers: HeaderMap,
    Form(Credentials { key }): Form<Credentials>,
) -> Response {
    let begun = match state.origins.require_own_page(&headers) {
        Ok(()) => match access::holder(&state, key.trim()).await {
            Ok(holder) => begin(&state, holder, KEY).await,
            Err(failure) => {
                if failure.code == ErrorCode::Unauthorized {
                    tell_refused(&state, peer, KEY).await;
                }
                Err(failure)
            }
        },
        Err(failure) => Err(failure),
    };
    match begun {
        Ok(cookie) => entered(&cookie),
        Err(failure) => {
            let main = format!("{}{}", Trouble("You are not signed in", &failure), sign_in_form(&state));
            framed(&state, "Sign in", false, status_of(&failure), main)
        }
    }
}

/// Ends the session. For whoever has one.
pub(super) async fn sign_out(State(state): State<Shared>, headers: HeaderMap) -> Response {
    if let Err(failure) = state.origins.require_own_page(&headers) {
        let main = Trouble("You are still signed in", &failure).to_string();
        return framed(&state, "Still signed in", true, status_of(&failure), main);
    }
    with_cookie(see_other("/"), &state.sessions.end(&headers))
}

/// What somebody sees who may not see what they asked for.
pub(super) fn stranger(state: &Shared, failure: &Failure) -> Response {
    let main = format!("{}{}", Trouble("Nothing to show", failure), sign_in_form(state));
    framed(state, "Sign in", false, status_of(failure), main)
}

/// Begins a session, which the audit log tells of. Gives the value of `Set-Cookie`.
async fn begin(state: &Shared, holder: Holder, means: &str) -> Result<String, Failure> {
    let principal = access::today(state, &holder).await?;
    state.executor.signed_in(&principal, means).await?;
    state.sessions.begin(holder)
}

/// Lets the audit log tell of an attempt, unless it told of its like a moment ago. What is answered does not depend on it.
async fn tell_refused(state: &Shared, peer: Option<Peer>, means: &str) {
    let address = peer.map(|Extension(ConnectInfo(address))| address.ip());
    if let Some(attempts) = state.refusals.note(address, Instant::now())
        && let Err(failure) = state.executor.sign_in_refused(means, address, attempts).await
    {
        tracing::error!(code = %failure.code, "the audit log cannot be told that a sign-in was refused");
    }
}

fn sign_in_form(state: &Shared) -> String {
    let mut form = "<section class=\"narrow\">\n<h1>Sign in with an API key</h1>\n\
         <p>This browser will be able to do what the key can, until the server restarts or you sign out. To decide \
         approvals the key needs the scope <code>approve</code>.</p>\n\
         <form method=\"post\" action=\"/sign-in\">\n<label for=\"key\">API key</label>\n\
         <input id=\"key\" name=\"key\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" required autofocus>\n\
         <p class=\"actions\"><button class=\"primary\">Sign in</button></p>\n</form>\n"
        .to_owned();
    if state.is_open {
        form.push_str(
            "<p class=\"faint\">On this machine you need none: open the link that <code>executor serve</code> printed, \
             or get a new one with <code>executor approvals link</code>.</p>\n",
        );
    }
    form + "</section>\n"
}

fn framed(state: &Shared, title: &str, has_session: bool, status: StatusCode, main: String) -> Response {
    let title = format!("{title} – Executor");
    let frame = Frame { title, badge: None, version: state.version, refresh: None, has_session, main };
    page(status, frame.to_string())
}

fn entered(cookie: &str) -> Response {
    with_cookie(see_other("/approvals"), cookie)
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    // Tokens, names and attributes are ASCII.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
