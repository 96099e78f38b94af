//! When a body is flattened, what its arguments are called, and what is sent.

use executor_core::ErrorCode;
use serde_json::{Value, json};

use crate::support::{body_bytes, input, plan, tool};

fn with_body(content_type: &str, schema: Value) -> Value {
    json!({"requestBody": {"required": true, "content": {content_type: {"schema": schema}}}, "responses": {}})
}

fn names(schema: Value) -> Vec<String> {
    let tool = tool("/a", "post", with_body("application/json", schema));
    input(&tool)["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn only_a_closed_object_is_flattened() {
    let x = json!({"type": "object", "properties": {"x": {}}});
    let with = |more: Value| {
        let mut schema = x.clone();
        schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        names(schema)
    };
    assert_eq!(names(x.clone()), ["x"]);
    assert_eq!(with(json!({"additionalProperties": false})), ["x"]);
    assert_eq!(names(json!({"allOf": [x, {"properties": {"y": {}}}]})), ["x", "y"]);
    for open in [
        json!({"additionalProperties": true}),
        json!({"additionalProperties": {"type": "string"}}),
        json!({"oneOf": [{}]}),
        json!({"nullable": true}),
    ] {
        assert_eq!(with(open.clone()), ["body"], "{open}");
    }
    for other in [
        json!({"type": "object"}),
        json!({"type": "array", "items": {}}),
        json!({}),
        json!({"type": "string"}),
    ] {
        assert_eq!(names(other.clone()), ["body"], "{other}");
    }
}

#[test]
fn a_name_clash_is_resolved_by_place() {
    let mut operation =
        with_body("application/json", json!({"properties": {"id": {}, "q": {}}, "required": ["id"]}));
    operation["parameters"] = json!([
        {"name": "id", "in": "path", "required": true, "schema": {}}, {"name": "id", "in": "query", "schema": {}},
        {"name": "q", "in": "query", "schema": {}}, {"name": "q", "in": "header", "schema": {}}, {"name": "q", "in": "cookie", "schema": {}},
    ]);
    let tool = tool("/a/{id}", "post", operation);
    let schema = input(&tool);
    let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "body_id", "q", "query_id", "query_q", "header_q", "cookie_q"]);
    assert_eq!(schema["required"], json!(["id", "body_id"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    let given =
        json!({"id": 1, "body_id": 2, "q": 3, "query_id": 4, "query_q": 5, "header_q": 6, "cookie_q": 7});
    let plan = plan(&tool, given).unwrap();
    assert_eq!(plan.url.as_str(), "https://api.test/v1/a/1?id=4&q=5");
    assert_eq!(body_bytes(&plan.body.unwrap()), r#"{"id":2,"q":3}"#);
    assert!(plan.headers.contains(&("q".to_owned(), "6".to_owned())));
    assert!(plan.headers.contains(&("cookie".to_owned(), "q=7".to_owned())));
}

#[test]
fn what_only_the_api_writes_is_no_argument() {
    let schema = json!({"required": ["id", "x"], "properties": {"id": {"type": "string", "readOnly": true}, "x": {"type": "object", "properties": {"y": {"readOnly": true}, "z": {}}}}});
    let tool = tool("/a", "post", with_body("application/json", schema));
    let schema = input(&tool);
    assert_eq!(schema["required"], json!(["x"]));
    assert_eq!(schema["properties"], json!({"x": {"type": "object", "properties": {"z": {}}}}));
}

#[test]
fn forms_are_written_as_most_servers_read_them() {
    let operation = json!({"requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {
        "schema": {"properties": {"a": {}, "list": {}, "deep": {}, "object": {}}},
        "encoding": {"deep": {"style": "deepObject", "explode": true}},
    }}}, "responses": {}});
    let tool = tool("/a", "post", operation);
    let given = json!({"a": "x y&z", "list": [1, 2], "deep": ["p", "q"], "object": {"k": {"l": true}, "m": [{"n": 1}]}});
    let body = plan(&tool, given).unwrap().body.unwrap();
    assert_eq!(body.content_type, "application/x-www-form-urlencoded");
    let expected = "a=x%20y%26z&list=1&list=2&deep%5B%5D=p&deep%5B%5D=q&object%5Bk%5D%5Bl%5D=true&object%5Bm%5D%5B0%5D%5Bn%5D=1";
    assert_eq!(body_bytes(&body), expected);
}

#[test]
fn a_body_is_sent_as_its_media_type_says() {
    let json = tool("/a", "post", with_body("application/vnd.api+json", json!({"type": "array"})));
    let body = plan(&json, json!({"body": [1, {"a": null}]})).unwrap().body.unwrap();
    assert_eq!(
        (body.content_type.as_str(), &body_bytes(&body)[..]),
        ("application/vnd.api+json", &br#"[1,{"a":null}]"#[..])
    );
    assert_eq!(plan(&json, json!({})).unwrap_err().code, ErrorCode::InvalidArguments);
    let text = tool("/a", "post", with_body("text/plain", json!({"type": "string"})));
    assert_eq!(body_bytes(&plan(&text, json!({"body": "hello"})).unwrap().body.unwrap()), "hello");
    let optional = json!({"requestBody": {"content": {"application/json": {"schema": {"required": ["x"], "properties": {"x": {}}}}}}, "responses": {}});
    let optional = tool("/a", "post", optional);
    assert_eq!(plan(&optional, json!({})).unwrap().body, None);
    assert_eq!(input(&optional).get("required"), None);
}

#[test]
fn a_body_that_may_be_left_out_is_whole_where_it_is_given() {
    let schema = json!({
        "type": "object",
        "required": ["name", "kind"],
        "properties": {"name": {"type": "string"}, "kind": {"type": "string"}, "note": {"type": "string"}},
    });
    let body = |required: bool| {
        let content = json!({"application/json": {"schema": schema}});
        input(&tool("/things", "post", json!({"requestBody": {"required": required, "content": content}})))
    };
    let optional = body(false);
    assert_eq!(optional["required"], Value::Null);
    let dependent = json!({"name": ["kind"], "kind": ["name"], "note": ["name", "kind"]});
    assert_eq!(optional["dependentRequired"], dependent);
    let whole = body(true);
    assert_eq!((&whole["required"], &whole["dependentRequired"]), (&json!(["name", "kind"]), &Value::Null));
}
