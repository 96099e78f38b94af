//! Source kinds: what a document or an endpoint offers, as tools; and how a call of one becomes a request.
//!
//! One folder a kind behind the trait [`Kind`]; another kind is another folder and another line in
//! [`Kinds`].
//!
//! What holds:
//! - What comes in was written by strangers. Every walk over it has a limit of depth and of size; one bad operation is
//!   skipped with its reason and never takes the document with it.
//! - [`Kind::plan`] is pure, and what is planned is exactly what is sent. An argument can fill a place in a request, but
//!   never change where the request goes.
//! - No secret is ever held here. A plan names the credentials it wants; [`executor_egress`] joins them at the socket.
//! - [`Kind::perform`] calls nothing failed that may have happened: that is [`Performed::Unknown`].

mod address;
mod body;
mod dialogue;
mod document;
mod google_discovery;
mod graphql;
mod http;
mod import;
mod kind;
mod kinds;
mod mcp;
mod openapi;
mod page;
mod perform;
mod plan;
mod presets;

pub use address::{Address, FetchProgress, Fetched};
pub use body::{Body, Files, Piece, StoredFile};
pub use dialogue::{Answers, Asked, Attendant, Input, Progress, Reply, Unattended, Wanted};
pub use document::Document;
pub use import::{Detection, Flow, FlowKind, Import, ImportOptions, Method, OAuth, ServerChoice, Skipped};
pub use kind::{BoxFuture, Call, Kind, Sending};
pub use kinds::{Claimed, Kinds};
pub use page::Page;
pub use perform::{Answer, Payload, Performed};
pub use plan::{Plan, Reach};
pub use presets::{Preset, preset, presets};

/// An answer as a hostile API may give it, through everything that reads it.
#[doc(hidden)]
#[must_use]
pub fn fuzz_answer(path: &executor_core::ToolPath, response: executor_egress::Response) -> Performed {
    http::fuzz_answer(path, response)
}

/// The result of a method as a hostile MCP server may give it, through everything that reads it.
#[doc(hidden)]
#[must_use]
pub fn fuzz_mcp_result(path: &executor_core::ToolPath, method: &str, result: serde_json::Value) -> Performed {
    mcp::fuzz_result(path, method, result)
}
