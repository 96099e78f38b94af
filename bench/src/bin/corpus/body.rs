//! Whether the body is one that the document allows.

use serde_json::{Value, json};

use crate::mock::Arrived;
use crate::operations::{Dialect, Operation, follow};
use crate::parameters::{Wrong, decoded};
use crate::schema;

/// What a document says of a body.
struct Declared {
    required: bool,
    /// Media types with their schemas.
    content: Vec<(String, Option<Value>)>,
}

/// Whether it could be judged whole; if not, why.
pub(crate) type Judged = Result<(), String>;

/// Judges the body.
pub(crate) fn body(operation: &Operation<'_>, arrived: &Arrived) -> Result<Judged, Wrong> {
    let content_type =
        arrived.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let declared = declared(operation);
    if content_type.is_none() && arrived.body.is_empty() {
        return match declared {
            Some(declared) if declared.required => Err("The body is required and not sent.".to_owned()),
            _ => Ok(Ok(())),
        };
    }
    let Some(declared) = declared else {
        return Err("A body is sent where the document has none.".to_owned());
    };
    let content_type = content_type.unwrap_or_default();
    let sent = essence(content_type);
    let found = declared.content.iter().find(|(name, _)| essence(name) == sent);
    let found = found.or_else(|| declared.content.iter().find(|(name, _)| covers(&essence(name), &sent)));
    let Some((_, schema)) = found else {
        let names: Vec<_> = declared.content.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!("The body is `{content_type}`, not `{}`.", names.join(", ")));
    };
    let Some(schema) = schema else { return Ok(Ok(())) };
    if sent.ends_with("/json") || sent.ends_with("+json") {
        return json_body(operation, schema, &arrived.body);
    }
    let names = if sent == "application/x-www-form-urlencoded" {
        form_names(&arrived.body)?
    } else if sent.starts_with("multipart/") {
        part_names(content_type, &arrived.body)?
    } else {
        return Ok(Ok(()));
    };
    let object = follow(operation.document, schema);
    let needed = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let is_read_only = |name: &str| object["properties"][name]["readOnly"] == true;
    let missing =
        needed.filter(|name| !is_read_only(name)).find(|name| !names.iter().any(|other| other == name));
    match missing {
        Some(name) => Err(format!("The body lacks `{name}`.")),
        None => Ok(Ok(())),
    }
}

fn json_body(operation: &Operation<'_>, schema: &Value, body: &[u8]) -> Result<Judged, Wrong> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| format!("The body is not JSON: `{error}`."))?;
    let validator = match schema::validator(operation, schema) {
        Ok(validator) => validator,
        Err(reason) => return Ok(Err(reason)),
    };
    match validator.iter_errors(&value).next() {
        Some(error) => {
            let keyword = error.schema_path().to_string();
            let keyword = keyword
                .rsplit('/')
                .find(|part| part.parse::<usize>().is_err())
                .unwrap_or_default()
                .to_owned();
            Err(format!("The body does not fit the document's schema ({keyword}): `{error}`."))
        }
        None => Ok(Ok(())),
    }
}

fn declared(operation: &Operation<'_>) -> Option<Declared> {
    let (document, node) = (operation.document, operation.node);
    match operation.dialect {
        Dialect::Discovery => {
            let schema = node.get("request")?.clone();
            Some(Declared { required: true, content: vec![("application/json".to_owned(), Some(schema))] })
        }
        Dialect::Swagger => {
            let parameters = operation.parameters();
            let consumes =
                node.get("consumes").or_else(|| document.get("consumes")).and_then(Value::as_array);
            let mut types: Vec<String> =
                consumes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            if let Some(body) = parameters.iter().find(|one| one["in"] == "body") {
                if types.is_empty() {
                    types.push("application/json".to_owned());
                }
                let schema = body.get("schema").cloned();
                let content = types.into_iter().map(|name| (name, schema.clone())).collect();
                return Some(Declared { required: body["required"] == true, content });
            }
            let fields: Vec<_> = parameters.iter().filter(|one| one["in"] == "formData").collect();
            let required: Vec<_> =
                fields.iter().filter(|one| one["required"] == true).map(|one| &one["name"]).collect();
            let schema = json!({ "required": required });
            types.retain(|name| {
                name.starts_with("multipart/") || essence(name) == "application/x-www-form-urlencoded"
            });
            types.extend(["multipart/form-data", "application/x-www-form-urlencoded"].map(str::to_owned));
            let content = types.into_iter().map(|name| (name, Some(schema.clone()))).collect();
            (!fields.is_empty()).then_some(Declared { required: !required.is_empty(), content })
        }
        _ => {
            let body = follow(document, node.get("requestBody")?);
            let content = body.get("content").and_then(Value::as_object).into_iter().flatten();
            let content =
                content.map(|(name, media)| (name.clone(), follow(document, media).get("schema").cloned()));
            Some(Declared { required: body["required"] == true, content: content.collect() })
        }
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a range as `image/*` has the type in it.
fn covers(range: &str, name: &str) -> bool {
    range == "*/*" || range.strip_suffix('*').is_some_and(|start| name.starts_with(start))
}

/// The names of a form's fields, each without what stands in brackets.
fn form_names(body: &[u8]) -> Result<Vec<String>, Wrong> {
    let text = String::from_utf8_lossy(body).into_owned();
    let names = text
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .map(|name| decoded(&name.replace('+', " ")));
    names.map(|name| Ok(name?.split('[').next().unwrap_or_default().to_owned())).collect()
}

/// The names of the parts of a body.
fn part_names(content_type: &str, body: &[u8]) -> Result<Vec<String>, Wrong> {
    let border = border(content_type).ok_or("The body's type names no border.")?;
    let text = String::from_utf8_lossy(body).into_owned();
    if !text.trim_end().ends_with(&format!("--{border}--")) {
        return Err("The body does not end with its border.".to_owned());
    }
    let border = format!("--{border}");
    let parts = text.split(&border).skip(1).filter_map(|part| part.split_once("\r\n\r\n"));
    let name = |head: &str| {
        head.split_once("name=\"").and_then(|(_, rest)| Some(rest.split('"').next()?.to_owned()))
    };
    Ok(parts.filter_map(|(head, _)| name(head)).collect())
}

fn border(content_type: &str) -> Option<String> {
    let (_, rest) = content_type.split_once("boundary=")?;
    Some(rest.split(';').next().unwrap_or_default().trim().trim_matches('"').to_owned())
}

/// The JSON and the file of a request that carries both, as `multipart/related`.
pub(crate) fn related(arrived: &Arrived) -> Result<(Vec<u8>, Vec<u8>), Wrong> {
    let content_type =
        arrived.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    let border = content_type.and_then(border).ok_or("The body's type names no border.")?;
    let text = String::from_utf8_lossy(&arrived.body).into_owned();
    let parts: Vec<_> =
        text.split(&format!("--{border}")).skip(1).filter_map(|part| part.split_once("\r\n\r\n")).collect();
    match parts.as_slice() {
        [(_, resource), (_, file)] => {
            let content = |part: &str| part.strip_suffix("\r\n").unwrap_or(part).as_bytes().to_vec();
            Ok((content(resource), content(file)))
        }
        _ => Err("The body has not two parts.".to_owned()),
    }
}
