//! Google Discovery documents, and how their methods are called.

use std::sync::{Arc, LazyLock};

use executor_core::tool::{Placement, SideEffect, SourceKind, Tool};
use executor_core::{ErrorCode, ToolError};
use executor_sources::{Call, Document, Import, ImportOptions, Kind, Plan};
use serde_json::{Value, json};

use crate::support::{arguments, body_bytes, client, google_discovery, input, kinds, options, path};

fn import(document: &Value) -> Import {
    google_discovery().import(&Document::read(document.to_string().as_bytes()).unwrap(), &options()).unwrap()
}

fn service(name: &str, methods: Value) -> Value {
    json!({
        "kind": "discovery#restDescription", "name": name, "version": "v1", "title": format!("{name} API"),
        "rootUrl": format!("https://{name}.test/"), "servicePath": "base/",
        "parameters": {
            "alt": {"type": "string", "location": "query", "enum": ["json", "media", "proto"], "default": "json"},
            "fields": {"type": "string", "location": "query"},
            "key": {"type": "string", "location": "query"},
            "prettyPrint": {"type": "boolean", "location": "query"},
        },
        "auth": {"oauth2": {"scopes": {"https://www.googleapis.com/auth/all": {"description": "Everything"}}}},
        "schemas": {
            "Thing": {"id": "Thing", "type": "object", "properties": {
                "id": {"type": "string", "readOnly": true},
                "name": {"type": "string", "annotations": {"required": ["test.things.insert"]}},
                "size": {"type": "string", "format": "int64"},
                "parent": {"$ref": "Thing"},
                "extra": {"type": "any"},
            }},
            "Open": {"id": "Open", "type": "object", "additionalProperties": {"type": "string"}},
            "Nothing": {"id": "Nothing", "type": "object", "properties": {}},
            "Circle": {"$ref": "Circle"},
        },
        "resources": {"things": {"methods": methods}},
    })
}

fn method(http_method: &str, path: &str, more: Value) -> Value {
    let mut method = json!({"id": "test.things.insert", "httpMethod": http_method, "path": path});
    method.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    method
}

/// The tool of a service with that method alone.
fn tool(method: Value) -> Tool {
    let import = import(&service("test", json!({ "insert": method })));
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    import.tools.into_iter().next().unwrap()
}

fn plan_at(base_url: &str, tool: &Tool, given: Value) -> Result<Plan, ToolError> {
    let (path, arguments) = (path(), arguments(given));
    let operation = &tool.operation;
    google_discovery().plan(&Call {
        path: &path,
        operation,
        base_url,
        context: None,
        arguments: &arguments,
        cursor: None,
    })
}

fn plan(tool: &Tool, given: Value) -> Result<Plan, ToolError> {
    plan_at("https://test.test/base", tool, given)
}

fn fields() -> Value {
    let description =
        "Which members the answer has, as `nextPageToken,items(id,name)`; all of them if not given.";
    json!({"type": "string", "description": description})
}

fn body(plan: &Plan) -> String {
    String::from_utf8(body_bytes(plan.body.as_ref().unwrap()).to_vec()).unwrap()
}

#[test]
fn a_resource_name_fills_its_place_and_reaches_no_other_method() {
    let named = |pattern: Value| {
        let name = json!({"type": "string", "location": "path", "required": true, "pattern": pattern});
        tool(method("DELETE", "v1/{+name}:purge", json!({"parameters": {"name": name}})))
    };
    let topic = named(json!("^projects/[^/]+/topics/[^/]+$"));
    let table = [
        ("projects/p/topics/t", "projects/p/topics/t"),
        ("projects/p?x=y/topics/t#z", "projects/p%3Fx%3Dy/topics/t%23z"),
        ("projects/a b/topics/%2e%2e", "projects/a%20b/topics/%252e%252e"),
        ("projects/é/topics/t:x", "projects/%C3%A9/topics/t%3Ax"),
    ];
    for (name, expected) in table {
        let plan = plan(&topic, json!({ "name": name })).unwrap();
        assert_eq!(plan.url.as_str(), format!("https://test.test/base/v1/{expected}:purge"));
        assert_eq!((plan.route.as_str(), plan.body.is_none()), ("DELETE /v1/{name}:purge", true));
    }
    for name in [
        json!("projects/p"),
        json!("projects/p/topics/t/x"),
        json!("projects/../topics/t"),
        json!("projects/p/topics/"),
        json!("/projects/p/topics/t"),
        json!("projects/./topics/t"),
        json!("folders/p/topics/t"),
        json!(""),
        json!(null),
        json!(["projects/p/topics/t"]),
    ] {
        let error = plan(&topic, json!({ "name": name })).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArguments, "{name}");
    }
    let message = plan(&topic, json!({"name": "projects/p"})).unwrap_err().message;
    assert_eq!(message, "`name` has to look like `projects/*/topics/*`.");

    let free = named(json!(null));
    assert_eq!(plan(&free, json!({"name": "a/b/c"})).unwrap().url.path(), "/base/v1/a/b/c:purge");
    for name in ["a//b", "..", "a/../b", "a/", "../../x"] {
        assert!(plan(&free, json!({ "name": name })).is_err(), "{name}");
    }
}

/// A tool that takes the name of a project in its path.
static PROJECT: LazyLock<(Arc<dyn Kind>, Tool)> = LazyLock::new(|| {
    let name = json!({"type": "string", "location": "path", "required": true, "pattern": "^projects/[^/]+$"});
    (google_discovery(), tool(method("GET", "v1/{+name}/x", json!({"parameters": {"name": name}}))))
});

proptest::proptest! {
    #[test]
    fn any_name_keeps_the_route_or_is_refused(name in ".*") {
        let (kind, tool) = &*PROJECT;
        let (path, base_url, operation) = (path(), "https://test.test/base", &tool.operation);
        for name in [name.clone(), format!("projects/{name}")] {
            let arguments = arguments(json!({ "name": name }));
            let call = Call { path: &path, operation, base_url, context: None, arguments: &arguments, cursor: None };
            if let Ok(plan) = kind.plan(&call) {
                let parts: Vec<_> = plan.url.path_segments().unwrap().collect();
                proptest::prop_assert_eq!(parts.len(), 5);
                proptest::prop_assert_eq!((parts[1], parts[2], parts[4]), ("v1", "projects", "x"));
                proptest::prop_assert_eq!((plan.url.query(), plan.url.fragment()), (None, None));
            }
        }
    }
}

#[test]
fn queries_are_repeated_and_most_common_ones_are_hidden() {
    let parameters = json!({
        "ids": {"type": "string", "format": "int64", "repeated": true, "location": "query", "required": true},
        "max": {"type": "integer", "location": "query", "default": "10", "minimum": "1", "maximum": "50"},
        "id": {"type": "string", "location": "path", "required": true},
        "key": {"type": "string", "location": "query"},
    });
    let tool = tool(method("GET", "things/{id}", json!({"parameters": parameters})));
    let expected = json!({
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "ids": {"type": "array", "items": {"type": "string", "format": "int64"}},
            "max": {"type": "integer", "default": 10, "minimum": 1, "maximum": 50},
            "fields": fields(),
        },
        "required": ["id", "ids"],
        "additionalProperties": false,
    });
    assert_eq!(input(&tool), expected);
    assert_eq!(tool.side_effect, SideEffect::None);
    let plan = plan(&tool, json!({"id": "a/b", "ids": ["1", "2&3"], "max": 5, "fields": "a(b)"})).unwrap();
    assert_eq!(
        plan.url.as_str(),
        "https://test.test/base/things/a%2Fb?ids=1&ids=2%263&max=5&fields=a%28b%29"
    );
}

#[test]
fn a_closed_body_is_flattened_and_an_empty_one_takes_no_argument() {
    let with = |schema: &str| tool(method("POST", "things", json!({"request": {"$ref": schema}})));
    let thing = with("Thing");
    let schema = input(&thing);
    let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["name", "size", "parent", "extra", "fields"]);
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(schema["properties"]["parent"], json!({"$ref": "#/$defs/Thing"}));
    assert_eq!(schema["properties"]["extra"], json!({}));
    assert_eq!(body(&plan(&thing, json!({"name": "n", "fields": "x"})).unwrap()), r#"{"name":"n"}"#);
    assert_eq!(thing.side_effect, SideEffect::Write);

    let nothing = with("Nothing");
    assert_eq!(input(&nothing)["properties"].as_object().unwrap().len(), 1);
    assert_eq!(body(&plan(&nothing, json!({})).unwrap()), "{}");

    for (open, schema) in
        [("Open", json!({"$ref": "#/$defs/Open"})), ("Circle", json!({})), ("Missing", json!({}))]
    {
        let tool = with(open);
        assert_eq!(input(&tool)["properties"]["body"], schema, "{open}");
        assert_eq!(body(&plan(&tool, json!({"body": {"a": "b"}})).unwrap()), r#"{"a":"b"}"#);
    }
}

#[test]
fn schemas_are_those_of_today() {
    let mut document =
        service("test", json!({"get": method("GET", "x", json!({"response": {"$ref": "Modern"}}))}));
    document["schemas"] = json!({"Modern": {"id": "Modern", "type": "object", "properties": {
        "kind": {"type": "string", "enum": ["A", "B"], "enumDescriptions": ["The first.", ""], "description": "What."},
        "on": {"type": "boolean", "default": "true", "required": true},
        "odd": {"type": "integer", "default": "x", "minimum": "y"},
        "list": {"type": "array", "items": {"$ref": "Modern"}},
        "map": {"type": "object", "additionalProperties": {"type": "number", "format": "double"}},
        "gone": {"$ref": "Gone", "description": "Nowhere."},
    }}});
    let import = import(&document);
    assert_eq!(import.tools[0].output.as_ref().unwrap().as_str(), r##"{"$ref":"#/$defs/Modern"}"##);
    let schemas: Vec<_> = import.schemas.iter().map(|one| (one.name.as_str(), one.schema.as_str())).collect();
    let expected = json!({"type": "object", "properties": {
        "kind": {"type": "string", "enum": ["A", "B"], "description": "What.\n- `A`: The first."},
        "on": {"type": "boolean", "default": true},
        "odd": {"type": "integer"},
        "list": {"type": "array", "items": {"$ref": "#/$defs/Modern"}},
        "map": {"type": "object", "additionalProperties": {"type": "number", "format": "double"}},
        "gone": {"description": "Nowhere."},
    }, "required": ["on"]});
    assert_eq!(schemas, [("Modern", expected.to_string().as_str())]);
}

#[test]
fn a_file_is_sent_where_files_go() {
    let media = json!({"accept": ["image/png"], "protocols": {"simple": {"path": "/upload/base/things/{id}", "multipart": true}}});
    let parameters = json!({"id": {"type": "string", "location": "path", "required": true}});
    let mut more = json!({"parameters": parameters, "supportsMediaUpload": true, "mediaUpload": media});
    let alone = tool(method("POST", "things/{id}", more.clone()));
    more["request"] = json!({"$ref": "Thing"});
    let related = tool(method("POST", "things/{id}", more));

    let file = json!({"name": "a.png", "mimeType": "image/png", "base64": "AAH/\n"});
    let sent = plan(&alone, json!({"id": "1", "fields": "id", "media": file})).unwrap();
    assert_eq!(sent.url.as_str(), "https://test.test/upload/base/things/1?fields=id&uploadType=media");
    let content = sent.body.unwrap();
    assert_eq!((content.content_type.as_str(), &body_bytes(&content)[..]), ("image/png", &[0, 1, 255][..]));

    let given = json!({"id": "1", "name": "n", "media": {"text": "hello"}});
    let sent = plan(&related, given.clone()).unwrap();
    assert_eq!(sent.url.as_str(), "https://test.test/upload/base/things/1?uploadType=multipart");
    let border =
        sent.body.as_ref().unwrap().content_type.strip_prefix("multipart/related; boundary=").unwrap();
    let expected = format!(
        "--{border}\r\nContent-Type: application/json\r\n\r\n{{\"name\":\"n\"}}\r\n\
         --{border}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--{border}--\r\n"
    );
    assert_eq!(body(&sent), expected);
    assert_eq!(sent.digest(), plan(&related, given).unwrap().digest());

    let elsewhere = plan_at(
        "http://127.0.0.1:9/deep/base",
        &related,
        json!({"id": "1", "name": "n", "media": {"text": ""}}),
    );
    assert!(elsewhere.unwrap().url.as_str().starts_with("http://127.0.0.1:9/upload/base/things/1?"));
    let without = plan(&related, json!({"id": "1", "name": "n"})).unwrap();
    assert_eq!((without.url.path(), body(&without).as_str()), ("/base/things/1", r#"{"name":"n"}"#));

    for bad in [
        json!({"mimeType": "image/png", "base64": "?"}),
        json!({"mimeType": "image/png\r\nX: y", "text": ""}),
        json!({"text": "a", "base64": "AA=="}),
        json!({}),
        json!([]),
    ] {
        let error = plan(&related, json!({"id": "1", "name": "n", "media": bad})).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArguments, "{bad}");
    }
}

#[test]
fn a_file_can_be_asked_for_where_there_is_one() {
    let tool = tool(method("GET", "things/1", json!({"supportsMediaDownload": true})));
    assert_eq!(input(&tool)["properties"]["alt"]["enum"], json!(["json", "media"]));
    let plan = plan(&tool, json!({"alt": "media"})).unwrap();
    assert_eq!(plan.url.as_str(), "https://test.test/base/things/1?alt=media");
    assert_eq!(plan.headers, [("accept".to_owned(), "*/*".to_owned())]);
}

#[test]
fn who_may_call_is_told() {
    let scoped = json!({"scopes": ["https://www.googleapis.com/auth/all", "https://mail.google.com/"], "description": "Does."});
    let import = import(&service(
        "test",
        json!({"a": method("GET", "a", scoped), "b": method("GET", "b", json!({}))}),
    ));
    let placements = |tool: &Tool| {
        let credentials = plan(tool, json!({})).unwrap().credentials;
        let place = |set: Vec<executor_core::tool::CredentialSlot>| {
            set.into_iter().map(|slot| slot.placement).collect()
        };
        credentials.into_iter().map(place).collect::<Vec<Vec<Placement>>>()
    };
    let either = vec![vec![Placement::Bearer], vec![Placement::Query("key".to_owned())]];
    assert_eq!(placements(&import.tools[0]), either);
    assert_eq!(placements(&import.tools[1]), [either, vec![vec![]]].concat());
    assert_eq!(
        import.tools[0].description,
        "Does.\n\nOAuth scopes, any of: `all`, `https://mail.google.com/`."
    );
    assert_eq!(import.methods.len(), 2);
    assert!(import.methods[0].description.contains("- `https://www.googleapis.com/auth/all`: Everything"));
}

#[test]
fn a_bundle_is_one_source_with_a_server_each() {
    let one = |name: &str| {
        let mut get = method("GET", "things", json!({"response": {"$ref": "Thing"}}));
        get["id"] = json!(format!("{name}.things.list"));
        service(name, json!({ "list": get }))
    };
    let mut later = one("mail");
    later["version"] = json!("v2");
    for document in
        [json!([one("mail"), later, one("files")]), json!({"items": [one("mail"), later, one("files")]})]
    {
        let claimed = kinds().claim(document.to_string().as_bytes(), None).unwrap();
        assert_eq!(claimed.kind.kind(), SourceKind::GoogleDiscovery);
        assert_eq!((claimed.detection.operations, claimed.detection.suggested_name.as_str()), (3, "google"));
        let import = import(&document);
        let names: Vec<_> = import.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["mail_v1.things.list", "mail_v2.things.list", "files.things.list"]);
        let at = |tool: &Tool| plan_at(&import.base_url, tool, json!({})).unwrap().url.to_string();
        assert_eq!(at(&import.tools[0]), "https://mail.test/base/things");
        assert_eq!(at(&import.tools[2]), "https://files.test/base/things");
        let schemas: Vec<_> = import.schemas.iter().map(|schema| schema.name.as_str()).collect();
        assert_eq!(schemas, ["files_Thing", "mail_v1_Thing", "mail_v2_Thing"]);
        let options = ImportOptions { base_url: Some("http://127.0.0.1:9/"), ..options() };
        let read = Document::read(document.to_string().as_bytes()).unwrap();
        let import = google_discovery().import(&read, &options).unwrap();
        assert_eq!(
            plan_at(&import.base_url, &import.tools[2], json!({})).unwrap().origin(),
            "http://127.0.0.1:9"
        );
    }
}

#[test]
fn a_method_that_cannot_be_called_is_skipped_alone() {
    let document = service(
        "test",
        json!({
            "good": method("GET", "a", json!({})),
            "brace": method("GET", "a/{b", json!({})),
            "other": method("GET", "a/{?b}", json!({})),
            "odd": method("CONNECT", "a", json!({})),
            "nowhere": {"httpMethod": "GET"},
            "none": 7,
        }),
    );
    let import = import(&document);
    assert_eq!((import.tools.len(), import.skipped.len()), (1, 5), "{:?}", import.skipped);
    let read = |document: Value| Document::read(document.to_string().as_bytes()).unwrap();
    let refusal = |document| google_discovery().import(&read(document), &options()).unwrap_err().code;
    assert_eq!(refusal(json!({"openapi": "3.1.0"})), ErrorCode::DocumentUnsupported);
    assert_eq!(refusal(service("test", json!({}))), ErrorCode::NoOperations);
    let mut nowhere = service("test", json!({"a": method("GET", "a", json!({}))}));
    nowhere["rootUrl"] = json!("/relative");
    assert_eq!(refusal(nowhere), ErrorCode::BaseUrlRequired);
}

#[test]
fn what_repeats_itself_is_bounded() {
    const MANY: usize = 2_500;
    let large = "x".repeat(20_000);
    let mut document = service("test", json!({}));
    document["schemas"]["Thing"]["properties"]["name"]["description"] = json!(large);
    let post = method("POST", "things", json!({"request": {"$ref": "Thing"}}));
    let methods: Value =
        (0..MANY).map(|number| (number.to_string(), post.clone())).collect::<serde_json::Map<_, _>>().into();
    document["resources"]["things"]["methods"] = methods;
    let imported = import(&document);
    let written: usize = imported.tools.iter().map(|tool| tool.input.as_str().len()).sum();
    assert_eq!(imported.tools.len(), MANY);
    assert!(written < 34 << 20, "{written}");
    let last = &input(&imported.tools[MANY - 1])["properties"];
    assert_eq!(last["body"], json!({"$ref": "#/$defs/Thing"}));

    let one = json!({"kind": "discovery#restDescription", "name": "a", "rootUrl": "https://a.test", "methods": {"b": {"httpMethod": "GET", "path": "b"}}});
    let bundle = import(&json!(vec![one; MANY]));
    let names: std::collections::HashSet<_> = bundle.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names.len(), MANY);

    let braces = method("GET", &"{a}".repeat(MANY), json!({}));
    let document = service("test", json!({"braces": braces, "good": method("GET", "a", json!({}))}));
    assert_eq!(import(&document).skipped.len(), 1);
}

#[tokio::test]
async fn a_call_goes_over_the_wire() {
    use axum::routing::post;
    let app = axum::Router::new().route(
        "/upload/{*rest}",
        post(|request: axum::extract::Request| async move {
            let content_type = request.headers()["content-type"].to_str().unwrap().to_owned();
            let authorized = request.headers().contains_key("authorization");
            let query = request.uri().query().unwrap_or_default().to_owned();
            axum::Json(json!({"query": query, "related": content_type.starts_with("multipart/related"), "authorized": authorized}))
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/base", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let media = json!({"protocols": {"simple": {"path": "/upload/base/things"}}});
    let more = json!({"supportsMediaUpload": true, "mediaUpload": media, "request": {"$ref": "Thing"}});
    let tool = tool(method("POST", "things", more));
    let path = path();
    let sending = executor_sources::Sending {
        files: executor_sources::Files::new(),
        path: &path,
        plan: plan_at(&base_url, &tool, json!({"name": "n", "media": {"text": "x"}})).unwrap(),
        side_effect: tool.side_effect,
        kept_for: None,
        injection: None,
        timeout: std::time::Duration::from_secs(5),
        answers: None,
        attendant: &executor_sources::Unattended,
    };
    let kinds = executor_sources::Kinds::new(&client());
    let performed = kinds.get(SourceKind::GoogleDiscovery).unwrap().perform(sending).await;
    let executor_sources::Performed::Completed(answer) = performed else { panic!("{performed:?}") };
    let executor_sources::Payload::Json(payload) = answer.payload else { panic!("no JSON") };
    assert_eq!(payload.as_str(), r#"{"query":"uploadType=multipart","related":true,"authorized":false}"#);
    server.abort();
}
