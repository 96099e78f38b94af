//! A tool with everything that it takes and gives, as a declaration that stands by itself.

use std::fmt::Write as _;

use executor_core::ToolPath;
use executor_core::tool::{SideEffect, Tool};
use serde_json::Value;

use super::Limits;
use super::literal::comment;
use super::types::{Layout, Types, Wanted, title};
use crate::Resolve;
use crate::schema::{self, Way};

/// The longest summary and description, in bytes.
const MAX_SUMMARY: usize = 300;
const MAX_DESCRIPTION: usize = 1_200;
/// How many types are named that found no room.
const MAX_NAMED: usize = 12;

/// The declaration.
pub(super) fn of(path: &ToolPath, tool: &Tool, schemas: Resolve<'_>, limits: Limits) -> String {
    let input: Value = tool.input.read().unwrap_or(Value::Bool(true));
    let output: Option<Value> = tool.output.as_ref().and_then(|output| output.read().ok());
    let mut text = heading(path, tool, limits);
    let mut types = Types::new(Layout::Lines, &input, schemas, limits.bytes);
    let last = path.as_str().rsplit('.').next().unwrap_or_default();
    let arguments = types.reserve(&format!("{last}-args"));
    types.count(text.len() + 2 * path.as_str().len());

    let parameter = parameter(&input, &arguments);
    let declared = (!parameter.is_empty())
        .then(|| types.going(Way::Sent, |types| declaration(types, &arguments, &input)));
    let result = output.map_or_else(|| "unknown".to_owned(), |output| types.of(&output, 0, 0));
    write_call(&mut text, path, &parameter, &result);
    text.extend(declared.map(|declared| format!("\n{declared}\n")));
    shared(&mut text, &mut types, limits);
    let (is_given, is_taken) = types.files;
    if is_taken {
        let _ = write!(text, "\n{}", include_str!("file_argument.d.ts"));
    }
    if is_given || is_taken {
        let _ = write!(text, "\n{}", include_str!("file.d.ts"));
    }
    text
}

/// The types that are used, nearest first, as far as there is room.
fn shared(text: &mut String, types: &mut Types<'_>, limits: Limits) {
    let mut left: Vec<String> = Vec::new();
    for _ in 0..limits.depth {
        if types.wanted.is_empty() || types.is_full() {
            break;
        }
        for Wanted { name, unique, way } in std::mem::take(&mut types.wanted) {
            if types.is_full() {
                left.push(unique);
                continue;
            }
            let schema = types.definition(&name).unwrap_or(Value::Bool(true));
            let declared = types.going(way, |types| declaration(types, &unique, &schema));
            // A type takes its whole place or none, but for one that alone would fill it all.
            if text.len() + declared.len() > limits.bytes && declared.len() < limits.bytes / 2 {
                left.push(unique);
                continue;
            }
            let _ = write!(text, "\n{declared}\n");
        }
    }
    left.extend(std::mem::take(&mut types.wanted).into_iter().map(|wanted| wanted.unique));
    if left.is_empty() {
        return;
    }
    let mut named: Vec<&str> = left.iter().take(MAX_NAMED).map(String::as_str).collect();
    if left.len() > MAX_NAMED {
        named.push("…");
    }
    let _ = writeln!(text, "\n// … {} more types: {}", left.len(), named.join(", "));
}

fn heading(path: &ToolPath, tool: &Tool, limits: Limits) -> String {
    let summary = comment(&tool.summary, MAX_SUMMARY);
    let rest = tool.description.strip_prefix(&tool.summary).unwrap_or(&tool.description);
    let effect = match tool.side_effect {
        SideEffect::None => "Only reads.",
        SideEffect::Idempotent => "Writes; doing it twice is doing it once.",
        SideEffect::Write => "Writes.",
    };
    let mut lines = vec![format!("`tools.{path}`"), summary];
    lines.push(comment(rest, MAX_DESCRIPTION.min(limits.bytes / 3)));
    lines.push(effect.to_owned());
    if tool.deprecated {
        lines.push("@deprecated".to_owned());
    }
    let mut text = String::from("/**\n");
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, " * {line}");
    }
    text.push_str(" */\n");
    text
}

/// The parameter of the call; nothing if it takes none.
pub(super) fn parameter(input: &Value, name: &str) -> String {
    let Some(object) = input.as_object() else { return format!("args?: {name}") };
    let has = |keyword: &str| object.contains_key(keyword);
    let composed = ["$ref", "allOf", "anyOf", "oneOf", "patternProperties"].into_iter().any(has);
    let none = object.get("properties").and_then(Value::as_object).is_none_or(|members| members.is_empty());
    let closed = matches!(object.get("additionalProperties"), None | Some(Value::Bool(false)));
    if none && !composed && closed {
        return String::new();
    }
    let required = schema::required(object, Way::Sent).next().is_some() || composed;
    format!("args{}: {name}", if required { "" } else { "?" })
}

/// `declare const tools: { github: { issues: { create(args: CreateArgs): Promise<Issue> } } };`
fn write_call(text: &mut String, path: &ToolPath, parameter: &str, result: &str) {
    let segments: Vec<&str> = path.as_str().split('.').collect();
    text.push_str("declare const tools: ");
    for segment in segments.iter().take(segments.len() - 1) {
        let _ = write!(text, "{{ {segment}: ");
    }
    let last = segments.last().copied().unwrap_or_default();
    let _ = write!(text, "{{ {last}({parameter}): Promise<{result}> }}");
    text.push_str(&" }".repeat(segments.len() - 1));
    text.push_str(";\n");
}

/// An interface where the schema is a plain object, else a type.
pub(super) fn declaration(types: &mut Types<'_>, name: &str, schema: &Value) -> String {
    let note = title(schema, 240).map_or_else(String::new, |note| format!("/** {note} */\n"));
    types.count(note.len() + name.len() + 20);
    let of = types.of(schema, 0, 0);
    if of.starts_with("{\n") && is_one_object(&of) {
        format!("{note}interface {name} {of}")
    } else if of == name {
        format!("{note}type {name} = unknown;")
    } else {
        format!("{note}type {name} = {of};")
    }
}

/// Whether the text is one object and nothing after it: its last line alone is not indented.
fn is_one_object(of: &str) -> bool {
    of.ends_with("\n}") && of.lines().skip(1).filter(|line| !line.starts_with("  ")).count() == 1
}
