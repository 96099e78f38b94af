//! One tool of a server.

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Value, json};

use super::headers;
use super::import::Workshop;
use super::operation::Operation;
use crate::document::Node;
use crate::openapi::reference::References;
use crate::openapi::schema::{Converter, Side};
use crate::openapi::shared::Shared;
use crate::openapi::text;

/// The tool. The error is a reason as a sentence.
pub(super) fn tool(workshop: &mut Workshop, node: Node<'_>, name: String) -> Result<Tool, String> {
    let own = node.text("name").filter(|own| !own.is_empty()).ok_or("It has no name.")?;
    let execution = node.get("execution").and_then(|execution| execution.text("taskSupport"));
    if execution == Some("required") {
        return Err("It can only be called as a task of MCP, which is not supported.".to_owned());
    }
    let declared = node.get("inputSchema");
    let input = match declared {
        Some(schema) if schema.is_object() => closed(workshop.schema(schema)),
        None => json!({ "type": "object" }),
        Some(_) => return Err("Its input schema is no object.".to_owned()),
    };
    let output = node.get("outputSchema").filter(|schema| schema.is_object());
    let output = output.map(|schema| Json::from(&workshop.schema(schema)));
    let arguments = input["properties"].as_object().map(|all| all.keys().cloned().collect());
    let operation = Operation::Tool {
        name: own.to_owned(),
        arguments: arguments.unwrap_or_default(),
        headers: declared.map(headers::declared).transpose()?.unwrap_or_default(),
    };
    let annotations = node.get("annotations");
    let title = node.text("title").or_else(|| annotations.and_then(|hints| hints.text("title")));
    let description = node.text("description").unwrap_or_default();
    Ok(Tool {
        name,
        summary: text::summary(None, description, title.unwrap_or(own)),
        description: text::bounded(description),
        deprecated: false,
        side_effect: annotations.filter(|_| workshop.trusted).map_or(SideEffect::Write, side_effect),
        input: Json::from(&input),
        output,
        operation: operation.stored()?,
    })
}

/// What a server that is believed says of a tool.
fn side_effect(hints: Node<'_>) -> SideEffect {
    match (hints.flag("readOnlyHint"), hints.flag("idempotentHint")) {
        (true, _) => SideEffect::None,
        (false, true) => SideEffect::Idempotent,
        (false, false) => SideEffect::Write,
    }
}

/// The schema of an object that takes no member but those that it declares. A server that says nothing of others would
/// drop them: it is better to say which name was meant.
fn closed(schema: Value) -> Value {
    const OPEN: [&str; 9] = [
        "additionalProperties",
        "patternProperties",
        "unevaluatedProperties",
        "propertyNames",
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
    ];
    let Value::Object(mut schema) = schema else { return json!({ "type": "object" }) };
    schema.insert("type".to_owned(), json!("object"));
    if !OPEN.iter().any(|keyword| schema.contains_key(*keyword)) && schema.contains_key("properties") {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(schema)
}

impl Workshop {
    /// A schema of a tool as JSON Schema 2020-12. What it refers to within itself becomes a schema of the source.
    fn schema(&mut self, node: Node<'_>) -> Value {
        let names = std::mem::take(&mut self.names);
        let mut shared = Shared::beside(References::within(node), names);
        let schema = Converter::new(&mut shared, Side::Both).convert(node);
        let (referred, names) = shared.finish_beside();
        self.names = names;
        self.schemas.extend(referred);
        schema
    }
}

impl Operation {
    /// As it lies with a tool. The error is a reason as a sentence.
    pub(super) fn stored(&self) -> Result<Json, String> {
        Json::from_serialize(self).map_err(|error| format!("It cannot be kept: {error}."))
    }
}
