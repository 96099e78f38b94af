//! What a server lists, as tools.

use executor_core::ErrorCode;
use executor_core::tool::{SideEffect, Tool};
use executor_sources::Document;
use serde_json::{Value, json};

use super::{document, import_at, mcp, plan};
use crate::support::{body_bytes, kinds};

const ADDRESS: &str = "https://mcp.test/mcp?tenant=1";

fn import(lists: Value) -> Vec<Tool> {
    let import = import_at(&document(lists), ADDRESS, false).unwrap();
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    import.tools
}

fn named(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name, "inputSchema": { "type": "object" } })).collect()
}

#[test]
fn names_are_kept_where_they_can_be_and_are_unique_when_folded() {
    let own = [
        "get_file_contents",
        "get-file-contents",
        "list files",
        "repo/list-files",
        "issues.list",
        "search",
        "2fa",
        "日本語",
        "prompts.greet",
        "resources/read",
    ];
    let tools = import(json!({
        "tools": named(&own),
        "prompts": [{ "name": "greet" }],
        "resources": [{ "uri": "a://b" }],
    }));
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(
        names[..8],
        [
            "get_file_contents2",
            "getFileContents",
            "listFiles",
            "repo.listFiles",
            "issues.list",
            "search_",
            "_2fa",
            "tool_77710aed",
        ]
    );
    assert_eq!(
        names[8..],
        ["prompts.greet2", "resources.read2", "prompts.greet", "resources.list", "resources.read"]
    );
}

#[test]
fn effects_are_believed_of_trusted_sources_only() {
    let hints = [
        (json!({ "readOnlyHint": true }), SideEffect::None),
        (json!({ "idempotentHint": true }), SideEffect::Idempotent),
        (json!({ "readOnlyHint": false, "destructiveHint": false }), SideEffect::Write),
        (json!({ "readOnlyHint": "yes" }), SideEffect::Write),
        (Value::Null, SideEffect::Write),
    ];
    for (annotations, expected) in hints {
        let listed = document(json!({ "tools": [
            { "name": "t", "inputSchema": { "type": "object" }, "annotations": annotations },
        ] }));
        for (trusted, expected) in [(true, expected), (false, SideEffect::Write)] {
            let import = import_at(&listed, ADDRESS, trusted).unwrap();
            assert_eq!(import.tools[0].side_effect, expected, "{annotations} {trusted}");
        }
    }
}

#[test]
fn schemas_stand_alone_and_refer_to_schemas_of_the_source() {
    let schema = |what: &str| {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": { "pet": { "$ref": "#/$defs/Pet" }, "n": { "type": "integer", "x-unknown": 1 } },
            "required": ["pet"],
            "$defs": {
                "Pet": { "type": "object", "properties": { "name": { "const": what }, "next": { "$ref": "#/$defs/Pet" } } },
            },
        })
    };
    let listed = document(json!({ "tools": [
        { "name": "a", "inputSchema": schema("a"), "outputSchema": { "type": "object", "properties": { "x": { "$ref": "#/definitions/X" } }, "definitions": { "X": { "type": "string" } } } },
        { "name": "b", "inputSchema": schema("b") },
        { "name": "c", "inputSchema": { "type": "object", "properties": {}, "additionalProperties": true } },
        { "name": "d", "inputSchema": { "anyOf": [{ "$ref": "#/nowhere" }, { "$ref": "https://elsewhere.test/x" }] } },
        { "name": "e" },
    ] }));
    let import = import_at(&listed, ADDRESS, false).unwrap();
    let input = |number: usize| import.tools[number].input.read::<Value>().unwrap();
    let expected = |pet: &str| {
        json!({
            "type": "object",
            "properties": { "pet": { "$ref": format!("#/$defs/{pet}") }, "n": { "type": "integer" } },
            "required": ["pet"],
            "additionalProperties": false,
        })
    };
    assert_eq!(input(0), expected("Pet"));
    assert_eq!(input(1), expected("Pet_2"));
    assert_eq!(input(2), json!({ "type": "object", "properties": {}, "additionalProperties": true }));
    assert_eq!(input(3), json!({ "type": "object", "anyOf": [{}, {}] }));
    assert_eq!(input(4), json!({ "type": "object" }));
    let output: Value = import.tools[0].output.as_ref().unwrap().read().unwrap();
    assert_eq!(output, json!({ "type": "object", "properties": { "x": { "$ref": "#/$defs/X" } } }));
    let shared: Vec<_> =
        import.schemas.iter().map(|one| (one.name.as_str(), one.schema.read::<Value>().unwrap())).collect();
    let pet = |what: &str, own: &str| json!({ "type": "object", "properties": { "name": { "const": what }, "next": { "$ref": format!("#/$defs/{own}") } } });
    assert_eq!(
        shared,
        [("Pet", pet("a", "Pet")), ("Pet_2", pet("b", "Pet_2")), ("X", json!({ "type": "string" }))]
    );
}

#[test]
fn prompts_and_resources_are_read_as_tools() {
    let many: Vec<_> = (0..60)
        .map(|number| json!({ "uri": format!("a://{number}"), "name": "n", "description": "d" }))
        .collect();
    let tools = import(json!({
        "prompts": [{ "name": "greet", "description": "Says hello. And more.", "arguments": [
            { "name": "who", "description": "Whom", "required": true }, { "name": "how" },
        ] }],
        "resources": many,
        "resourceTemplates": [{ "uriTemplate": "a://{x}", "name": "t", "title": "T" }],
    }));
    let [greet, list, read] = &tools[..] else { panic!("{tools:?}") };
    assert!(tools.iter().all(|tool| tool.side_effect == SideEffect::None));
    assert_eq!(greet.summary, "Says hello.");
    assert_eq!(
        greet.input.read::<Value>().unwrap(),
        json!({
            "type": "object",
            "properties": { "who": { "type": "string", "description": "Whom" }, "how": { "type": "string" } },
            "required": ["who"],
            "additionalProperties": false,
        })
    );
    assert!(read.description.contains("- `a://49` n: d\n- and 10 more"), "{}", read.description);
    assert!(read.description.ends_with("- `a://{x}` T"), "{}", read.description);
    let bodies = [
        (greet, json!({ "who": "me" }), "prompts/get greet", r#"{"name":"greet","arguments":{"who":"me"}}"#),
        (list, json!({}), "resources/list", "{}"),
        (read, json!({ "uri": "a://1" }), "resources/read", r#"{"uri":"a://1"}"#),
    ];
    for (tool, given, route, body) in bodies {
        let plan = plan(tool, ADDRESS, given).unwrap();
        assert_eq!((plan.route.as_str(), &body_bytes(&plan.body.unwrap())[..]), (route, body.as_bytes()));
    }
}

#[test]
fn a_plan_is_the_parameters_and_goes_to_the_address() {
    let tool = import(json!({ "tools": named(&["repo/list files"]) })).remove(0);
    let planned = plan(&tool, ADDRESS, json!({ "_meta": 1, "b": { "c": 2 } })).unwrap();
    assert_eq!(planned.url.as_str(), ADDRESS);
    assert_eq!((planned.method.as_str(), planned.origin().as_str()), ("POST", "https://mcp.test"));
    let body = String::from_utf8(body_bytes(planned.body.as_ref().unwrap()).to_vec()).unwrap();
    assert_eq!(body, r#"{"name":"repo/list files","arguments":{"_meta":1,"b":{"c":2}}}"#);
    assert_eq!(planned.credentials.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
    let kinds = kinds();
    let reach = mcp(&kinds).reach(&tool.operation, ADDRESS).unwrap();
    assert_eq!(
        (reach.path.as_str(), reach.origin.as_str()),
        ("/mcp tools/call repo/list files", "https://mcp.test")
    );

    let command = r#"stdio:npx -y "a b" --x=%41?#é"#;
    let planned = plan(&tool, command, json!({})).unwrap();
    assert_eq!(planned.origin(), planned.url.as_str());
    assert!(planned.origin().starts_with(r#"stdio:npx -y "a b" --x="#), "{}", planned.origin());
    assert!(planned.credentials.is_empty());
    let reach = mcp(&kinds).reach(&tool.operation, command).unwrap();
    assert_eq!((reach.path.as_str(), reach.origin), ("tools/call repo/list files", planned.origin()));
    assert_ne!(plan(&tool, "stdio:npx other", json!({})).unwrap().origin(), planned.origin());

    let listed = document(json!({ "tools": named(&["a"]) }));
    let table = [
        (" https://MCP.test ", "https://mcp.test/"),
        ("stdio: /opt/a/../b  'c d' /e/../f?%41#é", "stdio:/opt/a/../b  'c d' /e/../f?%41#é"),
        ("stdio:KEY= //a", "stdio:KEY= //a"),
    ];
    for (address, normal) in table {
        let import = import_at(&listed, address, false).unwrap();
        assert_eq!(import.base_url, normal);
        let again = import_at(&listed, normal, false).unwrap();
        assert_eq!(again.base_url, normal);
        let planned = |address| plan(&import.tools[0], address, json!({})).unwrap();
        assert_eq!(planned(address), planned(normal));
    }
}

#[test]
fn what_cannot_be_a_tool_is_skipped_with_its_reason() {
    let listed = document(json!({ "tools": [
        { "name": "good", "inputSchema": { "type": "object" } },
        { "inputSchema": { "type": "object" } },
        { "name": "text", "inputSchema": "text" },
        { "name": "task", "inputSchema": { "type": "object" }, "execution": { "taskSupport": "required" } },
        { "name": "header", "inputSchema": { "properties": { "a": { "x-mcp-header": "not a name" } } } },
        { "name": "twice", "inputSchema": { "properties": { "a": { "x-mcp-header": "X" }, "b": { "x-mcp-header": "x" } } } },
        "what",
    ] }));
    let import = import_at(&listed, ADDRESS, false).unwrap();
    let skipped: Vec<_> =
        import.skipped.iter().map(|one| (one.operation.as_str(), one.reason.as_str())).collect();
    assert_eq!(
        skipped,
        [
            ("tools/call ", "It has no name."),
            ("tools/call text", "Its input schema is no object."),
            ("tools/call task", "It can only be called as a task of MCP, which is not supported."),
            ("tools/call header", "It wants `a` in a header that cannot be."),
            ("tools/call twice", "It wants `b` in a header that cannot be."),
            ("tools/call ", "It has no name."),
        ]
    );
    assert_eq!(import.tools.len(), 1);
}

#[test]
fn a_document_of_another_kind_is_refused() {
    let table = [
        (json!({ "openapi": "3.1.0" }), ErrorCode::DocumentUnsupported),
        (document(json!({})), ErrorCode::NoOperations),
        (document(json!({ "tools": [1] })), ErrorCode::NoOperations),
    ];
    for (listed, code) in table {
        assert_eq!(import_at(&listed, ADDRESS, false).unwrap_err().code, code, "{listed}");
    }
    let good = document(json!({ "tools": named(&["a"]) }));
    let failure = import_at(&good, "not an address", false).unwrap_err();
    assert_eq!(failure.code, ErrorCode::BaseUrlRequired);
    let kinds = kinds();
    assert!(mcp(&kinds).detect(&Document::read(b"{\"mcp\": 1, \"tools\": []}").unwrap()).is_none());
}

#[test]
fn arguments_are_repeated_in_headers_where_the_server_wants_them() {
    let tool = import(json!({ "tools": [{ "name": "t", "inputSchema": { "properties": {
        "text": { "type": "string", "x-mcp-header": "Text" },
        "deep": { "properties": { "count": { "x-mcp-header": "Count" } } },
    } } }] }))
    .remove(0);
    let table = [
        (json!({}), vec![]),
        (json!({ "text": "plain words", "deep": { "count": 7 } }), vec!["Text: plain words", "Count: 7"]),
        (json!({ "text": "é", "deep": { "count": true } }), vec!["Text: =?base64?w6k=?=", "Count: true"]),
        (json!({ "text": " a", "deep": { "count": [] } }), vec!["Text: =?base64?IGE=?="]),
        (json!({ "text": "a\r\nHost: b" }), vec!["Text: =?base64?YQ0KSG9zdDogYg==?="]),
        (json!({ "text": "=?base64?YQ==?=" }), vec!["Text: =?base64?PT9iYXNlNjQ/WVE9PT89?="]),
    ];
    for (given, expected) in table {
        let headers = plan(&tool, ADDRESS, given.clone()).unwrap().headers;
        let expected: Vec<_> = expected
            .into_iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (format!("mcp-param-{}", name.to_lowercase()), value.to_owned()))
            .collect();
        assert_eq!(headers, expected, "{given}");
    }
}
