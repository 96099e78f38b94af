//! GitHub's own schema, in both of its forms.

use std::collections::BTreeMap;

use super::support::{Shop, import_of};

fn shop(file: &str) -> Option<Shop> {
    let Some(path) = crate::fetched::file("octokit-graphql-schema", file) else {
        crate::real::note("the documents could not be fetched");
        return None;
    };
    let text = std::fs::read_to_string(path).unwrap();
    Some(Shop::of(&text))
}

#[test]
fn it_imports_whole_from_sdl_and_from_introspection() {
    let (Some(sdl), Some(json)) = (shop("package/schema.graphql"), shop("package/schema.json")) else {
        return;
    };
    crate::real::check(&sdl.import);
    assert!(sdl.import.skipped.is_empty(), "{:?}", sdl.import.skipped);
    assert_eq!(sdl.import.tools.len(), json.import.tools.len());
    let by_name = |shop: &Shop| -> BTreeMap<String, String> {
        let tools = shop.import.tools.iter();
        tools
            .map(|tool| {
                (
                    tool.name.clone(),
                    format!("{} {}", tool.operation.as_str().len(), tool.input.as_str().len()),
                )
            })
            .collect()
    };
    let (from_sdl, from_json) = (by_name(&sdl), by_name(&json));
    assert!(from_sdl.keys().eq(from_json.keys()));
    let names = sdl.import.tools.iter().step_by(22).map(|tool| tool.name.as_str());
    insta::assert_snapshot!(format!(
        "{} tools\n{}",
        sdl.import.tools.len(),
        names.collect::<Vec<_>>().join("\n")
    ));
}

#[test]
fn every_query_that_it_would_send_is_valid() {
    let Some(shop) = shop("package/schema.graphql") else { return };
    shop.check_every_query();
    for tool in &shop.import.tools {
        assert!(tool.operation.as_str().len() < 8 * 1024, "{}", tool.operation.as_str());
        assert!(tool.output.as_ref().unwrap().as_str().len() < 32 * 1024, "{}", tool.name);
    }
    let repository = shop.query("query.repository", serde_json::json!({"owner": "o", "name": "n"}));
    insta::assert_snapshot!(repository);
    insta::assert_snapshot!(
        shop.query("query.search_", serde_json::json!({"query": "x", "type": "ISSUE", "first": 3}))
    );
    insta::assert_snapshot!(shop.query("mutation.createIssue", serde_json::json!({"input": {}})));
}

#[test]
fn two_imports_of_one_schema_are_alike() {
    let Some(path) = crate::fetched::file("octokit-graphql-schema", "package/schema.graphql") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let (one, other) = (import_of(&text), import_of(&text));
    assert_eq!((one.tools, one.schemas, one.context), (other.tools, other.schemas, other.context));
}
