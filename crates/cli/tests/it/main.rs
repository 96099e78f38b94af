//! The product from outside: the real binary, real clients, real restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod browser;
mod commands;
mod deciding;
mod durable;
mod elicitation;
mod errors;
#[path = "../../../sources/tests/it/fetched.rs"]
mod fetched;
mod help;
mod kills;
mod kinds;
mod mcp;
mod narrowed;
mod newcomer;
mod proxy;
mod replicas;
mod serve;
mod servers;
mod support;
mod type_check;
mod types;
mod webhooks;
