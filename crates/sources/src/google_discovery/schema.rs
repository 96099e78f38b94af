//! Discovery's schemas as JSON Schema 2020-12.
//!
//! They are JSON Schema of 2010: a property says by itself that it is required, a type may be `any`, numbers and defaults
//! stand in quotes. A reference is never followed for the same value twice: what is shared is no reference itself.

use serde_json::{Map, Number, Value, json};

use super::shared::Shared;
use crate::document::Node;

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// To the API.
    Input,
    /// Either, as in a schema that is shared.
    Both,
}

/// Converts the schemas of a service, and notes what they refer to.
pub(super) struct Converter<'s, 'd> {
    shared: &'s mut Shared<'d>,
    service: usize,
    side: Side,
}

impl<'s, 'd> Converter<'s, 'd> {
    pub(super) fn new(shared: &'s mut Shared<'d>, service: usize, side: Side) -> Self {
        Self { shared, service, side }
    }

    /// One schema. What is no schema allows anything.
    pub(super) fn convert(&mut self, node: Node<'d>) -> Value {
        let mut schema = Map::new();
        if let Some(pointer) = node.text("$ref").and_then(|name| self.shared.pointer(self.service, name)) {
            schema.insert("$ref".to_owned(), json!(pointer));
        }
        for (keyword, value) in node.members() {
            if let Some(value) = self.keyword(node, keyword, value) {
                schema.insert(keyword.to_owned(), value);
            }
        }
        let required = required(node, self.side);
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if node.flag("repeated") { repeated(schema) } else { Value::Object(schema) }
    }

    /// The value of a keyword, or `None` if it is not kept.
    fn keyword(&mut self, schema: Node<'d>, keyword: &str, value: Node<'d>) -> Option<Value> {
        match keyword {
            "type" => known_type(value.as_str()?).map(Value::from),
            "description" => description(schema, value.as_str()?),
            "format" | "pattern" => value.as_str().map(Value::from),
            "deprecated" | "readOnly" => value.as_bool().map(Value::from),
            "enum" => (value.items().len() > 0).then(|| value.to_value()),
            "default" => typed(schema, value),
            "minimum" | "maximum" => typed(schema, value).filter(Value::is_number),
            "items" => value.is_object().then(|| self.convert(value)),
            "additionalProperties" => {
                (value.is_object() || value.as_bool().is_some()).then(|| match value.as_bool() {
                    Some(always) => Value::Bool(always),
                    None => self.convert(value),
                })
            }
            "properties" if value.is_object() => {
                let kept =
                    members(schema, self.side).map(|(name, node)| (name.to_owned(), self.convert(node)));
                Some(Value::Object(kept.collect()))
            }
            _ => None,
        }
    }
}

/// The properties of an object, without those that only the API writes if it is for input.
pub(super) fn members<'d>(schema: Node<'d>, side: Side) -> impl Iterator<Item = (&'d str, Node<'d>)> {
    let properties = schema.get("properties").into_iter().flat_map(Node::members);
    properties.filter(move |(_, node)| side == Side::Both || !node.flag("readOnly"))
}

fn required<'d>(schema: Node<'d>, side: Side) -> Vec<&'d str> {
    members(schema, side).filter(|(_, node)| node.flag("required")).map(|(name, _)| name).collect()
}

fn known_type(name: &str) -> Option<&str> {
    ["null", "boolean", "object", "array", "number", "string", "integer"].contains(&name).then_some(name)
}

/// The description, with that of each value of an enumeration.
fn description(schema: Node<'_>, text: &str) -> Option<Value> {
    let values = schema.get("enum").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let about = schema.get("enumDescriptions").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let lines = values.zip(about).filter(|(_, about)| !about.trim().is_empty());
    let lines: String = lines.map(|(value, about)| format!("\n- `{value}`: {}", about.trim())).collect();
    Some(Value::from(format!("{}{lines}", text.trim())))
}

/// A value that stands in quotes, whatever its type.
fn typed(schema: Node<'_>, value: Node<'_>) -> Option<Value> {
    let Some(text) = value.as_str() else { return Some(value.to_value()) };
    match schema.text("type") {
        Some("integer") => text.parse::<i64>().ok().map(Value::from),
        Some("number") => text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        Some("string") => Some(Value::from(text)),
        _ => None,
    }
}

/// A list of what the schema allows. What is said about it is said of the list.
fn repeated(mut items: Map<String, Value>) -> Value {
    let description = items.remove("description");
    let deprecated = items.remove("deprecated");
    items.remove("default");
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("array"));
    schema.extend(description.map(|text| ("description".to_owned(), text)));
    schema.extend(deprecated.map(|flag| ("deprecated".to_owned(), flag)));
    schema.insert("items".to_owned(), Value::Object(items));
    Value::Object(schema)
}
