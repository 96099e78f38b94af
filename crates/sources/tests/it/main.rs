//! The crate, from outside: documents in, requests and answers out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodies;
mod documents;
mod encoding;
mod fetched;
mod mcp;
mod names;
mod pathological;
mod performing;
mod real;
mod schemas;
mod security;
mod support;
