//! A file as an argument: `{"mimeType": "image/png", "base64": "…"}`, or `{"text": "…"}`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use executor_egress::HeaderValue;
use serde_json::{Value, json};

/// A file that a call sends.
pub(super) struct File {
    /// The media type.
    pub(super) mime_type: String,
    /// What is in it.
    pub(super) bytes: Bytes,
}

impl File {
    /// The JSON Schema of the argument.
    pub(super) fn schema(description: &str) -> Value {
        let with = |name: &str, schema: Value, required: &[&str]| {
            let mime_type = json!({ "type": "string", "pattern": "^[!-~]+/[ -~]+$" });
            json!({
                "type": "object",
                "properties": { "name": { "type": "string" }, "mimeType": mime_type, name: schema },
                "required": required,
                "additionalProperties": false,
            })
        };
        json!({
            "description": description,
            "anyOf": [
                with("base64", json!({ "type": "string", "contentEncoding": "base64" }), &["mimeType", "base64"]),
                with("text", json!({ "type": "string" }), &["text"]),
            ],
        })
    }

    /// The file that a value is. The error is a reason as a sentence.
    pub(super) fn read(argument: &str, value: &Value) -> Result<Self, String> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let (bytes, usual) = match (text("base64"), text("text")) {
            (Some(encoded), None) => {
                let compact: String = encoded.split_ascii_whitespace().collect();
                let bytes = STANDARD.decode(&compact).or_else(|_| URL_SAFE.decode(&compact));
                let bytes = bytes.map_err(|error| format!("`{argument}.base64` is not base64: {error}."))?;
                (Bytes::from(bytes), "application/octet-stream")
            }
            (None, Some(text)) => (Bytes::copy_from_slice(text.as_bytes()), "text/plain; charset=utf-8"),
            _ => return Err(format!("`{argument}` needs either `base64` or `text`.")),
        };
        let mime_type = text("mimeType").unwrap_or(usual).trim();
        if !mime_type.contains('/') || !mime_type.is_ascii() || HeaderValue::from_str(mime_type).is_err() {
            return Err(format!("`{argument}.mimeType` is not a media type."));
        }
        Ok(Self { mime_type: mime_type.to_owned(), bytes })
    }
}
