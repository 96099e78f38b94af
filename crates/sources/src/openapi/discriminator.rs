//! Discriminators: one member of a value says of which schema it is.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::reference::unescape;
use crate::document::Node;

/// The most values of one schema that are told.
const MAX_VALUES: usize = 40;

/// The member that tells, and what it tells.
pub(super) struct Discriminator<'d> {
    pub(super) property: &'d str,
    /// By the reference to a schema, the values that stand for it.
    mapping: HashMap<String, Vec<&'d str>>,
}

impl<'d> Discriminator<'d> {
    /// The discriminator of a schema. In Swagger 2.0 it is no more than the member's name.
    pub(super) fn of(schema: Node<'d>) -> Option<Self> {
        let written = schema.get("discriminator")?;
        let property = written.as_str().or_else(|| written.text("propertyName"))?;
        let mut mapping: HashMap<String, Vec<&str>> = HashMap::new();
        for (value, target) in written.get("mapping").into_iter().flat_map(Node::members) {
            let Some(target) = target.as_str() else { continue };
            let is_name = !target.contains(['#', '/']);
            let reference =
                if is_name { format!("#/components/schemas/{target}") } else { target.to_owned() };
            mapping.entry(reference).or_default().push(value);
        }
        Some(Self { property, mapping })
    }

    /// The values that stand for the schema of that reference: those of the mapping, else its name.
    ///
    /// None are known where the mapping speaks of schemas in other words than the document's own references.
    pub(super) fn values(&self, reference: &str) -> Vec<String> {
        if let Some(values) = self.mapping.get(reference) {
            return values.iter().map(|value| (*value).to_owned()).collect();
        }
        if self.mapping.keys().any(|target| !target.starts_with("#/")) {
            return Vec::new();
        }
        reference.rsplit('/').next().map(|name| unescape(name).into_owned()).into_iter().collect()
    }

    /// Whether the schema itself is one of those that the discriminator tells apart.
    pub(super) fn tells(&self, reference: &str) -> bool {
        self.mapping.is_empty() || self.mapping.contains_key(reference)
    }
}

/// A schema that takes only these values of a member.
pub(super) fn only(property: &str, values: &[String], is_required: bool) -> Option<Value> {
    let one_of = match values {
        [] => return None,
        _ if values.len() > MAX_VALUES => return None,
        [only] => json!({ "const": only }),
        several => json!({ "enum": several }),
    };
    let mut schema = json!({ "type": "object", "properties": { property: one_of } });
    if is_required {
        schema["required"] = json!([property]);
    }
    Some(schema)
}

/// One arm of a combination, which takes only its own values of the discriminator.
pub(super) fn arm(schema: Value, property: &str, values: &[String]) -> Value {
    match only(property, values, true) {
        Some(only) => json!({ "allOf": [schema, only] }),
        None => schema,
    }
}
