//! Documents that refer to others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use executor_core::tool::SourceKind;
use executor_egress::{Client, Injection, Options, Url};
use executor_sources::{Address, Claimed, Fetched, Import, ImportOptions, Kinds};
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;

/// What a server has, and which of it was asked for with a credential.
#[derive(Clone, Default)]
struct Files {
    texts: Arc<BTreeMap<String, String>>,
    asked: Arc<Mutex<Vec<(String, bool)>>>,
}

async fn answer(State(files): State<Files>, uri: Uri, headers: HeaderMap) -> (StatusCode, String) {
    let asked = (uri.path().to_owned(), headers.contains_key("authorization"));
    files.asked.lock().unwrap().push(asked);
    match files.texts.get(uri.path()) {
        Some(text) => (StatusCode::OK, text.clone()),
        None => (StatusCode::NOT_FOUND, String::new()),
    }
}

async fn serve(texts: &[(&str, String)]) -> (String, Files) {
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
    let files = Files { texts: Arc::new(texts), asked: Arc::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(files.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, files)
}

/// Loopback alone may be reached.
fn client() -> Client {
    Client::new(Options { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() }).unwrap()
}

async fn look(url: &str, injection: Option<Injection>) -> Claimed {
    let mut address = Address::new(url, &|_, _| ());
    address.injection = injection;
    Kinds::new(&client()).look(&address, Some(SourceKind::Openapi)).await.unwrap().unwrap()
}

fn import(claimed: &Claimed, url: &str) -> Import {
    let options = ImportOptions { document_url: Some(url), ..ImportOptions::new(&|_, _| ()) };
    claimed.kind.import(&claimed.document, &options).unwrap()
}

#[tokio::test]
async fn other_documents_become_part_of_the_first() {
    let (other, elsewhere) =
        serve(&[("/shared.json", json!({"Tag": {"type": "string", "maxLength": 7}}).to_string())]).await;
    let root = format!(
        r##"
openapi: 3.1.0
info: {{title: Split, version: "1"}}
paths:
  /pets: {{$ref: "paths/pets.yaml"}}
  /self: {{get: {{operationId: own, responses: {{"200": {{$ref: "openapi.yaml#/components/responses/Ok"}}}}}}}}
components:
  responses: {{Ok: {{description: "", content: {{application/json: {{schema: {{$ref: "./schemas/Pet.yaml"}}}}}}}}}}
  examples: {{x: {{value: {{$ref: "never.yaml"}}}}}}
x-tag: {{$ref: "{other}/shared.json#/Tag"}}
"##
    );
    let pets = r##"
post:
  operationId: addPet
  parameters: [{$ref: "#/limit"}]
  requestBody: {required: true, content: {application/json: {schema: {$ref: "../schemas/Pet.yaml"}}}}
  responses: {"200": {$ref: "../openapi.yaml#/components/responses/Ok"}}
limit: {name: limit, in: query, schema: {type: integer}}
"##;
    let pet = format!(
        "type: object\nproperties:\n  name: {{type: string}}\n  mother: {{$ref: Pet.yaml}}\n  tag: {{$ref: '{other}/shared.json#/Tag'}}\n"
    );
    let files = [
        ("/api/openapi.yaml", root),
        ("/api/paths/pets.yaml", pets.to_owned()),
        ("/api/schemas/Pet.yaml", pet),
    ];
    let (base, here) = serve(&files).await;
    let url = format!("{base}/api/openapi.yaml");
    let secret = SecretString::from("secret".to_owned());
    let injection = Injection::new(Url::parse(&base).unwrap().origin()).bearer(&secret).unwrap();
    let claimed = look(&url, Some(injection)).await;
    assert_eq!(claimed.etag, None);
    let import = import(&claimed, &url);
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    assert_eq!(import.base_url, base);
    let tool = import.tools.iter().find(|tool| tool.name == "addPet").unwrap();
    let expected = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "name": {"type": "string"}, "mother": {"$ref": "#/$defs/schemas_Pet"}, "tag": {"$ref": "#/$defs/Tag"},
            "limit": {"type": "integer"},
        },
    });
    assert_eq!(crate::support::input(tool), expected);
    assert_eq!(tool.output.as_ref().unwrap().as_str(), r##"{"$ref":"#/$defs/schemas_Pet"}"##);
    let names: Vec<_> = import.schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["Tag", "schemas_Pet"]);
    // Each once, and the credential is for its origin alone.
    let mut asked = here.asked.lock().unwrap().clone();
    asked.sort();
    let expected = ["/api/openapi.yaml", "/api/paths/pets.yaml", "/api/schemas/Pet.yaml"];
    assert_eq!(asked, expected.map(|path| (path.to_owned(), true)));
    assert_eq!(*elsewhere.asked.lock().unwrap(), [("/shared.json".to_owned(), false)]);
    // The same documents are the same bundle.
    assert_eq!(look(&url, None).await.document.digest(), claimed.document.digest());
}

#[tokio::test]
async fn what_cannot_be_fetched_takes_its_operation_alone() {
    let bad = [
        ("file:///etc/passwd", "only http and https"),
        ("http://169.254.169.254/latest/meta-data#/a", "169.254.169.254"),
        ("http://10.0.0.1/x.json", "10.0.0.1"),
        ("gone.yaml#/a", "status 404"),
        ("page.html", "neither JSON nor YAML"),
        ("empty.json#/nowhere", "leads nowhere"),
        ("https://user:secret@else.test/x", "credentials"),
    ];
    let mut paths = json!({"/good": {"get": {"responses": {}}}});
    for (number, (reference, _)) in bad.iter().enumerate() {
        paths[format!("/bad{number}")] =
            json!({"get": {"parameters": [{"$ref": reference}], "responses": {}}});
    }
    let root = json!({"openapi": "3.0.0", "info": {"title": "Bad"}, "paths": paths}).to_string();
    let files =
        [("/a.json", root), ("/page.html", "<html></html>".to_owned()), ("/empty.json", "{}".to_owned())];
    let (base, _) = serve(&files).await;
    let url = format!("{base}/a.json");
    let import = import(&look(&url, None).await, &url);
    assert_eq!(import.tools.len(), 1);
    assert_eq!(import.skipped.len(), bad.len());
    for (skipped, (reference, reason)) in import.skipped.iter().zip(bad) {
        assert!(skipped.reason.contains(reason), "{reference}: {}", skipped.reason);
    }
}

#[tokio::test]
async fn there_are_only_so_many_documents() {
    let mut files = Vec::new();
    let references: Vec<_> = (0..150).map(|number| json!({"$ref": format!("/many/{number}.json")})).collect();
    files.push((
        "/many.json".to_owned(),
        json!({"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {}}}}, "x": references}).to_string(),
    ));
    files.extend((0..150).map(|number| (format!("/many/{number}.json"), "{}".to_owned())));
    files.push(("/chain.json".to_owned(), json!({"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {}}}}, "x": {"$ref": "/chain/0.json"}}).to_string()));
    files.extend((0..150).map(|number| {
        (format!("/chain/{number}.json"), json!({"$ref": format!("/chain/{}.json", number + 1)}).to_string())
    }));
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let (base, asked) = serve(&files).await;
    for (path, most) in [("/many.json", 101), ("/chain.json", 17)] {
        let url = format!("{base}{path}");
        assert_eq!(import(&look(&url, None).await, &url).tools.len(), 1);
        assert_eq!(std::mem::take(&mut *asked.asked.lock().unwrap()).len(), most, "{path}");
    }
}

#[tokio::test]
async fn a_document_that_refers_to_no_other_is_not_touched() {
    let texts = [
        r##"{"openapi": "3.0.0",  "x": {"$ref": "#/y"}, "paths": {}}"##,
        r##"{"openapi": "3.0.0", "info": {"description": "write $ref: other.yaml"}, "paths": {}}"##,
        r##"{"openapi": "3.0.0", "example": {"$ref": {"a": "b"}}, "paths": {}}"##,
        "openapi: 3.0.0\nx: {$ref: '#/y'}\n",
        r##"{"other": {"$ref": "x.json"}}"##,
    ];
    for text in texts {
        let (base, files) = serve(&[("/a", text.to_owned())]).await;
        let kinds = Kinds::new(&client());
        let address = Address::new(&format!("{base}/a"), &|_, _| ());
        let Fetched::Document { bytes, .. } = kinds.iter().next().unwrap().fetch(&address).await.unwrap()
        else {
            panic!("{text}")
        };
        assert_eq!(bytes, text);
        assert_eq!(files.asked.lock().unwrap().len(), 1);
    }
}
