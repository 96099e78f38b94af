//! The MCP surface over the engine: one endpoint, both generations of the protocol.
//!
//! A client sees three tools ([`tools`]): `execute`, `search_tools` and `resume`. Requests of the stateless generation
//! (2026-07-28) are served one by one; clients of the older ones get a session ([`endpoint`]).
//!
//! Invariants:
//! - Every request acts in the name of the [`Principal`](executor_core::Principal) that the layer in front of the
//!   router put into the request's extensions. A session is never a right: it only belongs to who opened it.
//! - What a task needs is in the store. A lost connection, session or process loses no task.
//! - Wrong arguments and failed tasks are tool errors that the model can read, not protocol errors.
//! - The MCP SDK is used in this crate and in the client of MCP sources, nowhere else.

mod answer;
mod asking;
mod console;
mod endpoint;
mod handler;
mod shorten;
mod tools;
mod waiting;

pub use endpoint::{Options, Toolkit, router};
