//! The body.

use serde_json::{Map, Value};

use super::{Arguments, Refusal, encode, file, form, multipart};
use crate::body::Body;
use crate::openapi::operation::{Choice, Format, Member, RequestBody, Shape, Style};

/// The body, or `None` if the call gives none and none is needed.
pub(super) fn write(
    preferred: &RequestBody,
    choice: Option<&Choice>,
    arguments: &Arguments,
) -> Result<Option<Body>, Refusal> {
    let body = match choice {
        Some(choice) => chosen(preferred, choice, arguments)?,
        None => preferred,
    };
    let value = match &body.shape {
        Shape::Whole(argument) => match arguments.get(argument) {
            Some(value) if body.format == Format::Binary => return binary(body, argument, value).map(Some),
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
        // Some documents have the form itself as a text.
        Format::Form => match &value {
            Value::String(form) => form.clone(),
            value => form(members(value)?, &body.members),
        },
        Format::Multipart => {
            let members = members(&value)?.iter().map(|(name, value)| (name.as_str(), value));
            return multipart::write(&body.content_type, members, &body.members).map(Some);
        }
        Format::Text | Format::Binary => encode::plain(&value),
    };
    Ok(Some(Body::new(&body.content_type, text)))
}

/// The body that the call asks for; else the one that its file is; else the first that has a place for all that it gives.
fn chosen<'b>(
    preferred: &'b RequestBody,
    choice: &'b Choice,
    arguments: &Arguments,
) -> Result<&'b RequestBody, Refusal> {
    let all = || std::iter::once(preferred).chain(&choice.bodies);
    let stray = |body: &RequestBody| {
        let given = all().flat_map(RequestBody::arguments).filter(|name| arguments.contains_key(*name));
        given.into_iter().find(|name| !body.arguments().any(|own| own == *name)).map(str::to_owned)
    };
    let asked = arguments.get(&choice.argument).and_then(Value::as_str);
    let body = match asked {
        Some(asked) => all().find(|body| body.content_type == asked).ok_or_else(|| {
            let types: Vec<_> = all().map(|body| format!("`{}`", body.content_type)).collect();
            format!("`{}` can be {}, not `{asked}`.", choice.argument, types.join(" or "))
        })?,
        None => all()
            .find(|body| is_of_that_type(body, arguments))
            .or_else(|| all().find(|body| stray(body).is_none() && lacking(body, arguments).is_none()))
            .or_else(|| all().find(|body| stray(body).is_none()))
            .unwrap_or(preferred),
    };
    match (stray(body), lacking(body, arguments)) {
        (Some(argument), _) => {
            Err(format!("`{argument}` has no place in a body of `{}`.", body.content_type))
        }
        (None, Some(argument)) => {
            Err(format!("`{argument}` is missing: a body of `{}` does not go without.", body.content_type))
        }
        (None, None) => Ok(body),
    }
}

/// An argument that the body does not go without and the call does not give. Where there is a choice, the tool's schema
/// requires only what all bodies do. A body that may be left out lacks nothing if it is.
fn lacking<'b>(body: &'b RequestBody, arguments: &Arguments) -> Option<&'b str> {
    let is_given = |argument: &str| arguments.contains_key(argument);
    let fields = match &body.shape {
        Shape::Fields(fields) => fields,
        Shape::Whole(argument) => {
            return Some(argument.as_str()).filter(|argument| body.required && !is_given(argument));
        }
    };
    if !body.required && !fields.iter().any(|field| is_given(&field.argument)) {
        return None;
    }
    let mut required = fields.iter().filter(|field| field.required);
    required.find(|field| !is_given(&field.argument)).map(|field| field.argument.as_str())
}

/// Whether the call gives a file that says to be what this body is.
fn is_of_that_type(body: &RequestBody, arguments: &Arguments) -> bool {
    let Shape::Whole(argument) = &body.shape else { return false };
    let stated = arguments.get(argument).and_then(|file| file.get("mimeType")).and_then(Value::as_str);
    body.format == Format::Binary && stated == Some(&body.content_type)
}

/// The bytes of a file. Where the document leaves its type open, the file says what it is.
fn binary(body: &RequestBody, argument: &str, value: &Value) -> Result<Body, Refusal> {
    let file = file::read(argument, value)?;
    let content_type = match body.content_type.contains('*') {
        true => file.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        false => body.content_type.clone(),
    };
    Ok(Body { content_type, pieces: vec![file.written(body.base64)] })
}

fn members(value: &Value) -> Result<&Map<String, Value>, Refusal> {
    value.as_object().ok_or_else(|| "The body has to be an object.".to_owned())
}

fn form(members: &Map<String, Value>, written: &[Member]) -> String {
    let mut pairs = Vec::new();
    for (name, value) in members {
        let style = written.iter().find(|member| member.name == *name).and_then(|member| member.style);
        match (value, style) {
            (_, Some(Style::DeepObject)) | (Value::Object(_), _) => form::deep(name, value, &mut pairs),
            (Value::Array(items), _) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                form::deep(name, value, &mut pairs);
            }
            (_, Some(style)) => form::write(name, value, style, false, false, &mut pairs),
            (_, None) => form::write(name, value, Style::Form, true, false, &mut pairs),
        }
    }
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
