//! GitHub's own schema, in both of its forms.

use serde_json::json;

use super::server::Server;
use super::support::{Shop, import_of};

fn text(file: &str) -> Option<String> {
    let Some(path) = crate::fetched::file("octokit-graphql-schema", file) else {
        crate::real::note("the documents could not be fetched");
        return None;
    };
    Some(std::fs::read_to_string(path).unwrap())
}

fn shop(file: &str) -> Option<Shop> {
    text(file).map(|text| Shop::of(&text))
}

#[test]
fn it_imports_whole_from_sdl_and_from_introspection() {
    let Some(sdl) = shop("package/schema.graphql") else { return };
    crate::real::check(&sdl.import);
    assert!(sdl.import.skipped.is_empty(), "{:?}", sdl.import.skipped);
    assert_eq!(sdl.import.tools.len(), 280);
    let names = sdl.import.tools.iter().step_by(20).map(|tool| tool.name.as_str());
    insta::assert_snapshot!("github_names", names.collect::<Vec<_>>().join("\n"));
    // An older state of it, which leaves out what is deprecated.
    let json = shop("package/schema.json").unwrap();
    crate::real::check(&json.import);
    assert_eq!((json.import.tools.len(), json.import.skipped.len()), (274, 0));
}

#[test]
fn what_a_server_says_of_it_is_the_same() {
    let Some(text) = text("package/schema.graphql") else { return };
    let answer = Server::new(&text).introspect();
    let (sdl, told) = (import_of(&text), import_of(&answer.to_string()));
    assert_eq!(told.tools.len(), sdl.tools.len());
    for (told, tool) in told.tools.iter().zip(&sdl.tools) {
        assert_eq!(told, tool);
    }
    assert_eq!(told.schemas, sdl.schemas);
}

#[test]
fn every_query_that_it_would_send_is_valid() {
    let Some(shop) = shop("package/schema.graphql") else { return };
    shop.check_every_query();
    for tool in &shop.import.tools {
        assert!(tool.operation.as_str().len() < 8 * 1024, "{}", tool.operation.as_str());
        assert!(tool.output.as_ref().unwrap().as_str().len() < 32 * 1024, "{}", tool.name);
    }
    let queries = [
        shop.query("query.repository", json!({"owner": "o", "name": "n"})),
        shop.query("query.search_", json!({"query": "x", "type": "ISSUE", "first": 3})),
        shop.query("mutation.createIssue", json!({"input": {}})),
    ];
    insta::assert_snapshot!("github_queries", queries.join("\n"));
}

#[test]
fn two_imports_of_one_schema_are_alike() {
    let Some(text) = text("package/schema.graphql") else { return };
    let (one, other) = (import_of(&text), import_of(&text));
    assert_eq!((one.tools, one.schemas, one.context), (other.tools, other.schemas, other.context));
}
