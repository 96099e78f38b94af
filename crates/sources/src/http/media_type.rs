//! Media types of answers.

use executor_egress::HeaderMap;

/// What an answer's media type says about its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MediaType {
    Json,
    /// Text; in Latin-1 rather than UTF-8 where it says so.
    Text {
        is_latin: bool,
    },
    Other(String),
    Unstated,
}

/// The media type that the headers give.
pub(super) fn of(headers: &HeaderMap) -> MediaType {
    let stated = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stated = stated.to_ascii_lowercase();
    let (essence, parameters) = stated.split_once(';').unwrap_or((&stated, ""));
    let essence = essence.trim();
    if essence.is_empty() {
        MediaType::Unstated
    } else if essence.ends_with("/json") || essence.ends_with("+json") {
        MediaType::Json
    } else if is_text(essence) {
        MediaType::Text { is_latin: parameters.contains("iso-8859-1") || parameters.contains("windows-1252") }
    } else {
        MediaType::Other(essence.to_owned())
    }
}

fn is_text(essence: &str) -> bool {
    const TEXTS: [&str; 11] = [
        "application/xml",
        "application/javascript",
        "application/ecmascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/csv",
        "application/x-ndjson",
        "application/jsonl",
        "application/graphql",
        "application/x-www-form-urlencoded",
    ];
    essence.starts_with("text/")
        || TEXTS.contains(&essence)
        || essence.ends_with("+xml") && !essence.starts_with("image/")
        || essence.ends_with("+yaml")
}
