//! A schema as tools.

use executor_core::ErrorCode;
use executor_core::tool::{Placement, SideEffect, SourceKind};
use executor_sources::{Document, ImportOptions};
use serde_json::{Value, json};

use super::support::{ENDPOINT, SDL, Shop, graphql};
use crate::support::{kinds, options};

#[test]
fn each_root_field_is_a_tool_and_two_more_take_documents() {
    let shop = Shop::new();
    let tools: Vec<_> = shop.import.tools.iter().map(|tool| (tool.name.as_str(), tool.side_effect)).collect();
    let query = |name| (name, SideEffect::None);
    let mutation = |name| (name, SideEffect::Write);
    let expected = [
        query("query.user"),
        query("query.me"),
        query("query.named"),
        query("query.owner"),
        query("query.orders"),
        query("query.list"),
        query("query.version"),
        query("query.states"),
        query("query.search_"),
        query("query.old"),
        query("query.wanting"),
        mutation("mutation.pay"),
        mutation("mutation.user"),
        query("rawQuery"),
        mutation("rawMutation"),
    ];
    assert_eq!(tools, expected);
    let skipped: Vec<_> = shop.import.skipped.iter().map(|skipped| skipped.operation.as_str()).collect();
    assert_eq!(skipped, ["query _", "subscription paid"]);
    assert!(shop.import.skipped.iter().all(|skipped| skipped.reason.ends_with('.')));
    assert_eq!((shop.import.base_url.as_str(), shop.import.description.as_str()), (ENDPOINT, "A shop."));
    crate::real::check(&shop.import);
}

#[test]
fn what_the_schema_says_of_a_field_is_carried() {
    let shop = Shop::new();
    let user = shop.tool("query.user");
    assert_eq!((user.summary.as_str(), user.description.as_str()), ("One user.", "One user. And more."));
    let old = shop.tool("query.old");
    assert_eq!((old.deprecated, old.description.as_str()), (true, "Deprecated: Use version."));
    assert_eq!(shop.tool("query.me").summary, "query me");
}

#[test]
fn names_that_fold_alike_are_told_apart_whatever_their_order() {
    let names = |fields: &str| {
        let shop = Shop::of(&format!("type Query {{ {fields} }}"));
        let mut names: Vec<_> = shop.import.tools.iter().map(|tool| tool.name.clone()).collect();
        names.sort();
        names
    };
    let forth = names("fooBar: Int, foo_bar: Int, then: Int");
    assert_eq!(forth, ["query.fooBar", "query.foo_barQuery", "query.then_", "rawQuery"]);
    assert_eq!(forth, names("then: Int, foo_bar: Int, fooBar: Int"));
}

#[test]
fn a_field_whose_type_is_missing_costs_itself_and_nothing_else() {
    let shop = Shop::of(
        "type Query { a: Gone, b(x: Gone): Int, c: In, d(x: Query): Int, good: Int } input In { x: Int }",
    );
    let names: Vec<_> = shop.import.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["query.good", "rawQuery"]);
    assert_eq!(shop.import.skipped.len(), 4);
    for query in ["{ a }", "{ b }", "{ c }", "{ d }", "{ good b }"] {
        assert!(!shop.refusal("rawQuery", json!({ "query": query })).is_empty());
    }
}

#[test]
fn schemas_of_federated_services_are_taken() {
    let shop = Shop::of(
        r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
        extend type Query { me: User @shareable }
        type User @key(fields: "id") { id: ID! name: String @external }
        directive @shareable on FIELD_DEFINITION
        directive @cached(seconds: Int) on FIELD"#,
    );
    assert_eq!(
        shop.query("query.me", json!({"select": "id @cached(seconds: 3)"})),
        "query me { me { id @cached(seconds: 3) } }"
    );
}

#[test]
fn a_document_is_detected_by_what_it_holds() {
    let detect = |text: &str| graphql().detect(&Document::read(text.as_bytes()).unwrap());
    let detection = detect(SDL).unwrap();
    assert_eq!((detection.kind, detection.operations), (SourceKind::Graphql, 13));
    assert_eq!((detection.suggested_name.as_str(), detection.base_url), ("graphql", None));
    let [method] = detection.methods.as_slice() else { panic!() };
    assert_eq!((method.name.as_str(), &method.slots[0].placement), ("token", &Placement::Bearer));
    for text in ["{}", r#"{"__schema": 7}"#, r#"{"data": {"__schema": {}}}"#, "openapi: 3.0.0", "[]"] {
        assert!(detect(text).is_none(), "{text}");
    }
    let claimed = kinds().claim(SDL.as_bytes(), None).unwrap();
    assert_eq!(claimed.kind.kind(), SourceKind::Graphql);
}

#[test]
fn a_name_is_suggested_by_the_host() {
    let table = [
        ("https://api.github.com/graphql", "github"),
        ("https://graphql.example.co.uk/", "example"),
        ("https://countries.trevorblades.com/", "trevorblades"),
        ("https://my-shop.test/api", "myShop"),
        ("http://localhost:4000/", "localhost"),
        ("http://127.0.0.1:4000/", "graphql"),
        ("https://api.graphql/", "api"),
    ];
    for (endpoint, name) in table {
        let schema = json!({"queryType": {"name": "Query"}, "types": []});
        let text = json!({"endpoint": endpoint, "__schema": schema}).to_string();
        let detection = graphql().detect(&Document::read(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            (detection.suggested_name.as_str(), detection.base_url.as_deref()),
            (name, Some(endpoint))
        );
    }
}

#[test]
fn the_base_url_is_given_or_where_the_schema_was_asked_for() {
    let introspected = |endpoint: Value| {
        let ty = json!({"kind": "SCALAR", "name": "Int"});
        let query =
            json!({"kind": "OBJECT", "name": "Query", "fields": [{"name": "a", "args": [], "type": ty}]});
        json!({"endpoint": endpoint, "__schema": {"queryType": {"name": "Query"}, "types": [query]}})
            .to_string()
    };
    let base = |text: &str, base_url: Option<&str>| {
        let document_url = Some("https://files.test/schema.graphql");
        let options = ImportOptions { base_url, document_url, ..options() };
        graphql().import(&Document::read(text.as_bytes()).unwrap(), &options).map(|import| import.base_url)
    };
    let stated = introspected(json!("https://a.test/graphql?v=2"));
    assert_eq!(base(&stated, None), Ok("https://a.test/graphql?v=2".to_owned()));
    assert_eq!(base(&stated, Some("https://b.test/q#x")), Ok("https://b.test/q".to_owned()));
    assert_eq!(base(SDL, Some("https://user:pass@b.test/q")), Ok("https://b.test/q".to_owned()));
    for (text, given) in [(SDL, None), (SDL, Some("b.test")), (SDL, Some("ftp://b.test"))] {
        let failure = base(text, given).unwrap_err();
        assert_eq!(failure.code, ErrorCode::BaseUrlRequired);
        assert!(failure.hint.contains("base URL"), "{}", failure.hint);
    }
    for endpoint in [json!("file:///etc/passwd"), json!("x"), json!(7), json!(null)] {
        assert_eq!(base(&introspected(endpoint), None).unwrap_err().code, ErrorCode::BaseUrlRequired);
    }
}

#[test]
fn a_schema_without_queries_has_no_operations() {
    for text in ["type Other { a: Int }", "scalar X", "type Query", "type Subscription { a: Int }"] {
        let failure = graphql().import(&Document::read(text.as_bytes()).unwrap(), &options()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::NoOperations, "{text}");
    }
    let other = Document::read(b"{}").unwrap();
    assert_eq!(graphql().import(&other, &options()).unwrap_err().code, ErrorCode::DocumentUnsupported);
}
