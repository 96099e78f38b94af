//! Arguments made from a tool's JSON Schema: all that are required, and some of the others.

use std::collections::HashMap;

use executor_bench::random::Random;
use serde_json::{Map, Number, Value, json};

use crate::values;

/// How deep values are filled with what is not required.
const RICH: usize = 4;
/// How deep values are made at all.
const DEEP: usize = 24;

/// Makes arguments for the tools of a source.
pub(crate) struct Generator<'s> {
    /// By name, the schemas that others refer to.
    pub(crate) schemas: &'s HashMap<&'s str, Value>,
    pub(crate) random: Random,
    /// Of ten members that are not required, how many are given.
    pub(crate) generosity: usize,
}

impl Generator<'_> {
    /// The arguments. `is_header` says which of them have to fit into a header.
    pub(crate) fn arguments(
        &mut self,
        input: &Value,
        is_header: &dyn Fn(&str) -> bool,
    ) -> Map<String, Value> {
        let schema = self.flat(input, 0);
        let mut arguments = Map::new();
        for (name, schema) in self.chosen(&schema, 0) {
            let value = self.value(&schema, 1, is_header(&name));
            arguments.insert(name, value);
        }
        arguments
    }

    /// The members of an object that are given.
    fn chosen(&mut self, schema: &Map<String, Value>, depth: usize) -> Vec<(String, Value)> {
        let required: Vec<&str> = names(schema, "required").collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut chosen = Vec::new();
        for (name, schema) in properties.into_iter().flatten() {
            let is_wanted = depth < RICH && self.random.below(10) < self.generosity;
            let is_read_only = schema.get("readOnly") == Some(&json!(true));
            if required.contains(&name.as_str()) || (is_wanted && !is_read_only) {
                chosen.push((name.clone(), schema.clone()));
            }
        }
        let other = || schema.get("additionalProperties").filter(|more| more.is_object()).cloned();
        for name in required {
            if !chosen.iter().any(|(known, _)| known == name) {
                chosen.push((name.to_owned(), other().unwrap_or_else(|| json!({"type": "string"}))));
            }
        }
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0) as usize;
        for (name, schema) in properties.into_iter().flatten() {
            if chosen.len() < least && !chosen.iter().any(|(known, _)| known == name) {
                chosen.push((name.clone(), schema.clone()));
            }
        }
        if let Some(other) = other()
            && (depth < RICH || chosen.len() < least)
        {
            let wanted = least.saturating_sub(chosen.len()).max(1);
            chosen.extend((0..wanted).map(|number| (format!("key{number}"), other.clone())));
        }
        chosen
    }

    fn value(&mut self, schema: &Value, depth: usize, is_easy: bool) -> Value {
        if depth > DEEP || schema.as_bool() == Some(true) {
            return json!("anything");
        }
        let schema = self.flat(schema, 0);
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let some: Vec<_> = values.iter().filter(|value| !value.is_null()).collect();
            return self.random.choose(&some).map_or(Value::Null, |value| (*value).clone());
        }
        match kind(&schema) {
            "object" => {
                let chosen = self.chosen(&schema, depth);
                let made =
                    chosen.into_iter().map(|(name, schema)| (name, self.value(&schema, depth + 1, is_easy)));
                Value::Object(made.collect())
            }
            "array" => self.array(&schema, depth, is_easy),
            "integer" => Value::from(self.integer(&schema)),
            "number" => {
                let whole = self.integer(&schema) as f64;
                let is_free =
                    ["multipleOf", "minimum", "maximum"].iter().all(|key| !schema.contains_key(*key));
                Number::from_f64(if is_free { whole + 0.5 } else { whole }).map_or(Value::Null, Value::Number)
            }
            "boolean" => Value::Bool(self.random.below(2) == 0),
            "null" => Value::Null,
            _ => Value::from(values::string(&schema, &mut self.random, is_easy)),
        }
    }

    fn array(&mut self, schema: &Map<String, Value>, depth: usize, is_easy: bool) -> Value {
        let number = |key: &str| schema.get(key).and_then(Value::as_u64).map(|number| number as usize);
        let usual = if depth < RICH { 1 + self.random.below(2) } else { 0 };
        let length = usual.max(number("minItems").unwrap_or(0)).min(number("maxItems").unwrap_or(usize::MAX));
        let any = json!({"type": "string"});
        let mut items: Vec<Value> = Vec::new();
        for place in 0..length.min(100) {
            let prefix = schema.get("prefixItems").and_then(|items| items.get(place));
            let item = self.value(prefix.or_else(|| schema.get("items")).unwrap_or(&any), depth + 1, is_easy);
            if schema.get("uniqueItems") != Some(&json!(true)) || !items.contains(&item) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn integer(&mut self, schema: &Map<String, Value>) -> i64 {
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        let exclusive = number("exclusiveMinimum").map(|least| least.floor() + 1.0);
        let least = number("minimum").map(f64::ceil).or(exclusive).unwrap_or(0.0) as i64;
        let below = number("exclusiveMaximum").map(|most| most.ceil() - 1.0);
        let most =
            number("maximum").map(f64::floor).or(below).map_or(least.saturating_add(99), |most| most as i64);
        let least = least.min(most.max(if schema.contains_key("minimum") { least } else { most - 99 }));
        let range = most.saturating_sub(least).clamp(0, 1_000) as usize;
        let chosen = least.saturating_add(self.random.below(range + 1) as i64);
        match number("multipleOf") {
            Some(step) if step >= 1.0 => (chosen as f64 / step).ceil() as i64 * step as i64,
            _ => chosen,
        }
    }

    /// The schema with what it refers to and combines; of choices, one.
    fn flat(&mut self, schema: &Value, depth: usize) -> Map<String, Value> {
        let mut flat = schema.as_object().cloned().unwrap_or_default();
        if depth > DEEP {
            return flat;
        }
        let reference = flat.remove("$ref");
        let name = reference.as_ref().and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
        if let Some(target) = name.and_then(|name| self.schemas.get(name)).cloned() {
            let target = self.flat(&target, depth + 1);
            merge(&mut flat, target);
        }
        if let Some(Value::Array(parts)) = flat.remove("allOf") {
            for part in parts {
                let part = self.flat(&part, depth + 1);
                merge(&mut flat, part);
            }
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(choices)) = flat.remove(keyword) else { continue };
            let some: Vec<_> =
                choices.into_iter().filter(|choice| choice.get("type") != Some(&json!("null"))).collect();
            if let Some(choice) = self.random.choose(&some).cloned() {
                let choice = self.flat(&choice, depth + 1);
                merge(&mut flat, choice);
            }
        }
        flat
    }
}

/// Adds what another schema of the same value says.
fn merge(schema: &mut Map<String, Value>, other: Map<String, Value>) {
    for (keyword, value) in other {
        match (schema.get_mut(&keyword), value) {
            (Some(Value::Object(mine)), Value::Object(others)) if keyword == "properties" => {
                others.into_iter().for_each(|(name, schema)| {
                    mine.entry(name).or_insert(schema);
                });
            }
            (Some(Value::Array(mine)), Value::Array(others)) if keyword == "required" => mine.extend(others),
            (Some(Value::Array(mine)), Value::Array(others)) if keyword == "enum" => {
                mine.retain(|value| others.contains(value));
            }
            (Some(_), _) => {}
            (None, value) => {
                schema.insert(keyword, value);
            }
        }
    }
}

fn names<'v>(schema: &'v Map<String, Value>, keyword: &str) -> impl Iterator<Item = &'v str> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The type of the value to make.
fn kind(schema: &Map<String, Value>) -> &str {
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(_)) => names(schema, "type").find(|kind| *kind != "null").unwrap_or("null"),
        _ if has(&["properties", "additionalProperties", "required"]) => "object",
        _ if has(&["items", "prefixItems"]) => "array",
        _ if has(&["minimum", "maximum", "multipleOf"]) => "number",
        _ => "string",
    }
}
