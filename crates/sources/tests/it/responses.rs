//! What an operation is said to answer with.

use serde_json::{Value, json};

use crate::support::{document, import, plan, tool};

/// What is asked for, the output schema, and whether it is a file.
fn response(responses: Value) -> (String, Option<String>, bool) {
    let tool = tool("/a", "get", json!({ "responses": responses }));
    let plan = plan(&tool, json!({})).unwrap();
    let accept = plan.headers.iter().find(|(name, _)| name == "accept").unwrap().1.clone();
    (accept, tool.output.map(|output| output.as_str().to_owned()), plan.answer_is_file)
}

#[test]
fn the_declared_types_are_asked_for_the_best_first() {
    let integer = json!({"schema": {"type": "integer"}});
    let file = || Some(r#"{"type":"string","format":"binary"}"#.to_owned());
    let number = || Some(r#"{"type":"integer"}"#.to_owned());
    let text = || Some(r#"{"type":"string"}"#.to_owned());
    let table = [
        (json!({}), "*/*", None, false),
        (json!({"204": {}, "default": {"content": {"application/json": integer}}}), "*/*", None, false),
        (json!({"default": {"content": {"application/json": integer}}}), "application/json", number(), false),
        (
            json!({"200": {"content": {"text/csv": {}, "application/json": integer}}, "202": {"content": {"text/html": {}}}}),
            "application/json, text/csv;q=0.9, text/html;q=0.8",
            number(),
            false,
        ),
        (
            json!({"200": {"content": {"text/csv": {"schema": {"type": "string"}}}}}),
            "text/csv",
            text(),
            false,
        ),
        (
            json!({"200": {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}),
            "text/csv",
            file(),
            true,
        ),
        (json!({"200": {"content": {"image/png": {}}}}), "image/png", file(), true),
        (
            json!({"200": {"content": {"application/pdf": {"schema": {"type": "string", "format": "byte"}}}}}),
            "application/pdf",
            file(),
            true,
        ),
        (
            json!({"200": {"content": {"application/octet-stream": {}}}}),
            "application/octet-stream",
            file(),
            true,
        ),
        (
            json!({"200": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}),
            "*/*",
            file(),
            true,
        ),
        (json!({"200": {"content": {"*/*": integer}}}), "*/*", None, false),
        (json!({"200": {"content": {"text/plain\r\nx: y": {}, "nonsense": {}}}}), "*/*", None, false),
    ];
    for (responses, accept, output, is_file) in table {
        assert_eq!(response(responses.clone()), (accept.to_owned(), output, is_file), "{responses}");
    }
}

#[test]
fn what_only_a_caller_writes_does_not_come_back() {
    let schema = json!({"type": "object", "required": ["id", "password"], "properties": {
        "id": {"type": "string", "readOnly": true}, "password": {"type": "string", "writeOnly": true},
    }});
    let content = json!({"content": {"application/json": {"schema": schema}}});
    let import = import(&document(json!({"/a": {"post": {
        "requestBody": {"required": true, "content": content["content"]}, "responses": {"200": content},
    }}})));
    let output: Value = import.tools[0].output.as_ref().unwrap().read().unwrap();
    assert_eq!(
        output,
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}}})
    );
    let input: Value = import.tools[0].input.read().unwrap();
    assert_eq!(input["required"], json!(["password"]));
    assert!(input["properties"].get("id").is_none());
}
