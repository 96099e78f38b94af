//! The body.

use serde_json::{Map, Value};

use super::{Arguments, Refusal, encode, form};
use crate::openapi::operation::{Format, RequestBody, Shape, Style};
use crate::plan::Body;

/// The body, or `None` if the call gives none and none is needed.
pub(super) fn write(body: &RequestBody, arguments: &Arguments) -> Result<Option<Body>, Refusal> {
    let value = match &body.shape {
        Shape::Whole(argument) => match arguments.get(argument) {
            Some(value) => value.clone(),
            None if body.required => return Err(format!("`{argument}` is missing.")),
            None => return Ok(None),
        },
        Shape::Fields(fields) => {
            let given = fields
                .iter()
                .filter_map(|field| Some((field.name.clone(), arguments.get(&field.argument)?.clone())));
            let members: Map<String, Value> = given.collect();
            if members.is_empty() && !body.required {
                return Ok(None);
            }
            Value::Object(members)
        }
    };
    let text = match body.format {
        Format::Json => value.to_string(),
        Format::Form => form(&value, &body.shape)?,
        Format::Text => encode::plain(&value),
    };
    Ok(Some(Body { content_type: body.content_type.clone(), bytes: text.into() }))
}

fn form(value: &Value, shape: &Shape) -> Result<String, Refusal> {
    let Value::Object(members) = value else { return Err("The body has to be an object.".to_owned()) };
    let is_deep = |name: &str| match shape {
        Shape::Fields(fields) => fields.iter().any(|field| field.deep && field.name == name),
        Shape::Whole(_) => false,
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        match value {
            _ if is_deep(name) => form::deep(name, value, &mut pairs),
            Value::Object(_) => form::deep(name, value, &mut pairs),
            Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                form::deep(name, value, &mut pairs);
            }
            _ => form::write(name, value, Style::Form, true, false, &mut pairs),
        }
    }
    Ok(pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}
