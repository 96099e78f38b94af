//! The resources of a server: one tool that reads any of them, and one that lists them as they are now.

use std::fmt::Write as _;

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::json;

use super::operation::Operation;
use crate::document::Node;
use crate::openapi::text;

/// The most resources that the description names.
const MAX_NAMED: usize = 50;
/// The most characters of a resource's line.
const MAX_LINE: usize = 300;

/// `resources.read`, with what there is in its description.
pub(super) fn read(root: Node<'_>, name: String) -> Result<Tool, String> {
    let mut description = "Reads a resource by its URI.".to_owned();
    for (key, uri, heading) in [
        ("resources", "uri", "Resources"),
        ("resourceTemplates", "uriTemplate", "Templates of URIs (RFC 6570)"),
    ] {
        let Some(listed) = root.get(key).filter(|listed| listed.items().len() > 0) else { continue };
        let all = listed.items().len();
        let _ = write!(description, "\n\n{heading}:");
        for node in listed.items().take(MAX_NAMED) {
            let _ = write!(description, "\n- {}", line(node, uri));
        }
        if all > MAX_NAMED {
            let _ = write!(description, "\n- and {} more", all - MAX_NAMED);
        }
    }
    let input = json!({
        "type": "object",
        "properties": { "uri": { "type": "string", "description": "The URI of the resource" } },
        "required": ["uri"],
        "additionalProperties": false,
    });
    Ok(Tool {
        name,
        summary: "Reads a resource by its URI.".to_owned(),
        description: text::bounded(&description),
        deprecated: false,
        side_effect: SideEffect::None,
        input: Json::from(&input),
        output: None,
        operation: Operation::ReadResource.stored()?,
    })
}

/// `resources.list`.
pub(super) fn list(name: String) -> Result<Tool, String> {
    let input = json!({
        "type": "object",
        "properties": { "cursor": { "type": "string", "description": "`nextCursor` of the page before" } },
        "additionalProperties": false,
    });
    let output = json!({
        "type": "object",
        "properties": {
            "resources": { "type": "array", "items": { "type": "object" } },
            "nextCursor": { "type": "string" },
        },
        "required": ["resources"],
    });
    Ok(Tool {
        name,
        summary: "Lists the resources that there are now.".to_owned(),
        description: String::new(),
        deprecated: false,
        side_effect: SideEffect::None,
        input: Json::from(&input),
        output: Some(Json::from(&output)),
        operation: Operation::ListResources.stored()?,
    })
}

/// ``- `file:///a.txt` Title: description``, on one line.
fn line(node: Node<'_>, uri: &str) -> String {
    let texts = ["title", "name", "description"].iter().filter_map(|key| node.text(key));
    let mut about: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
    if node.text("title").is_some() && about.len() > 1 {
        about.remove(1);
    }
    let line = format!("`{}` {}", node.text(uri).unwrap_or_default(), about.join(": "));
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_LINE).collect()
}
