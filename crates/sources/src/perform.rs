//! What comes of a request.

use std::collections::BTreeMap;

use bytes::Bytes;
use executor_core::{Json, ToolError};

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Performed {
    /// The API did as asked.
    Completed(Completed),
    /// It did not happen, or the API says that it failed.
    Failed(ToolError),
    /// It may have happened, must not be repeated, and no answer came.
    Unknown(ToolError),
}

/// A good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
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
    /// JSON.
    Json(Json),
    /// Text.
    Text(String),
    /// Anything else.
    Binary {
        /// The bytes.
        bytes: Bytes,
        /// The media type, without parameters.
        mime: String,
        /// The name that the API gives it.
        name: Option<String>,
    },
    /// Nothing: `null` to the code.
    Empty,
}

impl Payload {
    /// The payload as JSON; `None` for what has to become a file first.
    #[must_use]
    pub fn to_json(&self) -> Option<Json> {
        match self {
            Self::Json(json) => Some(json.clone()),
            Self::Text(text) => Json::from_serialize(text).ok(),
            Self::Empty => Some(Json::null()),
            Self::Binary { .. } => None,
        }
    }
}
