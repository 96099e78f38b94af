//! Whether a request is the one that the document asks for.

use serde_json::Value;

use crate::body::{self, Judged};
use crate::mock::Arrived;
use crate::operations::{Dialect, Operation};
use crate::parameters::{self, Given, Wrong};

/// Judges a request that came to a server whose API is below `base`.
pub(crate) fn judge(
    operation: &Operation<'_>,
    base: &str,
    arrived: &Arrived,
    given: &Given<'_>,
) -> Result<Judged, Wrong> {
    if arrived.method != operation.method {
        return Err(format!("The method is `{}`, not `{}`.", arrived.method, operation.method));
    }
    if let Some(file) = given.arguments.get("media").filter(|_| operation.node.get("mediaUpload").is_some()) {
        return upload(operation, arrived, given, file);
    }
    let (path, query) = arrived.target.split_once('?').unwrap_or((&arrived.target, ""));
    let path = path.strip_prefix(base).ok_or_else(|| format!("The path `{path}` leaves the base URL."))?;
    parameters::path(operation, operation.path, path, given)?;
    parameters::query(operation, query, given)?;
    parameters::headers(operation, arrived, given)?;
    body::body(operation, arrived)
}

/// A request that sends a file.
fn upload(
    operation: &Operation<'_>,
    arrived: &Arrived,
    given: &Given<'_>,
    file: &Value,
) -> Result<Judged, Wrong> {
    let template = operation.node.pointer("/mediaUpload/protocols/simple/path").and_then(Value::as_str);
    let (path, query) = arrived.target.split_once('?').unwrap_or((&arrived.target, ""));
    parameters::path(operation, template.unwrap_or_default(), path, given)?;
    let (rest, kind) = query.rsplit_once("uploadType=").ok_or("The query lacks `uploadType`.")?;
    parameters::query(operation, rest.trim_end_matches('&'), given)?;
    debug_assert_eq!(operation.dialect, Dialect::Discovery);
    let content = match kind {
        "media" => arrived.body.clone(),
        _ => {
            let (resource, content) = body::related(arrived)?;
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let resource = Arrived { headers, body: resource, method: String::new(), target: String::new() };
            if let Err(reason) = body::body(operation, &resource)? {
                return Ok(Err(reason));
            }
            content
        }
    };
    match file["text"].as_str() {
        Some(text) if text.as_bytes() != content => Err("The file is another one.".to_owned()),
        _ => Ok(Ok(())),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
