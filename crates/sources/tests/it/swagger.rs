//! Swagger 2.0, from documents to requests.

use executor_core::tool::{CredentialSlot, Placement, Tool};
use executor_sources::{Document, Import, ImportOptions};
use serde_json::{Value, json};

use crate::support::{body_bytes, import, input, openapi, options, plan, plan_at};

fn swagger(operation: Value) -> Value {
    json!({
        "swagger": "2.0", "info": {"title": "Pets", "version": 1.0}, "host": "pets.test", "basePath": "/v2",
        "schemes": ["http", "https"], "consumes": ["application/json"], "produces": ["application/json"],
        "paths": {"/pets/{id}": {"post": operation}},
        "definitions": {"Pet": {
            "type": "object", "required": ["name", "id"],
            "properties": {"id": {"type": "integer", "readOnly": true}, "name": {"type": "string"}, "tag": {"type": "string", "x-nullable": true}},
        }},
        "parameters": {"Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 100, "exclusiveMaximum": true}},
        "responses": {"Pets": {"description": "", "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}},
    })
}

fn only(import: &Import) -> &Tool {
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    &import.tools[0]
}

#[test]
fn parameters_bodies_and_responses_are_read_through_their_references() {
    let import = import(&swagger(json!({
        "operationId": "updatePet", "deprecated": true,
        "parameters": [
            {"name": "id", "in": "path", "required": true, "type": "string"},
            {"$ref": "#/parameters/Limit"},
            {"name": "pet", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Pet"}},
        ],
        "responses": {"200": {"$ref": "#/responses/Pets"}},
    })));
    let tool = only(&import);
    assert_eq!((import.base_url.as_str(), import.version.as_deref()), ("https://pets.test/v2", Some("1.0")));
    assert!(tool.deprecated);
    let expected = json!({
        "type": "object",
        "properties": {
            "id": {"type": "string"}, "name": {"type": "string"}, "tag": {"type": ["string", "null"]},
            "limit": {"type": "integer", "maximum": 100, "exclusiveMaximum": 100},
        },
        "required": ["id", "name"], "additionalProperties": false,
    });
    assert_eq!(input(tool), expected);
    assert_eq!(
        tool.output.as_ref().unwrap().as_str(),
        r##"{"type":"array","items":{"$ref":"#/$defs/Pet"}}"##
    );
    assert_eq!(import.schemas[0].name, "Pet");
    let plan = plan_at(&import.base_url, tool, json!({"id": "a/b", "name": "Rex", "limit": 3})).unwrap();
    assert_eq!(plan.url.as_str(), "https://pets.test/v2/pets/a%2Fb?limit=3");
    let body = plan.body.unwrap();
    assert_eq!(
        (body.content_type.as_str(), &body_bytes(&body)[..]),
        ("application/json", &br#"{"name":"Rex"}"#[..])
    );
}

#[test]
fn lists_are_joined_as_the_collection_format_says() {
    let list = |name: &str, format: Option<&str>| {
        let mut parameter =
            json!({"name": name, "in": "query", "type": "array", "items": {"type": "string"}});
        if let Some(format) = format {
            parameter["collectionFormat"] = json!(format);
        }
        parameter
    };
    let formats = [None, Some("csv"), Some("ssv"), Some("tsv"), Some("pipes"), Some("multi")];
    let parameters: Vec<_> =
        formats.iter().enumerate().map(|(number, format)| list(&format!("p{number}"), *format)).collect();
    let import = import(&swagger(json!({"parameters": parameters, "responses": {}})));
    let mut given = json!({"id": 1});
    (0..formats.len()).for_each(|number| given[format!("p{number}")] = json!(["a", "b"]));
    let plan = plan(only(&import), given).unwrap();
    assert_eq!(plan.url.query().unwrap(), "p0=a,b&p1=a,b&p2=a%20b&p3=a%09b&p4=a%7Cb&p5=a&p5=b");
}

#[test]
fn form_data_is_a_form_or_parts() {
    let with = |consumes: Value, kind: &str| {
        import(&swagger(json!({
            "consumes": consumes,
            "parameters": [
                {"name": "photo", "in": "formData", "type": kind, "required": true, "description": "The photo."},
                {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}},
            ],
            "responses": {},
        })))
    };
    let given = json!({"id": 1, "photo": "x", "tags": ["a", "b"]});
    let form = with(json!(["application/x-www-form-urlencoded"]), "string");
    let body = plan(only(&form), given.clone()).unwrap().body.unwrap();
    assert_eq!(
        (body.content_type.as_str(), &body_bytes(&body)[..]),
        ("application/x-www-form-urlencoded", &b"photo=x&tags=a,b"[..])
    );
    for parts in [
        with(json!(["application/x-www-form-urlencoded"]), "file"),
        with(json!(["multipart/form-data"]), "string"),
    ] {
        let body = plan(only(&parts), given.clone()).unwrap().body.unwrap();
        assert!(body.content_type.starts_with("multipart/form-data; boundary="), "{}", body.content_type);
        let text = String::from_utf8(body_bytes(&body).to_vec()).unwrap();
        assert!(text.contains("name=\"tags\"\r\n\r\na,b\r\n"), "{text}");
    }
    let schema = input(only(&with(json!(null), "file")));
    assert_eq!(schema["properties"]["photo"]["format"], "binary");
    assert_eq!(schema["required"], json!(["id", "photo"]));
}

#[test]
fn a_file_is_downloaded_and_a_form_does_not_stand_beside_a_body() {
    let import = import(&swagger(json!({
        "produces": ["application/pdf"], "consumes": ["multipart/form-data", "text/plain"],
        "parameters": [{"name": "text", "in": "body", "schema": {"type": "string"}}],
        "responses": {"200": {"schema": {"type": "file"}}},
    })));
    let tool = only(&import);
    assert_eq!(tool.output.as_ref().unwrap().as_str(), r#"{"type":"string","format":"binary"}"#);
    let plan = plan(tool, json!({"id": 1, "body": "hello"})).unwrap();
    assert!(plan.answer_is_file);
    assert!(plan.headers.contains(&("accept".to_owned(), "application/pdf".to_owned())));
    assert_eq!(plan.body.unwrap().content_type, "text/plain");
}

#[test]
fn hosts_schemes_and_the_address_of_the_document_make_the_base_url() {
    let base = |change: fn(&mut Value), document_url: Option<&str>| {
        let mut document = swagger(json!({"responses": {}}));
        change(&mut document);
        let document = Document::read(document.to_string().as_bytes()).unwrap();
        openapi().import(&document, &ImportOptions { document_url, ..options() }).unwrap().base_url
    };
    let here = Some("http://here.test:8080/docs/swagger.json");
    assert_eq!(base(|_| (), here), "https://pets.test/v2");
    assert_eq!(base(|document| document["schemes"] = json!(["http"]), here), "http://pets.test/v2");
    assert_eq!(base(|document| document["schemes"] = json!(null), here), "http://pets.test/v2");
    assert_eq!(base(|document| document["schemes"] = json!(null), None), "https://pets.test/v2");
    assert_eq!(base(|document| document["host"] = json!(null), here), "http://here.test:8080/v2");
}

#[test]
fn ways_to_sign_in_are_the_same() {
    use executor_sources::FlowKind;
    let mut document = swagger(json!({"security": [{"key": []}, {"oauth": ["read"]}], "responses": {}}));
    document["securityDefinitions"] = json!({
        "basic": {"type": "basic"}, "key": {"type": "apiKey", "in": "query", "name": "api_key"},
        "oauth": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://pets.test/authorize",
            "tokenUrl": "https://pets.test/token", "scopes": {"read": "Reads pets."}},
    });
    document["security"] = json!([{"basic": []}]);
    let import = import(&document);
    let slot = |name: &str, placement| vec![CredentialSlot { name: name.to_owned(), placement }];
    let expected = [slot("key", Placement::Query("api_key".to_owned())), slot("oauth", Placement::Bearer)];
    assert_eq!(plan(only(&import), json!({"id": 1})).unwrap().credentials, expected);
    let names: Vec<_> = import.methods.iter().map(|method| method.name.as_str()).collect();
    assert_eq!(names, ["basic", "key", "oauth"]);
    let flow = &import.methods[2].oauth.as_ref().unwrap().flows[0];
    assert_eq!(
        (flow.kind, flow.token_url.as_deref()),
        (FlowKind::AuthorizationCode, Some("https://pets.test/token"))
    );
}

#[test]
fn a_detection_says_what_is_in_it() {
    let text = swagger(json!({"responses": {}})).to_string();
    let detection = openapi().detect(&Document::read(text.as_bytes()).unwrap()).unwrap();
    assert_eq!((detection.title.as_str(), detection.operations), ("Pets", 1));
    assert_eq!(detection.base_url.as_deref(), Some("https://pets.test/v2"));
}
