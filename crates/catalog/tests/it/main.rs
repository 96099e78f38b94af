//! Tests of the catalog over its public face.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod search;
mod widening;
