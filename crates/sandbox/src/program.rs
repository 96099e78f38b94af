//! A program, as submitted or as compiled.

use serde::{Deserialize, Serialize};

/// The version of everything that decides what a compiled program does: engine, transform, prelude. A change that lets
/// a recorded program behave otherwise raises it, and the prelude of each released version stays in the binary.
pub const REPLAY_VERSION: u32 = 2;

/// Whether this build has what a program of that version needs.
pub(crate) fn is_replayable(version: u32) -> bool {
    (1..=REPLAY_VERSION).contains(&version)
}

/// The largest source that is taken, in bytes.
pub(crate) const MOST_SOURCE_BYTES: usize = 1 << 20;

/// What a session runs.
#[derive(Debug, Clone)]
pub enum Program {
    /// TypeScript as submitted, perhaps fenced in Markdown.
    Source(String),
    /// What an earlier session compiled; see [`crate::Output::Compiled`].
    Compiled(CompiledProgram),
}

/// A program without its types, with the way back to its own text. Opaque: keep it with the task and give it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompiledProgram {
    /// The [`REPLAY_VERSION`] that it was compiled for.
    pub replay_version: u32,
    /// JavaScript: one expression, an async function.
    pub code: String,
    /// From places in `code` to places in the program's own text.
    pub mapping: String,
}
