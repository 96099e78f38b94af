//! Media types: of answers, and of what a document says that is sent and answered.

use executor_egress::HeaderMap;

/// What a media type says about the bytes that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MediaType {
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
    parse(headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default())
}

/// The media type that a text states.
pub(crate) fn parse(stated: &str) -> MediaType {
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

/// What the headers say that a file is. Where they say no more than that it is bytes, its first ones tell.
pub(super) fn stated(headers: &HeaderMap, bytes: &[u8]) -> String {
    const BYTES: &str = "application/octet-stream";
    const BEGINNINGS: [(&[u8], &str); 6] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
    ];
    let stated = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "" | BYTES | "binary/octet-stream") {
        return essence;
    }
    let known = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    known.map_or(BYTES, |(_, name)| name).to_owned()
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
