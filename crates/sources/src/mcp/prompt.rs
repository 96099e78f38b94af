//! One prompt of a server, as a tool that gives its messages.

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Map, Value, json};

use super::operation::Operation;
use crate::document::Node;
use crate::openapi::text;

/// The tool. The error is a reason as a sentence.
pub(super) fn tool(node: Node<'_>, name: String) -> Result<Tool, String> {
    let own = node.text("name").filter(|own| !own.is_empty()).ok_or("It has no name.")?;
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for argument in node.get("arguments").into_iter().flat_map(Node::items) {
        let Some(name) = argument.text("name") else { continue };
        let mut schema = json!({ "type": "string" });
        if let Some(description) = argument.text("description") {
            schema["description"] = json!(description);
        }
        if argument.flag("required") && !properties.contains_key(name) {
            required.push(Value::from(name));
        }
        properties.insert(name.to_owned(), schema);
    }
    let arguments = properties.keys().cloned().collect();
    let mut input = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        input["required"] = required.into();
    }
    input["additionalProperties"] = json!(false);
    let description = node.text("description").unwrap_or_default();
    let title = node.text("title").unwrap_or(own);
    Ok(Tool {
        name,
        summary: text::summary(None, description, &format!("The prompt {title}")),
        description: text::bounded(description),
        deprecated: false,
        side_effect: SideEffect::None,
        input: Json::from(&input),
        output: Some(messages()),
        operation: Operation::Prompt { name: own.to_owned(), arguments }.stored()?,
    })
}

fn messages() -> Json {
    Json::from(&json!({
        "type": "object",
        "properties": {
            "description": { "type": "string" },
            "messages": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": { "role": { "enum": ["user", "assistant"] }, "content": {} },
                    "required": ["role", "content"],
                },
            },
        },
        "required": ["messages"],
    }))
}
