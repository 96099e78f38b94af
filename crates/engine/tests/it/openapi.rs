//! What OpenAPI documents say beside the types, from the document to what arrives.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use executor_core::ErrorCode;
use executor_core::task::TaskStatus;
use serde_json::{Value, json};

use crate::support::TestEngine;

/// The path and the body of each request.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

async fn answer(State(seen): State<Seen>, request: Request) -> axum::Json<Value> {
    let path = request.uri().path().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    seen.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap_or_default()));
    axum::Json(json!({}))
}

async fn mock() -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, seen)
}

/// An engine with an API of these paths and schemas, whose tools may all be called.
async fn with_api(paths: Value, schemas: Value) -> (TestEngine, Seen) {
    let (engine, (address, seen)) = (TestEngine::new().await, mock().await);
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "Api", "version": "1" },
        "servers": [{ "url": format!("http://{address}") }],
        "paths": paths, "components": { "schemas": schemas },
    });
    engine.add_source(json!({ "name": "api", "document": document.to_string() })).await.unwrap();
    engine.allow("api.*").await;
    (engine, seen)
}

fn post(id: &str, schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "post": {
        "operationId": id, "requestBody": { "required": true, "content": content },
        "responses": { "200": { "description": "", "content": content } },
    } })
}

async fn describe(engine: &TestEngine, tool: &str) -> String {
    let described = engine.run(&format!("return await tools.describe('{tool}')")).await;
    described.result.unwrap().read().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_go_one_way_are_not_seen_on_the_other() {
    let paths = json!({ "/orders": post("order", &json!({ "$ref": "#/components/schemas/Order" })) });
    let (engine, seen) = with_api(
        paths,
        json!({
            "Order": { "type": "object", "required": ["id", "lines"], "properties": {
                "id": { "type": "string", "readOnly": true }, "note": { "type": "string" },
                "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                "place": { "$ref": "#/components/schemas/Place" } } },
            "Line": {
                "allOf": [{ "$ref": "#/components/schemas/Numbered" }, {
                    "type": "object", "required": ["number", "item"],
                    "properties": { "item": { "type": "string" }, "pin": { "type": "string", "writeOnly": true },
                        "total": { "$ref": "#/components/schemas/Total" } } }],
            },
            "Numbered": { "type": "object", "required": ["number"],
                "properties": { "number": { "type": "integer", "readOnly": true } } },
            "Total": { "type": "integer", "readOnly": true },
            "Place": { "type": "object", "properties": { "city": { "type": "string" } } },
        }),
    )
    .await;
    let text = describe(&engine, "api.order").await;
    let (arguments, result) = text.split_once("\ninterface Order {").expect(&text);
    let of = |name: &str| {
        let declared = ["interface", "type"].map(|kind| text.find(&format!("\n{kind} {name} ")));
        let start = declared.into_iter().flatten().next().unwrap_or_else(|| panic!("{name}: {text}"));
        let rest = &text[start..];
        &rest[..rest.find("\n\n").unwrap_or(rest.len())]
    };
    assert!(arguments.contains("lines: LineInput[];") && !arguments.contains("id"), "{text}");
    assert!(result.contains("id: string;") && result.contains("lines: Line[];"), "{text}");
    assert!(of("LineInput").contains("pin?: string;") && !of("LineInput").contains("total"), "{text}");
    assert!(of("Line").contains("total?: Total;") && !of("Line").contains("pin"), "{text}");
    assert!(!of("NumberedInput").contains("number") && of("Numbered").contains("number: number;"), "{text}");
    assert!(!text.contains("PlaceInput"), "what is the same both ways is declared once: {text}");

    let sent = engine
        .run("return await tools.api.order({ lines: [{ item: 'a', pin: '1' }], place: { city: 'x' } })");
    let sent = sent.await;
    assert_eq!(sent.summary.status, TaskStatus::Completed, "{:?}", sent.error);
    let expected = json!({ "lines": [{ "item": "a", "pin": "1" }], "place": { "city": "x" } });
    assert_eq!(seen.lock().unwrap().as_slice(), [("/orders".to_owned(), expected)]);
    let refused = engine.run("await tools.api.order({ id: 'x', lines: [] })").await.error.unwrap().failure;
    assert_eq!(refused.code, ErrorCode::InvalidArguments);
    assert!(refused.message.contains("`id` is not known"), "{}", refused.message);
}

/// The body of a tool whose argument is the whole of it.
async fn refusal(engine: &TestEngine, call: &str) -> String {
    let failure = engine.run(&format!("await {call}")).await.error.expect(call).failure;
    assert_eq!(failure.code, ErrorCode::InvalidArguments, "{call}: {failure:?}");
    failure.message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discriminator_chooses_the_arm() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let payment = json!({
        "oneOf": [reference("Card"), reference("Transfer")],
        "discriminator": { "propertyName": "type", "mapping": { "card": "#/components/schemas/Card" } },
    });
    let (engine, seen) = with_api(
        json!({ "/pay": post("pay", &json!({ "type": "object", "required": ["payment"],
            "properties": { "payment": reference("Payment") } })) }),
        json!({
            "Payment": payment,
            "Card": { "type": "object", "required": ["type", "number"], "additionalProperties": false,
                "properties": { "type": { "type": "string" }, "number": { "type": "string" } } },
            "Transfer": { "type": "object", "required": ["type", "iban", "bic", "name"], "properties": {
                "type": { "type": "string" }, "iban": { "type": "string" }, "bic": { "type": "string" },
                "name": { "type": "string" } } },
        }),
    )
    .await;
    let text = describe(&engine, "api.pay").await;
    assert!(text.contains("type Payment = Card & {\n  type: \"card\";\n} | Transfer & {"), "{text}");
    assert!(text.contains("type: \"Transfer\";"), "{text}");
    let table = [
        ("{ type: 'card', number: 1 }", "`payment.number` has to be a string"),
        ("{ type: 'Transfer', number: '1' }", "`payment.iban` is required"),
        ("{ type: 'cash' }", "`payment.type` has to be \"card\" | \"Transfer\", and is \"cash\""),
        ("{ number: '1' }", "`payment.type` is required"),
    ];
    for (payment, message) in table {
        let said = refusal(&engine, &format!("tools.api.pay({{ payment: {payment} }})")).await;
        assert!(said.contains(message), "{payment}: {said}");
    }
    let paid = engine.run("return await tools.api.pay({ payment: { type: 'card', number: '1' } })").await;
    assert_eq!(paid.summary.status, TaskStatus::Completed, "{:?}", paid.error);
    assert_eq!(seen.lock().unwrap()[0].1, json!({ "payment": { "type": "card", "number": "1" } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_heir_stands_for_its_base_and_has_its_own_value() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let heir = |base: &str, members: Value| json!({ "allOf": [reference(base), { "type": "object", "properties": members }] });
    let (engine, seen) = with_api(
        json!({ "/pets": post("adopt", &reference("Pet")), "/dogs": post("walk", &reference("Dog")) }),
        json!({
            "Pet": { "type": "object", "required": ["kind", "name"],
                "properties": { "kind": { "type": "string" }, "name": { "type": "string" } },
                "discriminator": { "propertyName": "kind",
                    "mapping": { "dog": "#/components/schemas/Dog", "tabby": "Tabby", "cat": "Cat" } } },
            "Cat": heir("Pet", json!({ "lives": { "type": "integer" } })),
            "Tabby": heir("Cat", json!({ "stripes": { "type": "integer" } })),
            "Dog": heir("Pet", json!({ "friend": reference("Pet") })),
        }),
    )
    .await;
    let text = describe(&engine, "api.adopt").await;
    assert!(text.contains("body: Pet;"), "{text}");
    for part in ["interface PetBase {", "kind: \"dog\";", "kind?: \"cat\" | \"tabby\";", "kind: \"tabby\";"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = describe(&engine, "api.walk").await;
    assert!(text.contains("kind: \"dog\";") && text.contains("friend?: Pet;"), "{text}");

    let table = [
        ("tools.api.adopt({ body: { kind: 'dog' } })", "`body.name` is required"),
        ("tools.api.adopt({ body: { kind: 'Pet', name: 'x' } })", "`body.kind` has to be "),
        ("tools.api.adopt({ body: { kind: 'tabby', name: 'x', stripes: 'y' } })", "`body.stripes` has to be"),
        ("tools.api.walk({ kind: 'cat', name: 'x' })", "`kind` has to be \"dog\""),
        (
            "tools.api.walk({ kind: 'dog', name: 'x', friend: { kind: 'cat', name: 'y', lives: '9' } })",
            "`friend.lives`",
        ),
    ];
    for (call, message) in table {
        let said = refusal(&engine, call).await;
        assert!(said.contains(message), "{call}: {said}");
    }
    let code = "await tools.api.adopt({ body: { kind: 'tabby', name: 'x', lives: 9, stripes: 3 } });
        await tools.api.walk({ kind: 'dog', name: 'y', friend: { kind: 'cat', name: 'z' } });";
    let task = engine.run(code).await;
    assert_eq!(task.summary.status, TaskStatus::Completed, "{:?}", task.error);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

/// An API that serves its own description, which a test can change.
async fn describing_api(document: impl FnOnce(SocketAddr) -> Value) -> (SocketAddr, Arc<Mutex<Value>>, Seen) {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let document = Arc::new(Mutex::new(document(address)));
    let shown = document.clone();
    let show = move || async move { axum::Json(shown.lock().unwrap().clone()) };
    let app = Router::new()
        .route("/docs/openapi.json", axum::routing::get(show))
        .fallback(answer)
        .with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, document, seen)
}

fn with_servers(address: SocketAddr) -> Value {
    let get = |id: &str| json!({ "operationId": id, "responses": { "200": { "description": "" } } });
    let stage = json!({ "default": "live", "enum": ["live", "test"], "description": "Which one." });
    let with = |mut operation: Value, url: Value| {
        operation["servers"] = json!([{ "url": url, "variables": { "stage": stage } }]);
        operation
    };
    json!({
        "openapi": "3.1.0", "info": { "title": "Stages", "version": "1" },
        "servers": [
            { "url": format!("http://{address}/plain"), "description": "The old one" },
            { "url": format!("http://{address}/{{tenant}}/{{stage}}"),
              "variables": { "stage": stage, "tenant": { "default": "us" } } },
        ],
        "paths": {
            "/a": { "get": get("a") },
            "/b": { "get": with(get("b"), "../files/{stage}".into()) },
            "/c": { "servers": [{ "url": "/absolute" }], "get": get("c") },
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_chosen_of_those_that_the_document_names() {
    let engine = TestEngine::new().await;
    let (address, document, seen) = describing_api(with_servers).await;
    let url = format!("http://{address}/docs/openapi.json");
    let found = engine.workspace.detect_source(&url).await.unwrap();
    assert_eq!(found.servers.len(), 2);
    let stage = found.servers[1].variables.iter().find(|variable| variable.name == "stage").unwrap();
    assert_eq!(
        (stage.default.as_deref(), stage.values.as_slice()),
        (Some("live"), &["live".to_owned(), "test".to_owned()][..])
    );

    let add = async |name: &str, more: Value| {
        let mut source = json!({ "name": name, "url": url, "kind": "openapi" });
        source.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        engine.add_source(source).await
    };
    let table = [
        (json!({ "server": "2" }), "no server `2`", "1 (`http://"),
        (json!({ "server": "https://elsewhere.test" }), "no server", "0 (`http://"),
        (json!({ "server": "1", "serverVariables": { "stage": "dev" } }), "cannot be `dev`", "live, test"),
        (json!({ "server": "1", "serverVariables": { "region": "x" } }), "no variable `region`", "tenant"),
        (json!({ "server": "1", "baseUrl": "https://a.test" }), "either", "address of its own"),
    ];
    for (more, message, hint) in table {
        let failure = add("bad", more.clone()).await.expect_err(&more.to_string());
        assert_eq!(failure.code, ErrorCode::InvalidRequest, "{more}");
        assert!(failure.message.contains(message) && failure.hint.contains(hint), "{more}: {failure:?}");
    }

    let paths = async |name: &str| {
        seen.lock().unwrap().clear();
        let code = format!("for (const one of ['a', 'b', 'c']) await tools.{name}[one]()");
        let task = engine.run(&code).await;
        assert_eq!(task.summary.status, TaskStatus::Completed, "{:?}", task.error);
        seen.lock().unwrap().iter().map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    add("first", json!({})).await.unwrap();
    assert_eq!(paths("first").await, ["/plain/a", "/files/live/b", "/absolute/c"]);
    let chosen = json!({ "server": "1", "serverVariables": { "stage": "test", "tenant": "eu" } });
    let source = add("second", chosen).await.unwrap();
    assert_eq!(source.server, Some(format!("http://{address}/{{tenant}}/{{stage}}")));
    assert_eq!((source.servers.len(), source.server_variables.len()), (2, 2));
    assert_eq!(paths("second").await, ["/eu/test/a", "/files/test/b", "/absolute/c"]);
    let by_url = add("third", json!({ "server": format!("http://{address}/plain") })).await.unwrap();
    assert_eq!(by_url.base_url, Some(format!("http://{address}/plain")));

    // The choice is the server's own, wherever in the list it stands.
    document.lock().unwrap()["servers"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({ "url": "https://new.test" }));
    engine.workspace.refresh_source("second", &|_| {}).await.unwrap();
    assert_eq!(paths("second").await, ["/eu/test/a", "/files/test/b", "/absolute/c"]);
    document.lock().unwrap()["servers"] = json!([{ "url": "https://new.test" }]);
    let failure = engine.workspace.refresh_source("second", &|_| {}).await.unwrap_err();
    assert!(failure.message.contains("has no server"), "{failure:?}");
    assert_eq!(paths("second").await, ["/eu/test/a", "/files/test/b", "/absolute/c"]);
}
