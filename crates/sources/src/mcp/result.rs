//! What a result brought.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use executor_core::{ErrorCode, Json, ToolError, ToolPath};
use serde_json::{Value, json};

use super::asking;
use super::trouble::{bounded, short};
use crate::perform::{Answer, Payload, Performed};

/// The members of a result that say something about it and are none of what was asked for.
const ABOUT_THE_RESULT: [&str; 4] = ["_meta", "resultType", "ttlMs", "cacheScope"];

/// Reads the result of a method, whatever it is.
pub(super) fn read(path: &ToolPath, method: &str, result: Value) -> Performed {
    let Value::Object(mut result) = result else {
        let message = "The MCP server's answer is no result.";
        return Performed::Failed(ToolError::new(ErrorCode::UpstreamInvalid, path.as_str(), message));
    };
    match result.get("resultType").and_then(Value::as_str) {
        None | Some("complete") => {}
        Some("input_required") => {
            return match asking::required(&mut result) {
                Ok(input) => Performed::NeedsInput(input),
                Err(why) => Performed::Failed(wants_what_is_not_had(path, &why)),
            };
        }
        Some(other) => {
            let message =
                format!("The MCP server answered with a result that is not known: `{}`.", short(other));
            return Performed::Failed(ToolError::new(ErrorCode::UpstreamInvalid, path.as_str(), message));
        }
    }
    let mut take = |member: &str| result.remove(member).unwrap_or_default();
    let payload = match method {
        "tools/call" if take("isError") == true => return Performed::Failed(failed(path, &take("content"))),
        "tools/call" => match take("structuredContent") {
            Value::Null => contents(take("content")),
            structured => json(&structured),
        },
        "resources/read" => contents(wrapped(take("contents"))),
        _ => {
            result.retain(|key, _| !ABOUT_THE_RESULT.contains(&key.as_str()));
            json(&Value::Object(result))
        }
    };
    Performed::Completed(Answer { payload, status: 200, headers: BTreeMap::new() })
}

/// The server asks for what no person is asked for here.
fn wants_what_is_not_had(path: &ToolPath, why: &str) -> ToolError {
    let message = format!("The MCP server asks for something before it goes on, {why}.");
    ToolError::new(ErrorCode::UpstreamError, path.as_str(), message)
        .with_hint("Give all that the tool may need with its arguments.")
}

/// The tool says that it failed.
fn failed(path: &ToolPath, content: &Value) -> ToolError {
    let first = content.as_array().into_iter().flatten().find_map(|block| block["text"].as_str());
    let message = match first.map(short).filter(|text| !text.is_empty()) {
        Some(text) => text,
        None => "The tool of the MCP server says that it failed, and not why.".to_owned(),
    };
    ToolError::new(ErrorCode::UpstreamError, path.as_str(), message).with_details(bounded(content))
}

/// The contents of a resource as blocks of a tool's result.
fn wrapped(contents: Value) -> Value {
    let Value::Array(contents) = contents else { return contents };
    contents.into_iter().map(|resource| json!({ "type": "resource", "resource": resource })).collect()
}

/// Blocks of content: one is itself, several are a list, in which texts are texts and all else stays as it is.
fn contents(content: Value) -> Payload {
    let Value::Array(mut blocks) = content else { return Payload::Empty };
    match blocks.len() {
        0 => Payload::Empty,
        1 => one(blocks.remove(0)),
        _ => json(&Value::Array(blocks.into_iter().map(embedded).collect())),
    }
}

/// The only block.
fn one(block: Value) -> Payload {
    if let Some(text) = text(&block) {
        return Payload::Text(text.to_owned());
    }
    let (data, holder) = match block["type"].as_str() {
        Some("image" | "audio") => (&block["data"], &block),
        Some("resource") => (&block["resource"]["blob"], &block["resource"]),
        _ => return json(&block),
    };
    let Some(bytes) = data.as_str().and_then(|data| STANDARD.decode(data.trim()).ok()) else {
        return json(&embedded(block));
    };
    let mime_type = holder["mimeType"].as_str().unwrap_or("application/octet-stream").to_owned();
    let uri = holder["uri"].as_str().unwrap_or_default();
    Payload::Binary { bytes: bytes.into(), name: file_name(uri, &mime_type), mime_type }
}

/// One block of several.
fn embedded(mut block: Value) -> Value {
    if let Some(text) = text(&block) {
        return Value::from(text);
    }
    match block["type"].as_str() {
        Some("resource") => {
            let mut resource = block["resource"].take();
            if let Some(members) = resource.as_object_mut() {
                members.insert("type".to_owned(), json!("resource"));
                members.remove("_meta");
                if let Some(blob) = members.remove("blob") {
                    members.insert("data".to_owned(), blob);
                }
            }
            resource
        }
        _ => {
            if let Some(members) = block.as_object_mut() {
                members.retain(|key, _| !matches!(key.as_str(), "_meta" | "annotations"));
            }
            block
        }
    }
}

fn text(block: &Value) -> Option<&str> {
    match block["type"].as_str()? {
        "text" => block["text"].as_str(),
        "resource" => block["resource"]["text"].as_str(),
        _ => None,
    }
}

fn json(value: &Value) -> Payload {
    Payload::Json(Json::from(value))
}

/// The last part of a URI, else a name made of the media type. Never a path.
fn file_name(uri: &str, mime_type: &str) -> String {
    let last = uri.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let last = last.split(['?', '#']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|character| !character.is_control()).take(200).collect();
    let kept = kept.trim();
    if !kept.is_empty() && kept != "." && kept != ".." {
        return kept.to_owned();
    }
    let (kind, subtype) = mime_type.split_once('/').unwrap_or(("file", ""));
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain(kind) && is_plain(subtype) { format!("{kind}.{subtype}") } else { "file".to_owned() }
}
