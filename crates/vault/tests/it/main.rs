//! The vault through its public surface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authentication;
mod credentials;
mod envelope;
mod key_files;
mod providers;
mod support;
mod webhooks;
