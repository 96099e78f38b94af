//! The crate, from outside: documents in, requests and answers out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodies;
mod documents;
mod encoding;
mod external;
mod fetched;
mod files;
mod google_discovery;
mod graphql;
mod names;
mod pathological;
mod performing;
mod real;
mod responses;
mod retries;
mod schemas;
mod security;
mod support;
mod swagger;
