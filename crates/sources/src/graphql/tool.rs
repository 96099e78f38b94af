//! A root field as a tool, and the tools that take a whole document.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::executable::SelectionSet;
use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Map, Value, json};

use super::api::Root;
use super::operation::{Argument, Field, Kind, Operation, Selection};
use super::selection::Selections;
use super::types::{Types, deprecation};
use crate::openapi::text;

/// What the argument is called that says what comes back, unless the field has one of that name.
const SELECT: &str = "select";

/// A root field as a tool. The error is a reason as a sentence.
pub(super) fn of_field(
    types: &mut Types<'_>,
    selections: &mut Selections<'_>,
    root: &Root,
) -> Result<Tool, String> {
    let field = &root.field;
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in &field.arguments {
        properties.insert(argument.name.to_string(), types.input(argument));
        if argument.is_required() {
            required.push(argument.name.as_str());
        }
    }
    let selected = selections.default(&field.ty);
    let output = types.output(&field.ty, selected.as_ref());
    let selection = selected.map(|set| selection(field, &set));
    if let Some(selection) = &selection {
        properties.insert(selection.argument.clone(), about_selection(field, selection));
    }
    let argument = |argument: &InputValueDefinition| Argument {
        name: argument.name.to_string(),
        ty: argument.ty.to_string(),
    };
    let operation = Operation::Field(Field {
        kind: root.kind,
        field: field.name.to_string(),
        arguments: field.arguments.iter().map(|one| argument(one)).collect(),
        selection,
    });
    let deprecation = deprecation(&field.directives);
    let route = format!("{} {}", root.kind.as_str(), field.name);
    let description = field.description.as_deref().unwrap_or_default();
    let deprecated = deprecation.as_deref().map(|reason| format!("Deprecated: {reason}"));
    let parts = [Some(text::bounded(description)).filter(|text| !text.is_empty()), deprecated];
    Ok(Tool {
        name: root.name.clone(),
        summary: text::summary(None, description, &route),
        description: parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        deprecated: deprecation.is_some(),
        side_effect: side_effect(root.kind),
        input: object(properties, &required),
        output: Some(Json::from(&output)),
        operation: stored(&operation)?,
    })
}

fn selection(field: &FieldDefinition, default: &SelectionSet) -> Selection {
    let mut argument = SELECT.to_owned();
    while field.argument_by_name(&argument).is_some() {
        argument.push('_');
    }
    Selection { argument, default: default.serialize().no_indent().to_string() }
}

fn about_selection(field: &FieldDefinition, selection: &Selection) -> Value {
    let ty = field.ty.inner_named_type();
    let description = format!(
        "What comes back, as a GraphQL selection set of `{ty}`. If it is not given: `{}`",
        selection.default
    );
    json!({"type": "string", "description": description})
}

/// The tool that sends any document of a kind.
pub(super) fn raw(kind: Kind) -> Result<Tool, String> {
    let (name, summary) = match kind {
        Kind::Query => ("rawQuery", "Sends a whole GraphQL query."),
        Kind::Mutation => ("rawMutation", "Sends a whole GraphQL mutation."),
    };
    let description = format!(
        "{summary} It may ask for several fields at once, and goes only where calls of the tools of all of them would. \
         The answer is `data`, with `errors` where parts of it failed."
    );
    let properties = json!({
        "query": {"type": "string", "description": format!("The document. One {} of it is sent.", kind.as_str())},
        "variables": {"type": ["object", "null"], "description": "The values of its variables."},
        "operationName": {
            "type": ["string", "null"],
            "description": "The operation that is sent, where the document has several.",
        },
    });
    let Value::Object(properties) = properties else { return Err("It cannot be described.".to_owned()) };
    let output = json!({
        "type": "object",
        "properties": {
            "data": {"type": "object"},
            "errors": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["data"],
    });
    Ok(Tool {
        name: name.to_owned(),
        summary: summary.to_owned(),
        description,
        deprecated: false,
        side_effect: side_effect(kind),
        input: object(properties, &["query"]),
        output: Some(Json::from(&output)),
        operation: stored(&Operation::Raw { kind })?,
    })
}

fn side_effect(kind: Kind) -> SideEffect {
    match kind {
        Kind::Query => SideEffect::None,
        Kind::Mutation => SideEffect::Write,
    }
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Json {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema["additionalProperties"] = json!(false);
    Json::from(&schema)
}

fn stored(operation: &Operation) -> Result<Json, String> {
    Json::from_serialize(operation).map_err(|error| format!("It cannot be kept: {error}."))
}
