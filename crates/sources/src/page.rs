//! Answers that come in pages.

use executor_core::Json;
use serde::Serialize;

/// One page of an answer, as the sandbox's iterator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What is on it.
    pub items: Vec<Json>,
    /// Where the next one begins, for [`Call::cursor`](crate::Call::cursor); none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Json>,
}
