//! A tool on one line.

use executor_core::ToolPath;
use executor_core::tool::Tool;
use serde_json::Value;

use super::literal::property;
use super::types::{Layout, Types, Wanted};
use crate::Resolve;
use crate::schema::{self, Object, Way};

/// The longest line, in characters, unless the path alone is longer.
const MAX_LINE: usize = 200;
/// The longest type of a single argument, and of the result.
const MAX_TYPE: usize = 60;
/// How many references are followed to find the object of arguments.
const MAX_HOPS: usize = 8;

/// The line.
pub(super) fn of(path: &ToolPath, tool: &Tool, schemas: Resolve<'_>) -> String {
    let input: Value = tool.input.read().unwrap_or(Value::Bool(true));
    let result = tool.output.as_ref().map_or_else(
        || "unknown".to_owned(),
        |output| {
            output
                .read::<Value>()
                .map_or_else(|_| "unknown".to_owned(), |output| short(&output, Way::Received, schemas))
        },
    );
    let result = format!("Promise<{result}>");
    let Some(object) = arguments(&input, schemas) else { return format!("{path}(args?: object): {result}") };
    let required: Vec<&str> = schema::required(&object, Way::Sent).collect();
    let is_required = |name: &String| required.contains(&name.as_str());
    let mut members: Vec<(&String, &Value)> = schema::properties(&object, Way::Sent).collect();
    members.sort_by_key(|(name, _)| !is_required(name));
    if members.is_empty() {
        let closed = matches!(object.get("additionalProperties"), None | Some(Value::Bool(false)));
        return if closed {
            format!("{path}(): {result}")
        } else {
            format!("{path}(args?: object): {result}")
        };
    }
    let optional = if members.iter().any(|(name, _)| is_required(name)) { "" } else { "?" };
    let mut line = format!("{path}(args{optional}: {{");
    let room = MAX_LINE.saturating_sub(result.chars().count() + 7);
    for (index, (name, inner)) in members.iter().enumerate() {
        let mark = if is_required(name) { "" } else { "?" };
        let member = format!(
            "{} {}{mark}: {}",
            if index == 0 { "" } else { ";" },
            property(name),
            short(inner, Way::Sent, schemas)
        );
        if line.chars().count() + member.chars().count() > room {
            line.push_str(if index == 0 { " …" } else { "; …" });
            break;
        }
        line.push_str(&member);
    }
    format!("{line} }}): {result}")
}

/// The object of arguments, behind references if need be.
fn arguments(input: &Value, schemas: Resolve<'_>) -> Option<Object> {
    let mut at = input.clone();
    for _ in 0..MAX_HOPS {
        let object = at.as_object()?;
        let Some(reference) = object.get("$ref").and_then(Value::as_str) else { return Some(object.clone()) };
        at = target(input, reference, schemas)?;
    }
    None
}

fn target(root: &Value, reference: &str, schemas: Resolve<'_>) -> Option<Value> {
    let name = schema::reference_name(reference)?;
    match schema::own_definition(root, &name) {
        Some(own) => Some(own.clone()),
        None => schemas(&name)?.read().ok(),
    }
}

/// A type in few characters. A shared type is shown by its name, unless what it stands for is as short.
fn short(schema: &Value, way: Way, schemas: Resolve<'_>) -> String {
    let mut types = Types::new(Layout::Line, schema, schemas, MAX_TYPE);
    let text = types.going(way, |types| types.of(schema, 0, 6));
    if let [Wanted { name, unique, .. }] = types.wanted.as_slice()
        && text.trim_end_matches("[]") == unique
        && let Some(behind) = target(schema, &format!("#/$defs/{name}"), schemas)
        && is_simple(&behind)
    {
        let mut types = Types::new(Layout::Line, schema, schemas, MAX_TYPE);
        let inlined = types.going(way, |types| types.of(&behind, 0, 6));
        if inlined.chars().count() <= MAX_TYPE && text == *unique {
            return inlined;
        }
    }
    if text.chars().count() <= MAX_TYPE {
        return text;
    }
    if text.ends_with("[]") { "unknown[]".to_owned() } else { coarse(schema) }
}

fn is_simple(schema: &Value) -> bool {
    schema.as_object().is_some_and(|schema| {
        schema.contains_key("enum")
            || schema::types(schema).iter().any(|name| !matches!(*name, "object" | "array"))
    })
}

/// The kind of type, where the type itself is too long.
fn coarse(schema: &Value) -> String {
    let types = schema.as_object().map(schema::types).unwrap_or_default();
    let kind = match types.first() {
        Some(&"string") => "string",
        Some(&("number" | "integer")) => "number",
        Some(&"array") => "unknown[]",
        Some(&"object") => "object",
        _ if schema.get("properties").is_some() => "object",
        _ => "unknown",
    };
    kind.to_owned()
}
