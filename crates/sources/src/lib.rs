//! Source kinds: what a document or an endpoint offers, as tools; and how a call of one becomes a request.
//!
//! One folder a kind behind the trait [`Kind`]; another kind is another folder and another line in [`kinds`].
//!
//! What holds:
//! - What comes in was written by strangers. Every walk over it has a limit of depth and of size; one bad operation is
//!   skipped with its reason and never takes the document with it.
//! - [`Kind::plan`] is pure, and what is planned is exactly what is sent. An argument can fill a place in a request, but
//!   never change where the request goes.
//! - No secret is ever held here. A plan names the credentials it wants; [`executor_egress`] joins them at the socket.
//! - [`Kind::perform`] calls nothing failed that may have happened: that is [`Performed::Unknown`].

mod document;
mod fetch;
mod http;
mod import;
mod kind;
mod openapi;
mod perform;
mod plan;

use executor_core::tool::SourceKind;

pub use document::Document;
pub use fetch::fetch;
pub use import::{Detection, Import, ImportOptions, Method, Skipped};
pub use kind::{BoxFuture, Kind};
pub use perform::{Answer, Payload, Performed};
pub use plan::{Body, Plan, Reach};

/// Every kind, in the order in which they are asked what a document is.
#[must_use]
pub fn kinds() -> &'static [&'static dyn Kind] {
    &[&openapi::OpenApi]
}

/// The kind of that name, if it has been built.
#[must_use]
pub fn kind(kind: SourceKind) -> Option<&'static dyn Kind> {
    kinds().iter().copied().find(|one| one.kind() == kind)
}

/// An answer as a hostile API may give it, through everything that reads it.
#[doc(hidden)]
#[must_use]
pub fn fuzz_answer(path: &executor_core::ToolPath, response: executor_egress::Response) -> Performed {
    http::fuzz_answer(path, response)
}
