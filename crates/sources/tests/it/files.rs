//! Bodies that carry files, and bodies that may be one thing or another.

use executor_core::ErrorCode;
use executor_sources::Body;
use serde_json::{Value, json};

use crate::support::{body_bytes, input, plan, tool};

fn with_content(content: Value) -> executor_core::tool::Tool {
    tool("/a", "post", json!({"requestBody": {"required": true, "content": content}, "responses": {}}))
}

fn body(tool: &executor_core::tool::Tool, given: Value) -> Body {
    plan(tool, given).unwrap().body.unwrap()
}

fn refusal(tool: &executor_core::tool::Tool, given: Value) -> String {
    let error = plan(tool, given).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArguments);
    error.message
}

/// The parts, with `|` for what ends a line.
fn parts(body: &Body) -> Vec<String> {
    let boundary = body.content_type.split_once("boundary=").unwrap().1;
    let text = String::from_utf8_lossy(&body_bytes(body)).into_owned();
    let text = text.strip_suffix(&format!("--{boundary}--\r\n")).unwrap();
    let border = format!("--{boundary}\r\n");
    let parts = text.split(&border);
    parts.filter(|part| !part.is_empty()).map(|part| part.trim_end().replace("\r\n", "|")).collect()
}

fn upload() -> executor_core::tool::Tool {
    with_content(json!({"multipart/form-data": {
        "schema": {"type": "object", "required": ["file"], "properties": {
            "file": {"type": "string", "format": "binary", "description": "The file."},
            "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
            "meta": {"type": "object"}, "title": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}},
            "deep": {"type": "object"}, "joined": {"type": "array"}, "avatar": {}, "id": {"readOnly": true},
        }},
        "encoding": {"deep": {"style": "deepObject"}, "joined": {"style": "pipeDelimited"}, "avatar": {"contentType": "image/png, image/jpeg"}},
    }}))
}

#[test]
fn parts_are_written_member_by_member() {
    let tool = upload();
    let given = json!({
        "file": {"name": "a\"b.txt", "mimeType": "text/x-a", "base64": "AP+f"},
        "more": ["one", {"text": "two", "name": "two.txt"}],
        "meta": {"a": [1]}, "title": "Tïtle", "ids": [1, 2], "deep": {"k": {"l": 1}}, "joined": ["x", "y"],
        "avatar": {"base64": "iVBO"},
    });
    let body = body(&tool, given.clone());
    let boundary = body.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert!((20..=70).contains(&boundary.len()), "{boundary}");
    let expected = [
        "content-disposition: form-data; name=\"file\"; filename=\"a%22b.txt\"|content-type: text/x-a||\0\u{fffd}\u{fffd}",
        "content-disposition: form-data; name=\"more\"; filename=\"more\"|content-type: text/plain; charset=utf-8||one",
        "content-disposition: form-data; name=\"more\"; filename=\"two.txt\"|content-type: text/plain; charset=utf-8||two",
        "content-disposition: form-data; name=\"meta\"|content-type: application/json||{\"a\":[1]}",
        "content-disposition: form-data; name=\"title\"||Tïtle",
        "content-disposition: form-data; name=\"ids\"||1",
        "content-disposition: form-data; name=\"ids\"||2",
        "content-disposition: form-data; name=\"deep[k][l]\"||1",
        "content-disposition: form-data; name=\"joined\"||x|y",
        "content-disposition: form-data; name=\"avatar\"; filename=\"avatar\"|content-type: image/png||\u{fffd}PN",
    ];
    assert_eq!(parts(&body), expected);
    assert_eq!(plan(&tool, given).unwrap().digest(), plan(&tool, again()).unwrap().digest());
    fn again() -> Value {
        json!({
            "file": {"name": "a\"b.txt", "mimeType": "text/x-a", "base64": "AP-f\n"},
            "more": ["one", {"text": "two", "name": "two.txt"}],
            "meta": {"a": [1]}, "title": "Tïtle", "ids": [1, 2], "deep": {"k": {"l": 1}}, "joined": ["x", "y"],
            "avatar": {"base64": "iVBO"},
        })
    }
}

#[test]
fn a_file_argument_is_a_file_and_nothing_else() {
    let tool = upload();
    let schema = input(&tool);
    assert_eq!(schema["required"], json!(["file"]));
    assert_eq!(schema["properties"]["file"]["format"], "binary");
    assert_eq!(schema["properties"]["more"]["items"]["format"], "binary");
    assert_eq!(schema["properties"]["title"], json!({"type": "string"}));
    assert!(schema["properties"].get("id").is_none());
    for (file, message) in [
        (json!({"name": "x", "mimeType": "text/plain", "size": 1, "blob": "b"}), "is none that a call gave"),
        (json!({"blob": "00", "text": "x"}), "is no file"),
        (json!({"base64": "?"}), "is not base64"),
        (json!({"base64": "AA==", "text": "x"}), "is no file"),
        (json!({"text": "x", "mimeType": "text/plain\r\nx: y"}), "is not a media type"),
        (json!({"text": "x", "mimeType": "text"}), "is not a media type"),
        (json!({"x": 1}), "is no file"),
    ] {
        let message_of = refusal(&tool, json!({ "file": file }));
        assert!(message_of.contains(message) && message_of.starts_with(['`', 'T']), "{file}: {message_of}");
    }
}

#[test]
fn names_cannot_end_their_header() {
    let name = "a\"\r\nx: y";
    let tool = with_content(
        json!({"multipart/form-data": {"schema": {"properties": {name: {"type": "string"}, "f": {"format": "binary"}}}}}),
    );
    let body = body(&tool, json!({name: "v", "f": {"text": "w", "name": name}}));
    let expected = [
        "content-disposition: form-data; name=\"a%22%0D%0Ax: y\"||v",
        "content-disposition: form-data; name=\"f\"; filename=\"a%22%0D%0Ax: y\"|content-type: text/plain; charset=utf-8||w",
    ];
    assert_eq!(parts(&body), expected);
}

#[test]
fn bytes_are_sent_as_they_are() {
    for (content_type, schema, given, sent, bytes) in [
        (
            "application/octet-stream",
            json!({}),
            json!({"base64": "AP8="}),
            "application/octet-stream",
            &[0, 255][..],
        ),
        (
            "image/png",
            json!({"type": "string"}),
            json!({"base64": "AP8", "mimeType": "x/y"}),
            "image/png",
            &[0, 255],
        ),
        ("image/*", json!({}), json!({"base64": "AP8", "mimeType": "image/webp"}), "image/webp", &[0, 255]),
        ("text/csv", json!({"type": "string", "format": "binary"}), json!("a,b"), "text/csv", b"a,b"),
        ("application/xml", json!({"type": "object"}), json!("<a/>"), "application/xml", b"<a/>"),
        ("*/*", json!({"type": "string", "format": "binary"}), json!("a"), "application/octet-stream", b"a"),
    ] {
        let tool = with_content(json!({content_type: {"schema": schema}}));
        let body = body(&tool, json!({ "body": given }));
        assert_eq!((body.content_type.as_str(), &body_bytes(&body)[..]), (sent, bytes), "{content_type}");
    }
}

#[test]
fn there_is_a_content_type_only_where_there_is_a_choice() {
    let object = json!({"schema": {"properties": {"a": {"type": "string"}}}});
    let has_choice =
        |content: Value| input(&with_content(content))["properties"].get("contentType").is_some();
    assert!(!has_choice(
        json!({"application/xml": object, "application/json": object, "application/x-www-form-urlencoded": object})
    ));
    assert!(!has_choice(
        json!({"application/json": object, "application/vnd.x+json": object, "multipart/form-data": object})
    ));
    assert!(!has_choice(json!({"text/plain": {}})));
    assert!(has_choice(json!({"text/plain": {}, "text/x-markdown": {}})));
    assert!(has_choice(json!({"application/json": object, "application/octet-stream": {}})));
    let file = json!({"schema": {"required": ["a"], "properties": {"a": {"type": "string"}, "f": {"type": "string", "format": "binary"}}}});
    assert!(has_choice(json!({"application/json": object, "multipart/form-data": file})));
    // JSON cannot carry the file.
    let same = with_content(json!({"application/json": file, "multipart/form-data": file}));
    assert!(body(&same, json!({"a": "x"})).content_type.starts_with("multipart/form-data"));
}

#[test]
fn the_content_type_is_what_is_asked_for_or_what_fits() {
    let tool = with_content(json!({
        "application/json": {"schema": {"required": ["a"], "properties": {"a": {"type": "string"}, "url": {"type": "string"}}}},
        "multipart/form-data": {"schema": {"required": ["a", "f"], "properties": {"a": {"type": "string"}, "f": {"type": "string", "format": "binary"}}}},
    }));
    let schema = input(&tool);
    assert_eq!(schema["required"], json!(["a"]));
    assert_eq!(
        schema["properties"]["contentType"]["enum"],
        json!(["application/json", "multipart/form-data"])
    );
    let sent = |given: Value| body(&tool, given).content_type.split(';').next().unwrap().to_owned();
    assert_eq!(sent(json!({"a": "x"})), "application/json");
    assert_eq!(sent(json!({"a": "x", "f": "y"})), "multipart/form-data");
    assert_eq!(
        sent(json!({"a": "x", "f": "y", "contentType": "multipart/form-data"})),
        "multipart/form-data"
    );
    assert!(
        refusal(&tool, json!({"a": "x", "contentType": "multipart/form-data"})).contains("`f` is missing")
    );
    let message = refusal(&tool, json!({"a": "x", "f": "y", "contentType": "application/json"}));
    assert!(message.contains("`f` has no place in a body of `application/json`"), "{message}");
    assert!(refusal(&tool, json!({"a": "x", "url": "u", "f": "y"})).contains("no place"));
    assert!(refusal(&tool, json!({"a": "x", "contentType": "text/html"})).contains("`application/json` or"));
    let images = with_content(json!({"image/png": {}, "image/jpeg": {}}));
    let given = json!({"body": {"base64": "AAAA", "mimeType": "image/jpeg"}});
    assert_eq!(body(&images, given).content_type, "image/jpeg");
}

#[test]
fn a_body_that_is_chosen_is_whole() {
    let object = json!({"schema": {"type": "object", "required": ["value"], "properties": {"value": {"type": "string"}}}});
    let tool = with_content(json!({"application/json": object, "image/jpeg": object}));
    let message = refusal(&tool, json!({}));
    assert!(message.contains("`value` is missing: a body of `application/json`"), "{message}");
    assert_eq!(body(&tool, json!({"value": "x"})).content_type, "application/json");
    assert_eq!(body(&tool, json!({"body": {"base64": "AAAA"}})).content_type, "image/jpeg");
    // No type at all, and a form that is one text.
    let untyped = with_content(json!({"": object}));
    assert_eq!(body_bytes(&body(&untyped, json!({"value": "x"}))), r#"{"value":"x"}"#);
    let text = with_content(json!({"application/x-www-form-urlencoded": {"schema": {"type": "string"}}}));
    assert_eq!(body_bytes(&body(&text, json!({"body": "a=1&b=2"}))), "a=1&b=2");
}

#[test]
fn the_content_type_never_takes_the_name_of_another_argument() {
    let operation = json!({
        "parameters": [{"name": "contentType", "in": "query", "schema": {"type": "string"}}],
        "requestBody": {"content": {"text/plain": {}, "text/html": {}}}, "responses": {},
    });
    let tool = tool("/a", "post", operation);
    let plan =
        plan(&tool, json!({"contentType": "q", "header_contentType": "text/html", "body": "x"})).unwrap();
    assert_eq!(
        (plan.url.query(), plan.body.unwrap().content_type.as_str()),
        (Some("contentType=q"), "text/html")
    );
}

#[test]
fn an_open_body_of_parts_knows_its_files_too() {
    let file = json!({"type": "string", "format": "binary"});
    let schema = json!({"type": "object", "additionalProperties": true, "oneOf": [{"properties": {"f": file}}, {"properties": {"g": file}}]});
    let tool = with_content(json!({"multipart/form-data": {"schema": schema}}));
    let body = body(&tool, json!({"body": {"g": {"text": "x"}, "other": {"text": "y"}}}));
    assert_eq!(
        parts(&body),
        [
            "content-disposition: form-data; name=\"g\"; filename=\"g\"|content-type: text/plain; charset=utf-8||x",
            "content-disposition: form-data; name=\"other\"|content-type: application/json||{\"text\":\"y\"}",
        ]
    );
}
