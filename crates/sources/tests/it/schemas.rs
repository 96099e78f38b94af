//! Schemas of both versions as JSON Schema 2020-12.

use serde_json::{Value, json};

use crate::support::{document, import, input};

fn converted(version: &str, schema: Value, shared: Value) -> (Value, Value) {
    let parameter = json!({"name": "p", "in": "query", "schema": schema});
    let mut document = document(json!({"/a": {"get": {"parameters": [parameter], "responses": {}}}}));
    document["openapi"] = json!(version);
    document["components"] = json!({ "schemas": shared });
    let import = import(&document);
    let schemas: serde_json::Map<_, _> =
        import.schemas.iter().map(|one| (one.name.clone(), one.schema.read().unwrap())).collect();
    (input(&import.tools[0])["properties"]["p"].clone(), Value::Object(schemas))
}

#[test]
fn the_dialect_of_3_0_is_translated() {
    let table = [
        (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
        (
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        (
            json!({"nullable": true, "allOf": [{"type": "string"}]}),
            json!({"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]}),
        ),
        (json!({"minimum": 1, "exclusiveMinimum": true}), json!({"minimum": 1, "exclusiveMinimum": 1})),
        (json!({"minimum": 1, "exclusiveMinimum": false}), json!({"minimum": 1})),
        (json!({"type": "file"}), json!({"type": "string"})),
        (json!({"type": "wrong", "minLength": "3", "pattern": 1, "required": true, "enum": []}), json!({})),
        (json!({"example": 5, "xml": {}, "x-y": 1, "discriminator": {}}), json!({"examples": [5]})),
        (
            json!({"type": "array", "items": {"nullable": true, "type": "integer"}}),
            json!({"type": "array", "items": {"type": ["integer", "null"]}}),
        ),
        (
            json!({"properties": {"nullable": {"type": "string"}}}),
            json!({"properties": {"nullable": {"type": "string"}}}),
        ),
    ];
    for (schema, expected) in table {
        assert_eq!(converted("3.0.0", schema.clone(), json!({})).0, expected, "{schema}");
    }
}

#[test]
fn what_3_1_says_is_kept() {
    let schema =
        json!({"type": ["string", "null"], "const": "a", "exclusiveMinimum": 3, "prefixItems": [true]});
    assert_eq!(converted("3.1.0", schema.clone(), json!({})).0, schema);
    let reference = json!({"$ref": "#/components/schemas/A", "description": "here"});
    let (schema, _) = converted("3.1.0", reference, json!({"A": {}}));
    assert_eq!(schema, json!({"$ref": "#/$defs/A", "description": "here"}));
}

#[test]
fn only_what_is_reached_is_shared_and_under_a_plain_name() {
    let shared = json!({
        "A/b ~é": {"properties": {"next": {"$ref": "#/components/schemas/A~1b%20~0%C3%A9"}, "c": {"$ref": "#/components/schemas/C"}}},
        "C": {"type": "string"}, "Unused": {},
    });
    let (schema, schemas) =
        converted("3.0.0", json!({"$ref": "#/components/schemas/A~1b%20~0%C3%A9"}), shared);
    assert_eq!(schema, json!({"$ref": "#/$defs/A_b___"}));
    let expected = json!({
        "A_b___": {"properties": {"next": {"$ref": "#/$defs/A_b___"}, "c": {"$ref": "#/$defs/C"}}},
        "C": {"type": "string"},
    });
    assert_eq!(schemas, expected);
}

#[test]
fn a_circle_that_goes_nowhere_is_broken() {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let shared =
        json!({"A": {"allOf": [reference("B")]}, "B": {"allOf": [reference("A"), {"type": "string"}]}});
    let (_, schemas) = converted("3.0.0", reference("A"), shared);
    assert_eq!(schemas["A"], json!({"allOf": [{"$ref": "#/$defs/B"}]}));
    assert_eq!(schemas["B"], json!({"allOf": [{}, {"type": "string"}]}));
    let (schema, schemas) =
        converted("3.0.0", reference("A"), json!({"A": reference("B"), "B": reference("A")}));
    assert_eq!((schema, schemas), (json!({}), json!({})));
}

#[test]
fn the_output_is_the_first_good_json() {
    let responses = json!({
        "404": {"content": {"application/json": {"schema": {"type": "null"}}}},
        "201": {"$ref": "#/components/responses/Made"},
    });
    let mut document = document(json!({"/a": {"post": {"responses": responses}}}));
    document["components"] = json!({"responses": {"Made": {"content": {"text/html": {}, "application/json": {"schema": {"type": "integer"}}}}}});
    let tool = import(&document).tools.remove(0);
    assert_eq!(tool.output.unwrap().as_str(), r#"{"type":"integer"}"#);
}
