//! The HTTP API, its live events, and the pages on which people see and decide.
//!
//! A handler takes typed values out of a request, says in its description who may call it, and hands on to the
//! [`Executor`](executor_engine::Executor). Nothing is decided here but who sends a request ([`mod@access`]) and whether
//! it may come from where it comes from ([`mod@origin`]).
//!
//! Invariants:
//! - Every route but health, readiness and the pages has a principal, or is refused; the pages tell a stranger how to
//!   get in.
//! - A browser's session changes nothing unless the request comes from a page of ours.
//! - Where the local user needs no key, no web page and no foreign host name gets in.
//! - Every failure is a problem document ([`mod@problem`]) with a stable code.
//! - The description at `/api/openapi.json` is made from the handlers.

mod access;
mod documentation;
pub mod error_reference;
mod extract;
mod headers;
mod observe;
mod options;
mod origin;
mod page;
mod pairing;
mod problem;
mod refusals;
mod routes;
mod session;
mod sse;
mod state;

use std::net::SocketAddr;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use documentation::description;
pub use options::{Access, Options};
pub use pairing::Pairing;
pub use problem::Problem;

/// All routes. Streams end with the process only; [`serve`] ends them earlier.
pub fn router(options: Options) -> Router {
    routes::all(options, CancellationToken::new())
}

/// Serves until `shutdown`, and then until the requests in hand are answered.
///
/// The listener's own address counts, not the one in `options`.
pub async fn serve(
    listener: TcpListener,
    mut options: Options,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    options.bind = listener.local_addr()?;
    let router = routes::all(options, shutdown.clone());
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection's answers may come late");
        }
    });
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}
