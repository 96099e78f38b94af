//! What comes of a request.

use std::collections::BTreeMap;

use bytes::Bytes;
use executor_core::{Json, ToolError};

use crate::dialogue::Input;

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Performed {
    /// The API did as asked.
    Completed(Answer),
    /// It did not happen, or the API says that it failed, or its answer cannot be used.
    Failed(ToolError),
    /// It may have happened, must not be repeated, and no answer came.
    Unknown(ToolError),
    /// It has not happened yet: the API wants answers first, and then the same request again with them.
    NeedsInput(Input),
}

/// A good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it brought.
    pub payload: Payload,
    /// The status.
    pub status: u16,
    /// The headers, by their names in lower case; several of one name are joined with `, `. Cookies are left out.
    pub headers: BTreeMap<String, String>,
}

/// What an answer brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// JSON, as the API wrote it.
    Json(Json),
    /// Text.
    Text(String),
    /// Anything else: a file.
    Binary {
        /// The bytes.
        bytes: Bytes,
        /// The media type, without parameters.
        mime_type: String,
        /// The name that the API gives it, or the last part of the URL; never a path.
        name: String,
    },
    /// Nothing.
    Empty,
}
