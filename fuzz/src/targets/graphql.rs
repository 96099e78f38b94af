//! GraphQL: a schema, all the way to tools; and selections and documents that calls give, checked against one.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use executor_core::tool::{SourceKind, Tool};
use executor_core::{ErrorCode, ToolPath};
use executor_sources::{Call, Document, Files, Import, ImportOptions, Kind, Plan};
use serde_json::{Map, Value, json};

use super::import;
use crate::Target;
use crate::kinds::KINDS;
use crate::nested::{LEVELS, nested, seeds};

pub(super) const SCHEMA: Target = Target { name: "graphql_schema", run: run_schema, deep: deep_schemas };
pub(super) const DOCUMENT: Target =
    Target { name: "graphql_document", run: run_document, deep: deep_documents };

const BASE: &str = "https://api.test/graphql";
/// How many of a schema's tools are called.
const CALLED: usize = 20;

struct Api {
    kind: Arc<dyn Kind>,
    import: Import,
}

impl Api {
    /// What a schema describes, if it can be imported.
    fn of(bytes: &[u8]) -> Option<Self> {
        let document = match Document::read(bytes) {
            Ok(document) => document,
            Err(failure) => {
                assert_ne!(failure.code, ErrorCode::Internal, "{failure:?}");
                assert!(failure.message.len() < 4_000, "{}", failure.message.len());
                return None;
            }
        };
        let kind = KINDS.get(SourceKind::Graphql).expect("the kind is built").clone();
        kind.detect(&document)?;
        let options = ImportOptions { base_url: Some(BASE), ..ImportOptions::new(&|_, _| ()) };
        let import = kind.import(&document, &options).ok()?;
        Some(Self { kind, import })
    }

    fn tool(&self, name: &str) -> Option<&Tool> {
        self.import.tools.iter().find(|tool| tool.name == name)
    }

    fn plan(&self, tool: &Tool, arguments: Value) -> Option<Plan> {
        let path = ToolPath::new("api", &tool.name).expect("an imported tool has a path");
        let Value::Object(arguments): Value = arguments else { return None };
        let (operation, context) = (&tool.operation, self.import.context.as_ref());
        let call =
            Call { path: &path, operation, base_url: BASE, context, arguments: &arguments, cursor: None };
        match self.kind.plan(&call) {
            Ok(plan) => {
                assert_eq!(plan.url.as_str(), BASE);
                Some(plan)
            }
            Err(error) => {
                assert_ne!(error.code, ErrorCode::Internal, "{error:?}");
                assert!(error.message.len() < 4_000, "{}", error.message.len());
                None
            }
        }
    }

    /// The same document again: what is sent is understood as what was asked for.
    fn again(&self, tool: &Tool, query: &str) -> Option<Plan> {
        let raw = if tool.name.starts_with("query.") || tool.name == "rawQuery" {
            "rawQuery"
        } else {
            "rawMutation"
        };
        self.plan(self.tool(raw)?, json!({ "query": query }))
    }
}

fn query(plan: &Plan) -> String {
    let body = plan.body.as_ref().expect("a request has a body");
    let body: Value = serde_json::from_slice(&body.bytes(&Files::new()).expect("it has no files"))
        .expect("the body is JSON");
    body["query"].as_str().expect("a text").to_owned()
}

fn run_schema(bytes: &[u8]) {
    // What begins otherwise is read as YAML.
    let Some(api) = Api::of(&[b"scalar First\n", bytes].concat()) else { return };
    import::check(&api.import);
    for tool in api.import.tools.iter().filter(|tool| !tool.name.starts_with("raw")).take(CALLED) {
        api.plan(tool, json!({"select": "__typename"}));
        let plan = api.plan(tool, all_null(tool)).expect("a call without a selection is planned");
        if let Some(again) = api.again(tool, &query(&plan)) {
            assert_eq!(reached(&again), with_own(&plan, tool));
        }
    }
}

fn reached(plan: &Plan) -> BTreeSet<&str> {
    plan.also.iter().map(String::as_str).collect()
}

/// What a call of a field's tool reaches as a whole document.
fn with_own<'a>(plan: &'a Plan, tool: &'a Tool) -> BTreeSet<&'a str> {
    reached(plan).into_iter().chain([tool.name.as_str()]).collect()
}

/// Each argument as null, so that the query names all of them.
fn all_null(tool: &Tool) -> Value {
    let schema: Value = tool.input.read().expect("a schema");
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let names = required.filter_map(|name| Some((name.as_str()?.to_owned(), Value::Null)));
    Value::Object(names.collect::<Map<_, _>>())
}

static SHOP: LazyLock<Api> = LazyLock::new(|| Api::of(include_bytes!("graphql.graphql")).expect("an import"));

fn run_document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for tool in &SHOP.import.tools {
        if tool.name.starts_with("raw") {
            let Some(plan) = SHOP.plan(tool, json!({ "query": text })) else { continue };
            let again = SHOP.again(tool, &query(&plan)).expect("what is sent is valid");
            assert_eq!((&again.also, query(&again)), (&plan.also, query(&plan)));
        } else {
            let mut given = all_null(tool);
            given["select"] = json!(text);
            let Some(plan) = SHOP.plan(tool, given) else { continue };
            let again = SHOP.again(tool, &query(&plan)).expect("what is sent is valid");
            assert_eq!((query(&again), reached(&again)), (query(&plan), with_own(&plan, tool)));
        }
    }
}

fn deep_schemas() -> Vec<Vec<u8>> {
    let values =
        [nested("[", "1", "]"), nested("{a: ", "1", "}"), nested("[{a: ", "null", "}]"), "[".repeat(LEVELS)];
    let defaults = values.iter().map(|value| format!("type Query {{ a(x: Int = {value}): Int }}"));
    let directives = values.iter().map(|value| format!("type Query @x(a: {value}) {{ a: Int }}"));
    let chain = |each: fn(usize) -> String| (0..LEVELS).map(each).collect::<String>();
    let others = [
        format!("type Query {{ a: {} }}", nested("[", "Int", "]")),
        format!("type Query {{ a: {}", "[".repeat(LEVELS)),
        format!("type Query {{ a{} }}", nested("(x: Int ", "", ")")),
        "type Query {".repeat(LEVELS),
        "{".repeat(LEVELS),
        "\"".repeat(LEVELS),
        "@a(b: ".repeat(LEVELS),
        // Chains of types, each of which needs the next.
        format!(
            "type Query {{ a: T0 }} {}",
            chain(|place| format!("type T{place} {{ a: T{} }} ", place + 1))
        ),
        format!(
            "type Query {{ a(x: I0): Int }} {}",
            chain(|place| format!("input I{place} {{ a: I{}! }} ", place + 1))
        ),
        format!(
            "type Query {{ a: N0 }} {}",
            chain(|place| format!("interface N{place} implements N{} {{ a: Int }} ", place + 1))
        ),
    ];
    seeds(defaults.chain(directives).chain(others))
}

fn deep_documents() -> Vec<Vec<u8>> {
    let fragments: String =
        (0..LEVELS).map(|place| format!("fragment F{place} on User {{ ...F{} }} ", place + 1)).collect();
    seeds([
        nested("best { ", "id", " }"),
        nested("{ me ", "", " }"),
        nested("... { ", "id", " }"),
        nested("... on User { ", "id", " }"),
        "best { ".repeat(LEVELS),
        format!("{{ user(id: {}) {{ id }} }}", nested("[", "1", "]")),
        format!("{{ user(id: {}) {{ id }} }}", nested("{a: ", "1", "}")),
        format!("query($x: {}) {{ version }}", nested("[", "Int", "]")),
        format!("{{ version {} }}", nested("@skip(if: [", "", "])")),
        format!("{{ me {{ ...F0 }} }} {fragments}"),
        "fragment F on User { ...F } ".repeat(LEVELS / 10),
    ])
}
