//! What attacks the parsers of foreign input: one function each, which takes any bytes and panics where something is
//! wrong. `fuzz/run` lets libFuzzer look for such bytes; a test runs each over its seeds, so that what was found once,
//! and every limit of depth, stays proven.

#![allow(clippy::expect_used, clippy::panic, reason = "a target panics where something is wrong")]

mod kinds;
pub mod mutation;
pub mod nested;
mod targets;

pub use targets::TARGETS;

/// One attack.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is also that of its folder of seeds.
    pub name: &'static str,
    /// Does with the bytes what the product does, and panics where what holds does not.
    pub run: fn(&[u8]),
    /// Seeds that are too large to be kept: text that is nested 100,000 levels deep, for what is recursive.
    pub deep: fn() -> Vec<Vec<u8>>,
}
