//! Reading JSON, YAML and GraphQL SDL.

use executor_core::ErrorCode;
use executor_sources::Document;
use serde_json::{Value, json};

use crate::support::{document, import, openapi, options};

const YAML: &str = "
openapi: 3.0.0
info: {title: Pets, version: 1.0}
servers: [{url: 'https://pets.test'}]
paths:
  /pets:
    get: &list
      operationId: listPets
      responses:
        200:
          description: ok
          content: {application/json: {schema: {type: string, enum: [yes, no, on]}}}
    post: *list
";

fn refusal(text: &str) -> String {
    let failure = Document::read(text.as_bytes()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::DocumentUnreadable);
    failure.message
}

#[test]
fn yaml_is_read_with_numbers_as_keys_aliases_and_words_that_are_no_booleans() {
    let import = openapi().import(&Document::read(YAML.as_bytes()).unwrap(), &options()).unwrap();
    assert_eq!(import.version.as_deref(), Some("1.0"));
    let names: Vec<_> = import.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["pets.listPets", "listPetsPost"].map(|name| name.trim_start_matches("pets.")));
    let output = import.tools[0].output.as_ref().unwrap();
    assert_eq!(output.as_str(), r#"{"type":"string","enum":["yes","no","on"]}"#);
}

#[test]
fn what_cannot_be_read_is_told_why() {
    assert!(refusal("<!DOCTYPE html><html></html>").contains("web page"));
    assert!(refusal("  \n<html lang='en'>").contains("web page"));
    assert!(refusal("{\"a\": 1,\n \"b\": ").contains("line 2 column"));
    assert!(refusal("").contains("empty"));
    assert!(refusal("just words").contains("neither"));
    assert!(refusal("a: [1\nb: 2").contains("YAML"));
    assert_eq!(Document::read(&[0xff, 0xfe, 0x00]).unwrap_err().code, ErrorCode::DocumentUnreadable);
}

#[test]
fn a_schema_is_told_from_yaml_by_how_it_begins() {
    let schemas = [
        "type Query { a: Int }",
        "schema { query: Query }",
        "schema @link(url: \"x\") { query: Query }",
        "# a comment: of YAML too\n\ninterface\n  A { a: Int }",
        "\"One.\" scalar Date",
        "\"\"\"\nOne \\\"\"\" more: {\n\"\"\"\ntype Query { a: Int }",
        "extend type Query { a: Int }",
        "directive @a on FIELD",
        "\u{feff},, union A = B",
        "enum E @x { A }",
        "input _In { a: Int }",
    ];
    let kinds = crate::support::kinds();
    for text in schemas {
        let kind = kinds.claim(text.as_bytes(), None).unwrap().kind.kind();
        assert_eq!(kind, executor_core::tool::SourceKind::Graphql, "{text}");
    }
    let others = [
        "type: object",
        "type of thing: object",
        "type_of: x",
        "types: [a]",
        "schema:\n  query: x",
        "\"openapi\": 3.0.0",
        "\"type\": object",
        "enum: [a]",
        "input : x",
        "- type a",
    ];
    for text in others {
        assert!(
            kinds
                .get(executor_core::tool::SourceKind::Graphql)
                .unwrap()
                .detect(&Document::read(text.as_bytes()).unwrap())
                .is_none(),
            "{text}"
        );
    }
    for (text, what) in [
        ("type Query {\n  a Int\n}", "line 2"),
        ("type Query { a: [Int }", "GraphQL SDL"),
        ("schema {", "line 1"),
    ] {
        let message = refusal(text);
        assert!(message.contains(what) && message.contains("not valid GraphQL SDL"), "{message}");
    }
}

#[test]
fn the_digest_is_of_the_bytes() {
    let digest = |text: &str| Document::read(text.as_bytes()).unwrap().digest();
    assert_eq!(digest("{}"), executor_core::Digest::of(b"{}"));
    assert_ne!(digest("{}"), digest("{ }"));
    assert!(Document::read("\u{feff}{}".as_bytes()).is_ok());
}

#[test]
fn an_empty_object_before_a_large_one_is_empty() {
    let large: serde_json::Map<String, Value> =
        (0..100).map(|number| (format!("x{number}"), json!(number))).collect();
    let mut document = document(json!({"/a": {"get": {"responses": {"200": {"description": "", "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Empty"}},
    }}}}}}));
    document["components"] = json!({"schemas": {"Empty": {}, "Large": large}});
    let import = import(&document);
    assert_eq!((import.schemas.len(), import.schemas[0].schema.as_str()), (1, "{}"));
}
