//! The keywords of two schemas, one by one.

use serde_json::Value;

use super::{Covered, Object, Place, Walk};
use crate::schema::{self, Way, types};

/// What is written for people, or says nothing about what is taken.
const TEXTS: [&str; 16] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "$schema",
    "$id",
    "externalDocs",
    "xml",
    "discriminator",
    "summary",
    "$defs",
];

/// Keywords that only ever take something away and are compared here or stand beside those that are.
const NARROWING: [&str; 26] = [
    "$ref",
    "type",
    "enum",
    "const",
    "required",
    "dependentRequired",
    "properties",
    "additionalProperties",
    "items",
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
];

const LEAST: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const MOST: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/// Whether a keyword has a say in what is taken.
pub(super) fn constrains(keyword: &str) -> bool {
    !TEXTS.contains(&keyword) && !keyword.starts_with("x-")
}

/// Whether what the old keywords ask for, the new ones ask for too. Both come without references; of the old ones
/// `allOf`, `anyOf` and `oneOf` are looked at elsewhere.
pub(super) fn cover(walk: &mut Walk<'_>, old: &Object, new: &Object, place: &Place<'_>) -> Covered {
    let wider = || Err(place.path.to_owned());
    // A keyword that is not known here may give as well as take, so it has to stay as it is.
    let unknown = |key: &&String| constrains(key) && !NARROWING.contains(&key.as_str());
    for key in old.keys().chain(new.keys()).filter(unknown) {
        if old.get(key) != new.get(key) || refers(old.get(key)) || key == "unevaluatedProperties" {
            return wider();
        }
    }
    let is_narrower = types_narrow(old, new)
        && values_narrow(old, new)
        && LEAST.iter().all(|key| bound_narrows(old, new, key, |old, new| new >= old))
        && MOST.iter().all(|key| bound_narrows(old, new, key, |old, new| new <= old))
        && ["pattern", "format", "multipleOf"]
            .iter()
            .all(|key| !old.contains_key(*key) || old.get(*key) == new.get(*key))
        && (old.get("uniqueItems") != Some(&Value::Bool(true))
            || new.get("uniqueItems") == Some(&Value::Bool(true)));
    if !is_narrower {
        return wider();
    }
    if let Some(name) = required(old).find(|name| !required(new).any(|other| other == *name)) {
        return Err(place.member(name));
    }
    if let Some(name) =
        dependents(old).find(|(name, other)| !asks_for(new, name, other)).map(|(_, other)| other)
    {
        return Err(place.member(name));
    }
    members_cover(walk, old, new, place)?;
    let anything = Value::Bool(true);
    if let Some(items) = old.get("items") {
        let path = format!("{}[]", place.path);
        let inside = Place { path: &path, depth: place.depth };
        walk.covers(items, new.get("items").unwrap_or(&anything), &inside)?;
    }
    Ok(())
}

fn required(schema: &Object) -> impl Iterator<Item = &str> {
    schema::required(schema, Way::Sent)
}

fn properties(schema: &Object) -> impl Iterator<Item = (&String, &Value)> {
    schema::properties(schema, Way::Sent)
}

/// Each member that is required beside another one, after that one.
fn dependents(schema: &Object) -> impl Iterator<Item = (&str, &str)> {
    let all = schema.get("dependentRequired").and_then(Value::as_object).into_iter().flatten();
    all.flat_map(|(name, others)| {
        let others = others.as_array().into_iter().flatten().filter_map(Value::as_str);
        others.map(move |other| (name.as_str(), other))
    })
}

/// Whether a schema requires a member where another one is given.
fn asks_for(schema: &Object, name: &str, other: &str) -> bool {
    required(schema).any(|required| required == other) || dependents(schema).any(|pair| pair == (name, other))
}

fn members_cover(walk: &mut Walk<'_>, old: &Object, new: &Object, place: &Place<'_>) -> Covered {
    let anything = Value::Bool(true);
    let others = |schema: &Object| schema.get("additionalProperties").cloned().unwrap_or(Value::Bool(true));
    let (old_others, new_others) = (others(old), others(new));
    let named = |schema: &Object, name: &str| {
        properties(schema).find(|(other, _)| *other == name).map(|(_, schema)| schema.clone())
    };
    for (name, schema) in properties(new) {
        let known = named(old, name).unwrap_or_else(|| old_others.clone());
        let path = place.member(name);
        walk.covers(&known, schema, &Place { path: &path, depth: place.depth })?;
    }
    for (name, schema) in properties(old).filter(|(name, _)| named(new, name).is_none()) {
        let path = place.member(name);
        walk.covers(schema, &new_others, &Place { path: &path, depth: place.depth })?;
    }
    if old_others != anything {
        walk.covers(&old_others, &new_others, place)?;
    }
    Ok(())
}

fn types_narrow(old: &Object, new: &Object) -> bool {
    let known = types(old);
    if !old.contains_key("type") {
        return true;
    }
    let admits = |name: &str| known.contains(&name) || (name == "integer" && known.contains(&"number"));
    match new.get("type") {
        Some(_) => !types(new).is_empty() && types(new).into_iter().all(admits),
        None => values(new).is_some_and(|values| values.into_iter().all(|value| admits(type_of(value)))),
    }
}

fn values_narrow(old: &Object, new: &Object) -> bool {
    let Some(known) = values(old) else { return true };
    values(new).is_some_and(|values| values.iter().all(|value| known.contains(value)))
}

/// The only values that a schema takes, if it lists them.
fn values(schema: &Object) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(only), None) => Some(vec![only]),
        (Some(only), Some(Value::Array(several))) => {
            Some(several.iter().filter(|one| *one == only).collect())
        }
        (None, Some(Value::Array(several))) => Some(several.iter().collect()),
        _ => None,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn bound_narrows(old: &Object, new: &Object, key: &str, narrows: fn(f64, f64) -> bool) -> bool {
    let Some(known) = old.get(key) else { return true };
    match (known.as_f64(), new.get(key).and_then(Value::as_f64)) {
        (Some(known), Some(given)) => narrows(known, given),
        _ => new.get(key) == Some(known),
    }
}

/// Whether there is a reference in it, which may lead elsewhere than it did.
pub(super) fn refers(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.to_string().contains("\"$ref\""))
}
