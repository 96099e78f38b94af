//! A JSON Schema that a source gives, shown as TypeScript and used for checking arguments.

use executor_catalog::arguments::ArgumentsChecker;
use executor_catalog::typescript::{Limits, describe, signature};
use executor_core::tool::{SideEffect, Tool};
use executor_core::{Json, ToolPath};
use serde_json::json;

use crate::Target;
use crate::nested::{self, nested};

pub(super) const TARGET: Target = Target { name: "schema", run, deep };

fn run(bytes: &[u8]) {
    let Ok(text) = String::from_utf8(bytes.to_vec()) else { return };
    let Ok(schema) = Json::parse(text) else { return };
    // Whatever is referred to is the schema itself, so that every reference leads around.
    let resolve = |_: &str| Some(schema.clone());
    let tool = Tool {
        name: "call".to_owned(),
        summary: "*/ Ends the comment".to_owned(),
        description: String::new(),
        deprecated: false,
        side_effect: SideEffect::Write,
        input: schema.clone(),
        output: Some(schema.clone()),
        operation: Json::null(),
    };
    let path = ToolPath::new("api", "call").expect("a path");
    assert!(!signature(&path, &tool, &resolve).contains('\n'));
    let limits = Limits::default();
    let shown = describe(&path, &tool, &resolve, limits);
    assert!(shown.len() <= 2 * limits.bytes, "{} bytes", shown.len());
    let checker = ArgumentsChecker::compile(&schema, &resolve);
    for arguments in [json!({}), json!({"a": 1, "b": [null, {"c": "x"}]}), json!({"a": {"a": {"a": []}}})] {
        if let Err(problems) = checker.check(&arguments) {
            assert!(!problems.is_empty() && problems.len() <= 20);
        }
    }
}

fn deep() -> Vec<Vec<u8>> {
    let keywords = ["items", "not", "additionalProperties", "if", "contains"];
    let nestings = keywords.map(|keyword| nested(&format!("{{\"{keyword}\":"), "{}", "}"));
    let lists = ["allOf", "anyOf", "oneOf"].map(|keyword| nested(&format!("{{\"{keyword}\":["), "{}", "]}"));
    let properties = [nested(r#"{"properties":{"a":"#, "{}", "}}"), nested(r#"{"$defs":{"a":"#, "{}", "}}")];
    let patterns = [format!(r#"{{"pattern":"{}"}}"#, nested("(", "a", ")"))];
    let constants =
        nested::json().into_iter().take(3).map(|value| format!(r#"{{"const":{value},"default":{value}}}"#));
    nested::seeds(nestings.into_iter().chain(lists).chain(properties).chain(patterns).chain(constants))
}
