//! From the schemas that are met (2020-12, draft 7 and 4, OpenAPI 3.0, and mistakes) to plain 2020-12.

use serde_json::{Map, Value, json};

use super::bundle::{Gatherer, InPlace};
use crate::schema::{self, Object, Way};

/// How deep a schema may be nested; what is deeper accepts anything.
const MAX_DEPTH: usize = 64;
/// How many schemas without a name may be applied to one value within each other.
const MAX_IN_PLACE_INLINE: usize = 8;

/// Stands where something was left out, so that nobody takes what is there for everything.
pub(super) const CUT: &str = "$comment";

const NAMES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];
/// Keywords with one schema for the value itself.
const ONE_IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords with several.
const SEVERAL_IN_PLACE: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords with one schema for what is in the value.
const ONE_BELOW: [&str; 6] = [
    "items",
    "contains",
    "propertyNames",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
];
const COUNTS: [&str; 8] = [
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
];
const BOUNDS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

/// Translates a schema. Also gives the references that it applies to the value itself.
pub(super) fn translate(schema: &Value, gatherer: &mut Gatherer<'_>) -> (Value, InPlace) {
    let mut translator = Translator { gatherer, in_place: Vec::new() };
    let translated = translator.schema(schema, 0, Some(0));
    (translated, translator.in_place)
}

/// Removes a schema's references to another that it applies to the value itself.
pub(super) fn cut_in_place(schema: &mut Value, target: &str) {
    let Value::Object(schema) = schema else { return };
    if schema.get("$ref").and_then(Value::as_str) == Some(&reference_to(target)) {
        schema.remove("$ref");
        schema.insert(CUT.to_owned(), Value::String("cut".to_owned()));
    }
    for keyword in ONE_IN_PLACE {
        if let Some(inner) = schema.get_mut(keyword) {
            cut_in_place(inner, target);
        }
    }
    for keyword in SEVERAL_IN_PLACE {
        schema.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten().for_each(|inner| {
            cut_in_place(inner, target);
        });
    }
    schema.get_mut("dependentSchemas").and_then(Value::as_object_mut).into_iter().flatten().for_each(
        |(_, inner)| {
            cut_in_place(inner, target);
        },
    );
}

/// Removes all regular expressions, and what depends on which names they match.
pub(super) fn drop_patterns(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("pattern").is_some_and(Value::is_string) {
                members.remove("pattern");
            }
            if members.get("patternProperties").is_some_and(Value::is_object) {
                for keyword in ["patternProperties", "additionalProperties", "unevaluatedProperties"] {
                    members.remove(keyword);
                }
            }
            members.values_mut().for_each(drop_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}

fn reference_to(number: &str) -> String {
    format!("#/$defs/{number}")
}

struct Translator<'a, 'g> {
    gatherer: &'a mut Gatherer<'g>,
    in_place: InPlace,
}

impl Translator<'_, '_> {
    /// Translates one schema. `inline` says how deep it stands among those for the same value of the schema at the
    /// root, if it is for that value.
    fn schema(&mut self, schema: &Value, depth: usize, inline: Option<usize>) -> Value {
        self.limited(schema, depth, inline, 0)
    }

    fn limited(&mut self, schema: &Value, depth: usize, inline: Option<usize>, nested: usize) -> Value {
        if depth > MAX_DEPTH || nested >= MAX_IN_PLACE_INLINE {
            return json!({CUT: "cut"});
        }
        match schema {
            Value::Bool(_) => schema.clone(),
            Value::Object(schema) if schema::is_binary(schema) => {
                json!({"type": ["string", "object", "null"]})
            }
            Value::Object(schema) => {
                let translated = Value::Object(self.object(schema, depth, inline, nested));
                if schema::is_nullable(schema) {
                    json!({"anyOf": [{"type": "null"}, translated]})
                } else {
                    translated
                }
            }
            _ => Value::Bool(true),
        }
    }

    fn object(&mut self, from: &Object, depth: usize, inline: Option<usize>, nested: usize) -> Object {
        let mut to = Map::new();
        self.reference(from, inline, &mut to);
        plain(from, &mut to);
        let deeper = inline.map(|inline| inline + 1);
        for keyword in ONE_IN_PLACE {
            if let Some(inner) = from.get(keyword).filter(|inner| is_schema(inner)) {
                to.insert(keyword.to_owned(), self.limited(inner, depth + 1, deeper, nested + 1));
            }
        }
        for keyword in SEVERAL_IN_PLACE {
            if let Some(Value::Array(several)) = from.get(keyword)
                && !several.is_empty()
            {
                let several = several.iter().map(|inner| self.limited(inner, depth + 1, deeper, nested + 1));
                let several = several.collect();
                to.insert(keyword.to_owned(), Value::Array(several));
            }
        }
        for keyword in ONE_BELOW {
            if let Some(inner) = from.get(keyword).filter(|inner| is_schema(inner)) {
                to.insert(keyword.to_owned(), self.schema(inner, depth + 1, None));
            }
        }
        let members = schema::properties(from, Way::Sent);
        let patterns = from.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let members: Object =
            members.map(|(name, inner)| (name.clone(), self.schema(inner, depth + 1, None))).collect();
        let patterns: Object =
            patterns.map(|(name, inner)| (name.clone(), self.schema(inner, depth + 1, None))).collect();
        for (keyword, inner) in [("properties", members), ("patternProperties", patterns)] {
            if from.get(keyword).is_some_and(Value::is_object) {
                to.insert(keyword.to_owned(), Value::Object(inner));
            }
        }
        self.tuple(from, depth, &mut to);
        self.dependent(from, depth, deeper, nested, &mut to);
        if let Some(property) = schema::discriminator(from) {
            to.insert("discriminator".to_owned(), json!({ "propertyName": property }));
        }
        to
    }

    fn reference(&mut self, from: &Object, inline: Option<usize>, to: &mut Object) {
        let Some(reference) = from.get("$ref").and_then(Value::as_str) else { return };
        if let Some(number) = self.gatherer.name(reference) {
            to.insert("$ref".to_owned(), Value::String(reference_to(&number)));
            if let Some(inline) = inline {
                self.in_place.push((inline, number));
            }
        } else {
            to.insert(CUT.to_owned(), Value::String("cut".to_owned()));
        }
    }

    /// Tuples: `prefixItems`, or the older `items` with a list and `additionalItems`.
    fn tuple(&mut self, from: &Object, depth: usize, to: &mut Object) {
        let (first, rest) = match (from.get("prefixItems"), from.get("items")) {
            (Some(Value::Array(first)), _) => (first, None),
            (_, Some(Value::Array(first))) => (first, from.get("additionalItems")),
            _ => return,
        };
        let first: Vec<Value> = first.iter().map(|inner| self.schema(inner, depth + 1, None)).collect();
        if !first.is_empty() {
            to.insert("prefixItems".to_owned(), Value::Array(first));
        }
        if let Some(rest) = rest.filter(|rest| is_schema(rest)) {
            to.insert("items".to_owned(), self.schema(rest, depth + 1, None));
        }
    }

    fn dependent(
        &mut self,
        from: &Object,
        depth: usize,
        inline: Option<usize>,
        nested: usize,
        to: &mut Object,
    ) {
        let mut required = Map::new();
        let mut schemas = Map::new();
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            for (name, inner) in from.get(keyword).and_then(Value::as_object).into_iter().flatten() {
                if is_list_of_names(inner) {
                    required.insert(name.clone(), inner.clone());
                } else if is_schema(inner) && keyword != "dependentRequired" {
                    schemas.insert(name.clone(), self.limited(inner, depth + 1, inline, nested + 1));
                }
            }
        }
        if !required.is_empty() {
            to.insert("dependentRequired".to_owned(), Value::Object(required));
        }
        if !schemas.is_empty() {
            to.insert("dependentSchemas".to_owned(), Value::Object(schemas));
        }
    }
}

/// Takes over the keywords that hold no schema, each only in its proper form.
fn plain(from: &Object, to: &mut Object) {
    let types: Vec<&str> = schema::types(from);
    if !types.is_empty() && types.iter().all(|name| NAMES.contains(name)) {
        let mut types = types;
        types.sort_unstable();
        types.dedup();
        to.insert("type".to_owned(), json!(types));
    }
    for (keyword, value) in from {
        let proper = match keyword.as_str() {
            "const" => true,
            "enum" => value.as_array().is_some_and(|values| !values.is_empty()),
            "uniqueItems" => value.is_boolean(),
            "pattern" => value.is_string(),
            "multipleOf" => value.as_f64().is_some_and(|number| number > 0.0),
            name if COUNTS.contains(&name) => value.is_u64(),
            name if BOUNDS.contains(&name) => value.is_number() && !is_made_exclusive(from, name),
            _ => false,
        };
        if proper {
            to.insert(keyword.clone(), value.clone());
        }
    }
    if from.get("required").is_some_and(is_list_of_names) {
        let names = schema::required(from, Way::Sent).map(Value::from).collect();
        to.insert("required".to_owned(), Value::Array(names));
    }
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if let Some(limit) = from.get(bound).filter(|limit| limit.is_number())
            && is_made_exclusive(from, bound)
        {
            to.insert(exclusive.to_owned(), limit.clone());
        }
    }
}

/// Whether draft 4's `exclusiveMinimum: true` stands beside a `minimum`, or the same for the maximum.
fn is_made_exclusive(schema: &Object, bound: &str) -> bool {
    let flag = match bound {
        "minimum" => "exclusiveMinimum",
        "maximum" => "exclusiveMaximum",
        _ => return false,
    };
    schema.get(flag) == Some(&Value::Bool(true))
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

fn is_list_of_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}
