//! A schema of a document as one that stands alone and that a validator can read, made without the import's converter.

use std::collections::HashMap;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::operations::{Dialect, Operation, follow, target};

/// The most schemas that one refers to.
const MANY: usize = 5_000;

/// A validator for requests; the error is why there is none.
pub(crate) fn validator(operation: &Operation<'_>, schema: &Value) -> Result<Validator, String> {
    let mut alone = Alone { operation, numbers: HashMap::new(), queue: Vec::new() };
    let mut root = alone.convert(schema);
    let mut definitions = Map::new();
    while let Some(target) = alone.queue.get(definitions.len()).copied() {
        if definitions.len() > MANY {
            return Err("The schema refers to too many others.".to_owned());
        }
        let converted = alone.convert(target);
        definitions.insert(definitions.len().to_string(), converted);
    }
    if root.get("$ref").is_some() {
        root = json!({ "allOf": [root] });
    }
    root["definitions"] = Value::Object(definitions);
    let draft = match operation.dialect {
        Dialect::OpenApi31 => Draft::Draft202012,
        _ => Draft::Draft4,
    };
    let options = jsonschema::options().with_draft(draft).should_validate_formats(false).offline();
    options.build(&root).map_err(|_| "The document's schema is not valid.".to_owned())
}

struct Alone<'o, 'd> {
    operation: &'o Operation<'d>,
    numbers: HashMap<String, usize>,
    queue: Vec<&'d Value>,
}

impl<'d> Alone<'_, 'd> {
    fn convert(&mut self, schema: &Value) -> Value {
        let Some(members) = schema.as_object() else {
            // Only 3.1 knows `true` and `false` in all places.
            return if schema.as_bool() == Some(false) { json!({"not": {}}) } else { json!({}) };
        };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let reference = self.reference(reference);
            if self.operation.dialect != Dialect::OpenApi31 || members.len() == 1 {
                return reference;
            }
        }
        let mut converted = Map::new();
        for (keyword, value) in members {
            if let Some(value) = self.keyword(keyword, value) {
                converted.insert(keyword.clone(), value);
            }
        }
        let required = self.required(schema);
        if !required.is_empty() {
            converted.insert("required".to_owned(), json!(required));
        }
        match members.get("nullable").and_then(Value::as_bool) {
            Some(true) => json!({ "anyOf": [converted, { "type": "null" }] }),
            _ => Value::Object(converted),
        }
    }

    fn keyword(&mut self, keyword: &str, value: &Value) -> Option<Value> {
        let is_number = value.is_number();
        match keyword {
            "$ref" => value.as_str().map(|to| self.reference(to)["$ref"].clone()).filter(Value::is_string),
            "properties" | "patternProperties" => {
                let members = value.as_object()?.iter();
                Some(Value::Object(
                    members.map(|(name, schema)| (name.clone(), self.convert(schema))).collect(),
                ))
            }
            "additionalProperties" if value.is_boolean() => Some(value.clone()),
            "items" | "additionalProperties" | "not" if value.is_object() => Some(self.convert(value)),
            "items" | "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                let items: Vec<_> = value.as_array()?.iter().map(|item| self.convert(item)).collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            "type" => match value.as_str() {
                Some("any" | "file") => None,
                _ => Some(value.clone()),
            },
            "minimum" | "maximum" | "multipleOf" | "minLength" | "maxLength" | "minItems" | "maxItems"
            | "minProperties" | "maxProperties" => is_number.then(|| value.clone()),
            "exclusiveMinimum" | "exclusiveMaximum" => {
                (is_number == (self.operation.dialect == Dialect::OpenApi31)).then(|| value.clone())
            }
            "pattern" => value.as_str().filter(|text| regex_syntax::parse(text).is_ok()).map(Value::from),
            "enum" => value.as_array().filter(|values| !values.is_empty()).map(|_| value.clone()),
            "uniqueItems" | "const" => Some(value.clone()),
            _ => None,
        }
    }

    /// What a request needs: not what only the API writes.
    fn required<'v>(&self, schema: &'v Value) -> Vec<&'v str> {
        let properties = schema.get("properties").and_then(Value::as_object);
        if self.operation.dialect == Dialect::Discovery {
            let is = |node: &Value, key: &str| node.get(key) == Some(&json!(true));
            let needed = properties
                .into_iter()
                .flatten()
                .filter(|(_, node)| is(node, "required") && !is(node, "readOnly"));
            return needed.map(|(name, _)| name.as_str()).collect();
        }
        let names =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let is_read_only = |name: &str| {
            let property = properties.and_then(|all| all.get(name));
            property
                .is_some_and(|one| follow(self.operation.document, one).get("readOnly") == Some(&json!(true)))
        };
        let mut needed: Vec<&str> = names.filter(|name| !is_read_only(name)).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    fn reference(&mut self, reference: &str) -> Value {
        if let Some(number) = self.numbers.get(reference) {
            return json!({ "$ref": format!("#/definitions/{number}") });
        }
        let Some(target) = target(self.operation.document, reference) else { return json!({}) };
        let number = self.queue.len();
        self.queue.push(target);
        self.numbers.insert(reference.to_owned(), number);
        json!({ "$ref": format!("#/definitions/{number}") })
    }
}
