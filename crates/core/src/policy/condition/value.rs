//! What a condition computes with.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

/// A value. What came as JSON is looked into where it is and not copied.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'a, str>),
    List(List<'a>),
    Map(Map<'a>),
}

#[derive(Debug, Clone)]
pub(super) enum List<'a> {
    Json(&'a [serde_json::Value]),
    Own(Rc<Vec<Value<'a>>>),
}

#[derive(Debug, Clone)]
pub(super) enum Map<'a> {
    Json(&'a serde_json::Map<String, serde_json::Value>),
    Own(Rc<Vec<(Value<'a>, Value<'a>)>>),
}

impl<'a> Value<'a> {
    /// Numbers of JSON are doubles, whatever they look like.
    pub(super) fn of_json(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Value::Text(Cow::Borrowed(text)),
            serde_json::Value::Array(items) => Value::List(List::Json(items)),
            serde_json::Value::Object(members) => Value::Map(Map::Json(members)),
        }
    }

    /// What kind of value it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Double(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
        }
    }

    /// How much work it is to look at all of its own bytes or items, as compared with one step.
    pub(super) fn weight(&self) -> u32 {
        let size = match self {
            Value::Text(text) => text.len() / 256,
            Value::List(list) => list.len() / 16,
            Value::Map(Map::Own(entries)) => entries.len() / 16,
            _ => 0,
        };
        u32::try_from(size).unwrap_or(u32::MAX)
    }

    /// The order of two numbers or two texts; none between others, and none with what is no number.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
            (Value::Double(one), Value::Double(other)) => one.partial_cmp(other),
            (Value::Int(one), Value::Double(other)) => order_of_int_and_double(*one, *other),
            (Value::Double(one), Value::Int(other)) => {
                order_of_int_and_double(*other, *one).map(Ordering::reverse)
            }
            (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

impl<'a> List<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            List::Json(items) => items.len(),
            List::Own(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            List::Json(items) => items.get(index).map(Value::of_json),
            List::Own(items) => items.get(index).cloned(),
        }
    }
}

impl<'a> Map<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Map::Json(members) => members.len(),
            Map::Own(entries) => entries.len(),
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Map::Json(members) => members.get(name).map(Value::of_json),
            Map::Own(entries) => entries
                .iter()
                .find(|(key, _)| matches!(key, Value::Text(text) if text == name))
                .map(|(_, value)| value.clone()),
        }
    }

    pub(super) fn keys(&self) -> List<'a> {
        List::Own(Rc::new(match self {
            Map::Json(members) => {
                members.keys().map(|key| Value::Text(Cow::Borrowed(key.as_str()))).collect()
            }
            Map::Own(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        }))
    }
}

/// Exact also where the integer has no double of its own.
fn order_of_int_and_double(int: i64, double: f64) -> Option<Ordering> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if double.is_nan() {
        return None;
    }
    if double >= BEYOND {
        return Some(Ordering::Less);
    }
    if double < -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = double.trunc();
    let fraction = double - whole;
    Some(int.cmp(&(whole as i64)).then_with(|| 0.0_f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal)))
}
