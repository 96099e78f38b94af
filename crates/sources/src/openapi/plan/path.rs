//! The URL: the base, the path with its placeholders filled, and the query.

use serde_json::Value;
use url::Url;

use super::{Arguments, Refusal, encode, query};
use crate::openapi::operation::{Operation, Place, Style};

/// Where the request goes.
pub(super) fn url(operation: &Operation, base: &Url, arguments: &Arguments) -> Result<Url, Refusal> {
    let (template, own_query) = split(&operation.path);
    let path = format!("{}{}", base.path().trim_end_matches('/'), fill(template, operation, arguments)?);
    let mut url = base.clone();
    url.set_fragment(None);
    url.set_path(&path);
    // Whatever the parser would take out of a path, as `..`, would make it another route.
    if url.path() != path {
        return Err("The arguments would change the route of the request.".to_owned());
    }
    let query = query::write(operation, own_query, arguments);
    url.set_query((!query.is_empty()).then_some(&query));
    Ok(url)
}

/// The path and the query of a template. A few documents write queries into paths.
fn split(path: &str) -> (&str, &str) {
    let path = path.split('#').next().unwrap_or(path);
    path.split_once('?').unwrap_or((path, ""))
}

fn fill(template: &str, operation: &Operation, arguments: &Arguments) -> Result<String, Refusal> {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        filled.push_str(&encode::template(before));
        filled.push_str(&placeholder(name, operation, arguments)?);
        rest = tail;
    }
    filled.push_str(&encode::template(rest));
    Ok(filled)
}

fn placeholder(name: &str, operation: &Operation, arguments: &Arguments) -> Result<String, Refusal> {
    let parameter = operation
        .parameters
        .iter()
        .find(|parameter| parameter.place == Place::Path && parameter.name == name)
        .ok_or_else(|| format!("The path has no parameter `{name}`."))?;
    let argument = &parameter.argument;
    let value = match arguments.get(argument) {
        None | Some(Value::Null) => return Err(format!("`{argument}` is missing.")),
        Some(value) => value,
    };
    let text = match parameter.style {
        Style::Json => encode::strict(&value.to_string()),
        Style::Label => encode::label(value, parameter.explode),
        Style::Matrix => encode::matrix(name, value, parameter.explode),
        Style::Reserved => encode::simple(value, parameter.explode, &encode::segments),
        _ => encode::simple(value, parameter.explode, &encode::strict),
    };
    match text.as_str() {
        "" => Err(format!("`{argument}` is empty.")),
        "." | ".." => Err(format!("`{argument}` cannot be `{text}`.")),
        _ => Ok(text),
    }
}
