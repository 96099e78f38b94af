//! A document that describes an API, all the way to tools, and each of them shown, indexed and checked.

use std::collections::{HashMap, HashSet};

use executor_catalog::arguments::ArgumentsChecker;
use executor_catalog::typescript::{Limits, describe, signature};
use executor_core::{Json, ToolPath, path};
use executor_sources::{Document, Import, ImportOptions};
use serde_json::json;

use crate::Target;
use crate::kinds::KINDS;
use crate::nested::{self, nested};

pub(super) const TARGET: Target = Target { name: "import", run, deep };

/// How many of a document's tools are looked at.
const SHOWN: usize = 20;

fn run(bytes: &[u8]) {
    let Ok(document) = Document::read(bytes) else { return };
    let options = ImportOptions { base_url: Some("https://api.test"), ..ImportOptions::new(&|_, _| ()) };
    for kind in KINDS.iter().filter(|kind| kind.detect(&document).is_some()) {
        if let Ok(import) = kind.import(&document, &options) {
            check(&import);
        }
    }
}

pub(super) fn check(import: &Import) {
    let mut names = HashSet::new();
    let schemas: HashMap<&str, &Json> =
        import.schemas.iter().map(|schema| (schema.name.as_str(), &schema.schema)).collect();
    let shared = |name: &str| schemas.get(name).map(|schema| Json::clone(schema));
    for (place, tool) in import.tools.iter().enumerate() {
        assert!(names.insert(path::fold(&tool.name)), "two tools are called {}", tool.name);
        let path = ToolPath::new("source", &tool.name).expect("an imported tool has a path");
        if place < SHOWN {
            assert!(!signature(&path, tool, &shared).is_empty());
            assert!(!describe(&path, tool, &shared, Limits::default()).is_empty());
            let _ = ArgumentsChecker::compile(&tool.input, &shared).check(&json!({"id": 1}));
        }
    }
}

/// Each place of a document that holds schemas, with one that is nested; and references that are.
fn deep() -> Vec<Vec<u8>> {
    let schema = |open: &str, close: &str| nested(open, "{}", close);
    let document = |operation: &str, schemas: &str| {
        format!(
            r#"{{"openapi": "3.1.0", "info": {{"title": "Deep", "version": "1"}}, "paths": {{"/a": {{"post": {operation}}}}},
            "components": {{"schemas": {schemas}}}}}"#
        )
    };
    let items = schema(r#"{"items":"#, "}");
    let body = format!(r#"{{"requestBody": {{"content": {{"application/json": {{"schema": {items}}}}}}}}}"#);
    let parameter = format!(
        r#"{{"parameters": [{{"name": "a", "in": "query", "schema": {}}}]}}"#,
        schema(r#"{"not":"#, "}")
    );
    // A chain of shared schemas, each of which is the next one.
    let chain: Vec<String> = (0..nested::LEVELS)
        .map(|place| format!(r##""S{place}": {{"$ref": "#/components/schemas/S{}"}}"##, place + 1))
        .collect();
    let first = r##"{"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}"##;
    let list: Vec<String> = (0..nested::LEVELS)
        .map(|place| {
            format!(r##""S{place}": {{"allOf": [{{"$ref": "#/components/schemas/S{}"}}]}}"##, place + 1)
        })
        .collect();
    nested::seeds([
        document(&body, "{}"),
        document(&parameter, "{}"),
        document(first, &format!("{{{}}}", chain.join(","))),
        document(first, &format!("{{{}}}", list.join(","))),
    ])
}
