//! What a comment says of a member that its type does not.

use serde_json::Value;

use super::literal::comment;

/// The longest description in a comment, in bytes.
const MAX_DESCRIPTION: usize = 240;
/// The longest value.
const MAX_VALUE: usize = 60;

/// The comment's text, if there is anything to say.
pub(super) fn of(schema: &Value) -> Option<String> {
    let schema = schema.as_object()?;
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    let mut parts = Vec::new();
    parts.extend(text("description").or_else(|| text("title")).map(|text| comment(text, MAX_DESCRIPTION)));
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        parts.push("@deprecated".to_owned());
    }
    let said =
        ["format", "contentEncoding", "default", "minimum", "maximum", "minLength", "maxLength", "maxItems"];
    for name in said {
        if let Some(value) = schema.get(name) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            parts.push(format!("@{name} {}", comment(&value, MAX_VALUE)));
        }
    }
    parts.retain(|part| !part.is_empty());
    (!parts.is_empty()).then(|| parts.join(" ")).map(|text| text.replace("*/", "*\\/"))
}
