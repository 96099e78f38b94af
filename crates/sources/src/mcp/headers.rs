//! Arguments that a tool wants repeated in headers (`x-mcp-header`), so that what stands between can route by them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use executor_egress::HeaderName;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::Node;

/// What marks a value that no header could have as it is.
const ENCODED: (&str, &str) = ("=?base64?", "?=");

/// An argument, or a member of one, and its header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Repeated {
    /// The names that lead to it.
    path: Vec<String>,
    /// The header in lower case.
    header: String,
}

/// What the schema of a tool wants repeated. The error is a reason as a sentence.
pub(super) fn declared(schema: Node<'_>) -> Result<Vec<Repeated>, String> {
    let mut all = Vec::new();
    collect(schema, &mut Vec::new(), &mut all)?;
    Ok(all)
}

fn collect(schema: Node<'_>, path: &mut Vec<String>, all: &mut Vec<Repeated>) -> Result<(), String> {
    for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
        path.push(name.to_owned());
        if let Some(wanted) = property.get("x-mcp-header") {
            let header = wanted.as_str().filter(|header| !header.is_empty());
            let header = header.map(|header| format!("mcp-param-{}", header.to_ascii_lowercase()));
            let header = header.filter(|header| HeaderName::try_from(header.as_str()).is_ok());
            match header {
                Some(header) if all.iter().all(|one| one.header != header) => {
                    all.push(Repeated { path: path.clone(), header });
                }
                _ => return Err(format!("It wants `{}` in a header that cannot be.", path.join("."))),
            }
        }
        collect(property, path, all)?;
        path.pop();
    }
    Ok(())
}

/// The headers of a call.
pub(super) fn of(repeated: &[Repeated], arguments: &Map<String, Value>) -> Vec<(String, String)> {
    let header = |one: &Repeated| {
        let (first, rest) = one.path.split_first()?;
        let value = rest.iter().try_fold(arguments.get(first)?, |value, name| value.get(name))?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return None,
        };
        Some((one.header.clone(), encoded(text)))
    };
    repeated.iter().filter_map(header).collect()
}

fn encoded(text: String) -> String {
    let (start, end) = ENCODED;
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim() == text
        && !(text.starts_with(start) && text.ends_with(end));
    if is_plain { text } else { format!("{start}{}{end}", STANDARD.encode(text)) }
}
