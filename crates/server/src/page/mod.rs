//! The pages on which people see what there is, decide what waits, and get in: plain HTML without a script.
//!
//! A page shows only what its reader may see through the API. A stranger is told how to get in, and nothing else. What
//! changes something is a form, and is taken from our own pages only.

mod approval;
mod approvals;
mod call;
mod code;
mod entrance;
mod frame;
mod html;
mod overview;
mod status;
mod time;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use executor_core::Failure;

use crate::headers::PAGE_POLICY;
use crate::state::Shared;

const STYLE: &str = include_str!("style.css");

/// What stands for the product where there is no room for its name.
const MARK: &str = include_str!("mark.svg");

/// The pages. They find out for themselves who looks at them, since they tell a stranger how to get in.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(overview::show))
        .route("/approvals", get(approvals::show))
        .route("/approvals/{id}", get(approval::show).post(approval::decide))
        .route("/calls/{id}", get(call::show).post(call::resolve))
        .route("/pair", get(entrance::show_pairing).post(entrance::pair))
        .route("/sign-in", get(entrance::show_sign_in).post(entrance::sign_in))
        .route("/sign-out", post(entrance::sign_out))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
}

type Headers<const N: usize> = [(HeaderName, &'static str); N];

/// A page as an answer. Its forms have to say where they come from, which they do not under the stricter policy that
/// other answers have.
fn page(status: StatusCode, text: String) -> Response {
    let headers: Headers<2> =
        [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY), (header::REFERRER_POLICY, "same-origin")];
    (status, headers, Html(text)).into_response()
}

/// To where something of ours is shown, after something was done.
fn see_other(place: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // Our own paths are ASCII.
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The HTTP status under which a page tells of a failure.
fn status_of(failure: &Failure) -> StatusCode {
    StatusCode::from_u16(failure.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Whether these headers bring a session that can be ended.
fn has_session(state: &Shared, headers: &HeaderMap) -> bool {
    state.sessions.holder(headers).is_some()
}

/// The icon. Anybody may ask.
async fn icon() -> Response {
    let headers: Headers<2> =
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, MARK).into_response()
}

/// The style sheet. Anybody may ask.
async fn style() -> Response {
    let headers: Headers<2> =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, STYLE).into_response()
}
