//! Source kinds: what a document or an endpoint offers, as tools; and how a call of one becomes a request.
//!
//! One folder a kind behind the trait [`Kind`]; another kind is another folder and another line in [`KINDS`].
//!
//! What holds:
//! - What comes in was written by strangers. Every walk over it has a limit of depth and of size; one bad operation is
//!   skipped with its reason and never takes the document with it.
//! - [`Kind::plan`] is pure, and what is planned is exactly what is sent. An argument can fill a place in a request, but
//!   never change where the request goes.
//! - No secret is ever held here. A plan names the credentials it wants ([`Security`]); [`executor_egress`] joins them at
//!   the socket.
//! - [`Kind::perform`] calls nothing failed that may have happened: that is [`Performed::Unknown`].

pub mod document;
pub mod fetch;
pub mod import;
pub mod kind;
pub mod perform;
pub mod plan;

mod http;
mod openapi;

use executor_core::tool::SourceKind;

pub use document::Document;
pub use fetch::{Fetched, fetch};
pub use import::{AuthenticationMethod, Import, ImportOptions, Progress, Skipped};
pub use kind::{Call, Confidence, Detection, Hints, Kind, Performing};
pub use perform::{Completed, Payload, Performed};
pub use plan::{Body, Plan, Security};

/// Every kind, in the order in which they are asked.
pub const KINDS: &[&dyn Kind] = &[&openapi::OpenApi];

/// The kind of that name, if it has been built.
#[must_use]
pub fn kind(kind: SourceKind) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|one| one.kind() == kind)
}

/// What the document may be, likeliest first.
#[must_use]
pub fn detect(document: &Document, hints: &Hints<'_>) -> Vec<Detection> {
    let mut found: Vec<_> = KINDS.iter().filter_map(|kind| kind.detect(document, hints)).collect();
    found.sort_by_key(|detection| std::cmp::Reverse(detection.confidence));
    found
}
