//! What a schema says of a value without looking into it: its type, its fixed values, its bounds.

use jsonschema::PatternOptions;
use serde_json::{Value, json};

use super::explain::{Found, Kind};
use super::place::subject;
use crate::schema::{self, Object};

/// How many values of an enumeration are listed.
const MAX_LISTED: usize = 20;
/// The longest value that is shown whole.
const MAX_SHOWN: usize = 60;

/// Checks what needs no look into the value. Says whether looking into it makes sense.
pub(super) fn check(schema: &Object, value: &Value, place: &str, found: &mut Vec<Found>) -> bool {
    let types = schema::types(schema);
    if !types.is_empty() && !types.iter().any(|name| is_of(name, value)) {
        let expected = types.join(" | ");
        let message = format!("{} has to be {}, and is {}.", subject(place), a_type(&types), a_kind(value));
        found.push(Found::new(Kind::Type, place, message, Some(expected)));
        return false;
    }
    let listed = schema.get("enum").and_then(Value::as_array);
    let fixed = schema.get("const").map(std::slice::from_ref);
    for allowed in listed.map(Vec::as_slice).into_iter().chain(fixed) {
        if !allowed.iter().any(|one| is_equal(one, value)) {
            let expected = list(allowed);
            let message = format!("{} has to be {expected}, and is {}.", subject(place), shown(value));
            found.push(Found::new(Kind::Value, place, message, Some(expected)));
        }
    }
    if let Some(message) = beyond(schema, value) {
        found.push(Found::new(Kind::Other, place, format!("{} {message}.", subject(place)), None));
    }
    for keyword in ["pattern", "multipleOf", "uniqueItems"] {
        if let Some(rule) = schema.get(keyword)
            && !obeys(keyword, rule, value)
        {
            let message = match keyword {
                "pattern" => format!("has to match {}", shown(rule)),
                "multipleOf" => format!("has to be a multiple of {rule}"),
                _ => "may have no item twice".to_owned(),
            };
            found.push(Found::new(Kind::Other, place, format!("{} {message}.", subject(place)), None));
        }
    }
    true
}

/// What a schema expects, in a few words.
pub(super) fn expected(schema: &Value) -> Option<String> {
    let schema = schema.as_object()?;
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(list(values));
    }
    let types = schema::types(schema);
    (!types.is_empty()).then(|| types.join(" | "))
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

/// Equality as schemas mean it: 1 and 1.0 are the same.
fn is_equal(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && other.is_number() && one.as_f64() == other.as_f64())
}

fn beyond(schema: &Object, value: &Value) -> Option<String> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (size, least, most, unit) = match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            return [
                (limit("minimum").filter(|limit| number < *limit), "has to be at least"),
                (limit("maximum").filter(|limit| number > *limit), "has to be at most"),
                (limit("exclusiveMinimum").filter(|limit| number <= *limit), "has to be greater than"),
                (limit("exclusiveMaximum").filter(|limit| number >= *limit), "has to be less than"),
            ]
            .into_iter()
            .find_map(|(limit, words)| Some(format!("{words} {}", limit?)));
        }
        Value::String(text) => (text.chars().count(), limit("minLength"), limit("maxLength"), "character"),
        Value::Array(items) => (items.len(), limit("minItems"), limit("maxItems"), "item"),
        Value::Object(members) => (members.len(), limit("minProperties"), limit("maxProperties"), "member"),
        _ => return None,
    };
    let count = |limit: f64| format!("{limit} {unit}{}", if limit == 1.0 { "" } else { "s" });
    let least =
        least.filter(|limit| (size as f64) < *limit).map(|limit| format!("at least {}", count(limit)));
    let most = most.filter(|limit| size as f64 > *limit).map(|limit| format!("at most {}", count(limit)));
    least.or(most).map(|bound| format!("has to have {bound}, and has {size}"))
}

/// Asks the validator about one keyword alone.
fn obeys(keyword: &str, rule: &Value, value: &Value) -> bool {
    let applies = match keyword {
        "pattern" => value.is_string(),
        "multipleOf" => value.is_number(),
        _ => value.is_array(),
    };
    let alone = json!({ keyword: rule });
    !applies
        || jsonschema::options()
            .with_pattern_options(PatternOptions::regex())
            .build(&alone)
            .is_ok_and(|validator| validator.is_valid(value))
}

pub(super) fn list(values: &[Value]) -> String {
    let mut listed: Vec<String> = values.iter().take(MAX_LISTED).map(shown).collect();
    if let Some(more) = values.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        listed.push(format!("{more} more"));
    }
    listed.join(" | ")
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_SHOWN {
        return text;
    }
    text.chars().take(MAX_SHOWN).chain(['…']).collect()
}

fn a_type(types: &[&str]) -> String {
    let named: Vec<&str> = types.iter().map(|name| with_article(name)).collect();
    named.join(" or ")
}

fn a_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn with_article(name: &str) -> &str {
    match name {
        "boolean" => "a boolean",
        "integer" => "an integer",
        "number" => "a number",
        "string" => "a string",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}
