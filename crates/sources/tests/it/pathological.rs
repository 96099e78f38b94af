//! Documents that were made to hurt.

use executor_core::ErrorCode;
use executor_sources::{Call, Document};
use serde_json::{Map, Value, json};

use crate::support::{document, import, openapi, plan, tool};

const DEEP: usize = 100_000;

#[test]
fn deep_nesting_is_refused() {
    let yaml_block: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let texts = [
        "[".repeat(DEEP),
        format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        "{\"a\":".repeat(DEEP),
        format!("a: {}", "[".repeat(DEEP)),
        format!("a: {}", "{b: ".repeat(DEEP)),
        "- ".repeat(DEEP),
        "? ".repeat(DEEP),
        format!("type Query {{ a: {}", "[".repeat(DEEP)),
        format!("type Query {{ a: {}Int{} }}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("type Query {{ a(x: Int = {}", "[".repeat(DEEP)),
        format!("type Query @x(a: {}", "{a: ".repeat(DEEP)),
        yaml_block,
    ];
    for text in texts {
        let failure = Document::read(text.as_bytes()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::DocumentUnreadable, "{}", &text[..20]);
        assert!(failure.message.len() < 1_000, "{}", failure.message.len());
    }
}

#[test]
fn nesting_that_is_allowed_is_imported_on_a_small_stack() {
    let schema = format!(
        "{}{}",
        r#"{"type":"array","nullable":true,"items":"#.repeat(100),
        "{}".to_owned() + &"}".repeat(100)
    );
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let body = json!({"content": {"application/json": {"schema": schema}}});
    let text =
        document(json!({"/a": {"post": {"requestBody": body, "responses": {"200": body}}}})).to_string();
    let yaml = format!("# YAML\n{text}");
    let import = |text: String| {
        let document = Document::read(text.as_bytes()).unwrap();
        openapi().import(&document, &crate::support::options()).unwrap().tools.remove(0).input
    };
    let read =
        std::thread::Builder::new().stack_size(1024 * 1024).spawn(move || (import(text), import(yaml)));
    let (from_json, from_yaml) = read.unwrap().join().unwrap();
    assert_eq!(from_json, from_yaml);
}

#[test]
fn aliases_cannot_blow_a_document_up() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(Document::read(text.as_bytes()).unwrap_err().code, ErrorCode::DocumentUnreadable);
}

#[test]
fn a_large_object_is_found_in_quickly_and_its_last_duplicate_counts() {
    let members: String = (0..50_000)
        .map(|number| {
            format!("\"S{number}\": {{\"$ref\": \"#/components/schemas/S{}\"}},", (number + 1) % 50_000)
        })
        .collect();
    let text = format!(
        r##"{{"openapi": "3.0.0", "servers": [{{"url": "https://a.test"}}], "paths": {{"/a": {{"get": {{"parameters": [{{"name": "p", "in": "query", "schema": {{"properties": {{"x": {{"$ref": "#/components/schemas/S7"}}}}}}}}]}}}}}},
        "components": {{"schemas": {{{members} "S7": {{"type": "integer"}}}}}}}}"##
    );
    let import =
        openapi().import(&Document::read(text.as_bytes()).unwrap(), &crate::support::options()).unwrap();
    assert_eq!(import.schemas.len(), 1);
    assert_eq!(import.schemas[0].schema.as_str(), r#"{"type":"integer"}"#);
}

#[test]
fn an_empty_object_before_a_large_one_is_empty() {
    let large: Map<String, Value> = (0..40).map(|number| (format!("k{number}"), json!(number))).collect();
    let body = json!({"content": {"application/json": {"schema": {}, "example": large}}});
    let tool = tool("/a", "post", json!({"requestBody": body, "responses": {}}));
    let input: Value = tool.input.read().unwrap();
    assert_eq!(input["properties"], json!({"body": {}}));
}

#[test]
fn one_bad_operation_does_not_take_the_others_along() {
    let bad = [
        json!({"parameters": [{"$ref": "#/nowhere"}]}),
        json!({"parameters": [{"$ref": "https://else.test/x.json"}]}),
        json!({"parameters": [{"in": "query"}]}),
        json!({"parameters": [{"name": "x", "in": "moon"}]}),
        json!({"parameters": [{"name": "x", "in": "path", "style": "cursive"}]}),
        json!({"requestBody": {"$ref": "#/paths/~1bad0/get/requestBody"}}),
        json!({"requestBody": {"$ref": "#/components/requestBodies/Self"}}),
    ];
    let mut paths: Map<String, Value> = bad
        .iter()
        .enumerate()
        .map(|(index, bad)| (format!("/bad{index}/{{x}}"), json!({ "get": bad })))
        .collect();
    paths.insert("/ref".to_owned(), json!({"$ref": "#/gone"}));
    paths.insert(
        "/good".to_owned(),
        json!({"get": {"parameters": "x", "responses": 7, "tags": {}, "security": [7], "requestBody": null}}),
    );
    paths.insert("/null".to_owned(), json!({"get": null, "post": [], "x": {}}));
    let mut document = document(Value::Object(paths));
    document["components"] = json!({"requestBodies": {"Self": {"$ref": "#/components/requestBodies/Self"}}});
    let import = import(&document);
    assert_eq!(import.tools.iter().map(|tool| tool.summary.as_str()).collect::<Vec<_>>(), ["GET /good"]);
    assert_eq!(import.skipped.len(), bad.len() + 1);
    for skipped in &import.skipped {
        assert!(skipped.reason.ends_with('.'), "{skipped:?}");
    }
}

/// Each lie with what becomes of it: the operation is a tool with these arguments.
#[test]
fn documents_that_lie_are_imported_as_far_as_they_can_be() {
    let schema =
        |schema: Value| json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
    let invalid = json!({
        "type": "object", "required": ["a", 7], "minProperties": -1, "pattern": 3,
        "properties": {"a": {"type": "text", "enum": {}, "items": 3, "minimum": "1"}, "b": 7, "c": {"type": ["null", "x"], "allOf": {}}},
    });
    let table = [
        ("no responses", "/a", json!({}), json!([])),
        (
            "a path parameter that is not declared",
            "/a/{x}/{y}",
            json!({"parameters": [{"name": "y", "in": "path", "schema": {}}, {"name": "z", "in": "path", "schema": {}}]}),
            json!(["y", "x"]),
        ),
        ("an invalid schema", "/a", schema(invalid), json!(["a", "b", "c"])),
        (
            "a schema that is itself",
            "/a",
            schema(json!({"$ref": "#/components/schemas/Self"})),
            json!(["body"]),
        ),
        ("a schema in a circle", "/a", schema(json!({"$ref": "#/components/schemas/Ping"})), json!(["pong"])),
        ("a schema in a file", "/a", schema(json!({"$ref": "file:///etc/passwd"})), json!(["body"])),
        (
            "a schema at the metadata address",
            "/a",
            schema(json!({"$ref": "http://169.254.169.254/latest"})),
            json!(["body"]),
        ),
        (
            "a name of emoji",
            "/🦀/{🚀}",
            json!({"operationId": "🦀", "parameters": [{"name": "🎉", "in": "query", "schema": {}}]}),
            json!(["🚀", "🎉"]),
        ),
        (
            "names that clash",
            "/a",
            json!({"parameters": [{"name": "a-b", "in": "query"}, {"name": "a_b", "in": "query"}, {"name": "a-b", "in": "cookie"}]}),
            json!(["a-b", "a_b", "cookie_a-b"]),
        ),
        (
            "a parameter twice",
            "/a",
            json!({"parameters": [{"name": "a", "in": "query"}, {"name": "a", "in": "query"}]}),
            json!(["a"]),
        ),
        (
            "no text where text should be",
            "/a",
            json!({"operationId": 7, "summary": {}, "description": [], "tags": "x", "deprecated": "yes"}),
            json!([]),
        ),
    ];
    for (lie, path, operation, arguments) in table {
        let mut document = document(json!({path: {"post": operation}, "/good": {"get": {"responses": {}}}}));
        document["components"] = json!({"schemas": {
            "Self": {"$ref": "#/components/schemas/Self"},
            "Ping": {"type": "object", "properties": {"pong": {"$ref": "#/components/schemas/Pong"}}},
            "Pong": {"allOf": [{"$ref": "#/components/schemas/Pong"}, {"$ref": "#/components/schemas/Ping"}]},
        }});
        let import = import(&document);
        assert_eq!((import.tools.len(), import.skipped.len()), (2, 0), "{lie}: {:?}", import.skipped);
        let input: Value = import.tools[0].input.read().unwrap();
        let names: Vec<_> = input["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(json!(names), arguments, "{lie}");
        executor_core::ToolPath::new("source", &import.tools[0].name).unwrap();
        let mut given = input["properties"].clone();
        given.as_object_mut().unwrap().values_mut().for_each(|value| *value = json!("v"));
        plan(&import.tools[0], given).unwrap();
    }
}

#[test]
fn ids_that_are_there_twice_make_two_names() {
    let operation = |id: &str| json!({"get": {"operationId": id, "responses": {}}});
    let ids = ["same", "same", "Same", "sa-me", "sa me", "sa🦀me", "🦀", "🦀"];
    let paths: Map<String, Value> =
        ids.iter().enumerate().map(|(number, id)| (format!("/{number}"), operation(id))).collect();
    let import = import(&document(Value::Object(paths)));
    let names: std::collections::HashSet<_> =
        import.tools.iter().map(|tool| executor_core::path::fold(&tool.name)).collect();
    assert_eq!(names.len(), ids.len());
}

#[test]
fn size_is_bounded_where_it_says_nothing() {
    let values: Vec<_> = (0..5_000).map(|number| format!("value{number}")).collect();
    let import = import(&document(json!({"/a": {"get": {
        "summary": "🦀".repeat(100_000), "description": "x".repeat(10_000_000),
        "parameters": [{"name": "e", "in": "query", "schema": {"type": "string", "enum": values}}], "responses": {},
    }}})));
    let tool = &import.tools[0];
    assert!(tool.description.len() <= 16 * 1024 && tool.summary.chars().count() <= 201);
    let input: Value = tool.input.read().unwrap();
    assert_eq!(input["properties"]["e"]["enum"].as_array().unwrap().len(), 5_000);
}

#[test]
fn combinations_that_double_at_each_level_end() {
    let mut schemas = Map::new();
    for level in 0..60 {
        let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
        schemas.insert(format!("S{level}"), json!({"allOf": [next, next], "oneOf": [next, next]}));
    }
    for content_type in ["application/json", "multipart/form-data"] {
        let body = json!({"content": {content_type: {"schema": {"$ref": "#/components/schemas/S0"}}}});
        let mut document = document(json!({"/a": {"post": {"requestBody": body, "responses": {}}}}));
        document["components"] = json!({ "schemas": schemas });
        assert_eq!(import(&document).tools.len(), 1);
        schemas.values_mut().for_each(|schema| {
            schema.as_object_mut().unwrap().remove("oneOf");
        });
    }
}

#[test]
fn variables_of_a_server_do_not_expand_without_end() {
    let variables: Map<String, Value> = (0..40)
        .map(|number| (format!("v{number}"), json!({"default": format!("{{v{0}}}{{v{0}}}", number + 1)})))
        .collect();
    let mut document = document(json!({"/a": {"get": {"responses": {}}}}));
    let long = json!({"url": format!("https://a.test/{}", "{v}".repeat(1_000)), "variables": {"v": {"default": "x".repeat(100_000)}}});
    document["servers"] =
        json!([{"url": "https://a.test/{v0}", "variables": variables}, long, {"url": "https://b.test"}]);
    assert_eq!(import(&document).base_url, "https://b.test");
}

#[test]
fn what_the_api_calls_is_listed_and_is_no_tool() {
    let callbacks = json!({"onEvent": {"{$request.body#/url}": {"post": {"responses": {}}}}});
    let mut document = document(json!({"/a": {"post": {"callbacks": callbacks, "responses": {}}}}));
    document["openapi"] = json!("3.1.0");
    document["webhooks"] = json!({"created": {"post": {"responses": {}}}});
    let import = import(&document);
    assert_eq!(import.tools.len(), 1);
    let skipped: Vec<_> = import.skipped.iter().map(|skipped| skipped.operation.as_str()).collect();
    assert_eq!(skipped, ["webhook created", "callback onEvent of POST /a"]);
    assert!(import.skipped.iter().all(|skipped| skipped.reason == "It is called by the API, not by us."));
}

#[test]
fn combinations_that_refer_to_themselves_end() {
    let reference = json!({"$ref": "#/components/schemas/A"});
    let body = json!({"content": {"application/json": {"schema": reference}}});
    let mut document = document(json!({"/a": {"post": {"requestBody": body, "responses": {}}}}));
    document["components"] =
        json!({"schemas": {"A": {"properties": {"x": {}}, "allOf": [reference, reference]}}});
    assert_eq!(import(&document).tools.len(), 1);
    document["components"] = json!({"schemas": {"A": {"$ref": "#"}}});
    assert_eq!(import(&document).tools.len(), 1);
}

#[test]
fn no_argument_makes_planning_panic() {
    let parameters: Vec<_> = ["query", "header", "cookie"]
        .iter()
        .map(|place| json!({"name": format!("p{place}"), "in": place, "schema": {"type": "integer"}}))
        .collect();
    let types = [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
        "image/*",
    ];
    for content_type in types {
        let body = json!({"content": {content_type: {"schema": {}}}});
        let tool =
            tool("/a/{x}", "post", json!({"parameters": parameters, "requestBody": body, "responses": {}}));
        let values = [
            json!(null),
            json!(1e300),
            json!([[[{}]]]),
            json!({"": {"": [null]}}),
            json!("\u{0}\u{10ffff}"),
            json!(true),
        ];
        for value in &values {
            let _ = plan(
                &tool,
                json!({"x": value, "pquery": value, "pheader": value, "pcookie": value, "body": value, "unknown": value}),
            );
            let _ = plan(&tool, json!({"x": "a", "pquery": value, "body": value}));
        }
    }
    let broken = executor_core::Json::parse("{}".to_owned()).unwrap();
    let (path, arguments) = (crate::support::path(), Map::new());
    let call = Call {
        path: &path,
        operation: &broken,
        base_url: "https://a.test",
        context: None,
        arguments: &arguments,
        cursor: None,
    };
    let error = openapi().plan(&call).unwrap_err();
    assert_eq!(error.code, ErrorCode::Internal);
}

#[test]
fn a_document_with_too_many_values_is_stopped_at_early() {
    let zeros = format!("[{}0]", "0,".repeat(6_000_000));
    let unfinished = zeros[..zeros.len() - 1].to_owned();
    for text in [zeros, unfinished] {
        let failure = Document::read(text.as_bytes()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::DocumentTooLarge, "{}", failure.message);
        assert!(failure.message.contains("6000000 values"), "{}", failure.message);
    }
}

#[test]
fn honest_yaml_is_read() {
    let aliases = |count: usize| format!("a: &a {{x: [1, 2, 3]}}\nb: [{}]", vec!["*a"; count].join(", "));
    let members: String = (0..200).map(|number| format!("  k{number}: '{}'\n", "x".repeat(120))).collect();
    let merges: String = (0..300).map(|number| format!("o{number}:\n  <<: *base\n  own: 1\n")).collect();
    let table = [
        aliases(150),
        aliases(20_000),
        format!("a:\n{}  b: 1\n", "  # a comment\n".repeat(33)),
        format!("a:\n{}  - 1\n", "# a comment\n".repeat(10_000)),
        "null: 1\n~: 2\ntrue: 3\n1.0: 4\n".to_owned(),
        format!("base: &base\n{members}{merges}"),
    ];
    for text in table {
        let read = Document::read(text.as_bytes());
        assert!(read.is_ok(), "{}: {:?}", &text[..40.min(text.len())], read.unwrap_err());
    }
}

#[test]
fn a_yaml_bomb_fails_fast_and_says_so() {
    let base: String = (0..5_000).map(|number| format!("  k{number}: 1\n")).collect();
    let merges: String = (0..1_000).map(|number| format!("o{number}:\n  <<: *base\n")).collect();
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), vec!["*a"; 100_000].join(","));
    let many = format!("base: &base\n{base}b:\n  <<: [{}]\n", vec!["*base"; 1_000].join(", "));
    for text in [format!("base: &base\n{base}{merges}"), many, long, "a: &a [*a]".to_owned()] {
        let failure = Document::read(text.as_bytes()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::DocumentUnreadable);
        assert!(failure.message.len() < 1_000, "{}", failure.message);
    }
}

/// A chain of bases, each the heir of the one before, and a ring of them.
#[test]
fn heirs_without_end_are_looked_at_for_a_while() {
    let reference = |number: usize| json!({"$ref": format!("#/components/schemas/S{number}")});
    for ring in [false, true] {
        let schemas: Map<String, Value> = (0..5_000)
            .map(|number| {
                let base = if number == 0 && !ring { json!({}) } else { reference((number + 4_999) % 5_000) };
                let schema = json!({"allOf": [base, {"properties": {"k": {"type": "string"}}}],
                    "discriminator": {"propertyName": "k"}});
                (format!("S{number}"), schema)
            })
            .collect();
        let body = json!({"content": {"application/json": {"schema": reference(4_999)}}});
        let mut document =
            document(json!({"/a": {"post": {"requestBody": body, "responses": {"200": body}}}}));
        document["components"] = json!({"schemas": schemas});
        let began = std::time::Instant::now();
        assert_eq!(import(&document).tools.len(), 1);
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
