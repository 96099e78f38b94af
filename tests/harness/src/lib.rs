//! The proofs of crash consistency (`ENGINE.md` 10.2 to 10.5), for tests and for `bench/`.
//!
//! Whatever kills an engine, the same happens: clients and the upstream write a [`history`] of what they were told and
//! of what they saw, and the [`check`] compares it with what is left when all is over. A harness is a way to die:
//! - [`simulation`]: engine and store in this process, on a [`disk`] that fails at a chosen moment and forgets what was
//!   not synced;
//! - [`kills`]: real servers that are killed, paused and cut off from their database.
//!
//! Apart from that there is an [`mcp_server`] that asks people and says how far it is, for all tests that need one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a harness is test code: it fails by panicking"
)]

pub mod check;
pub mod disk;
pub mod fate;
pub mod history;
pub mod kills;
pub mod mcp_server;
pub mod person;
pub mod program;
pub mod random;
pub mod simulation;
pub mod upstream;
