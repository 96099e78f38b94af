//! What rendering and checking both have to know of JSON Schema.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A schema that is an object.
pub(crate) type Object = Map<String, Value>;

/// The name behind a reference into a document's shared schemas, `#/$defs/<name>`; nothing for any other reference.
pub(crate) fn reference_name(reference: &str) -> Option<Cow<'_, str>> {
    let pointer = reference.strip_prefix("#/")?;
    let name = pointer.strip_prefix("$defs/").or_else(|| pointer.strip_prefix("definitions/"))?;
    if name.is_empty() || name.contains('/') {
        return None;
    }
    Some(unescape(name))
}

/// Undoes the escapes of a JSON pointer within a URI fragment.
fn unescape(name: &str) -> Cow<'_, str> {
    if !name.contains(['~', '%']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(percent_decode_str(name).decode_utf8_lossy().replace("~1", "/").replace("~0", "~"))
}

/// The types that a schema allows by name.
pub(crate) fn types(schema: &Object) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether the schema stands for bytes, which the code holds as a `File`.
pub(crate) fn is_binary(schema: &Object) -> bool {
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    let of_bytes =
        text("format") == Some("binary") || text("contentMediaType") == Some("application/octet-stream");
    let is_text = types(schema).iter().all(|name| matches!(*name, "string" | "null"));
    of_bytes && is_text && schema.get("contentEncoding").is_none()
}

/// Whether the schema says in the manner of OpenAPI 3.0 that it may be null.
pub(crate) fn is_nullable(schema: &Object) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// Which way a value goes. A schema is shared by both, and some members of an object go one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// To the API, without what is `readOnly`.
    Sent,
    /// From the API, without what is `writeOnly`.
    Received,
}

impl Way {
    fn hides(self, member: &Value) -> bool {
        let other_way = match self {
            Way::Sent => "readOnly",
            Way::Received => "writeOnly",
        };
        member.get(other_way) == Some(&Value::Bool(true))
    }
}

/// The names that an object must have.
pub(crate) fn required(schema: &Object, way: Way) -> impl Iterator<Item = &str> {
    let members = schema.get("properties");
    let is_hidden =
        move |name: &str| members.and_then(|all| all.get(name)).is_some_and(|member| way.hides(member));
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).filter(move |name| !is_hidden(name))
}

/// The named properties of an object.
pub(crate) fn properties(schema: &Object, way: Way) -> impl Iterator<Item = (&String, &Value)> {
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    members.filter(move |(_, member)| !way.hides(member))
}

/// The member that tells which arm of a combination a value is.
pub(crate) fn discriminator(schema: &Object) -> Option<&str> {
    schema.get("discriminator")?.get("propertyName")?.as_str()
}

/// The schema of that name among the schema's own definitions.
pub(crate) fn own_definition<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    ["$defs", "definitions"].iter().find_map(|place| schema.get(place)?.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_into_shared_schemas_are_understood() {
        let table = [
            ("#/$defs/Issue", Some("Issue")),
            ("#/definitions/Issue", Some("Issue")),
            ("#/$defs/a~1b~0c", Some("a/b~c")),
            ("#/$defs/a%20b", Some("a b")),
            ("#/$defs/100%", Some("100%")),
            ("#/$defs/%é", Some("%é")),
            ("#/$defs/%+a", Some("%+a")),
            ("#/$defs/", None),
            ("#/$defs/a/properties/b", None),
            ("#/properties/a", None),
            ("#", None),
            ("https://example.com/schema.json", None),
        ];
        for (reference, name) in table {
            assert_eq!(reference_name(reference).as_deref(), name, "{reference}");
        }
    }
}
