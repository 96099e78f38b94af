//! The configuration through its public surface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod committed;
mod defaults;
mod dotenv;
mod names;
mod precedence;
mod support;
mod values;
