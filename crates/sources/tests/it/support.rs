//! What several tests need.

use executor_core::tool::{SourceKind, Tool};
use executor_core::{Failure, ToolError, ToolPath};
use executor_sources::{Document, Import, ImportOptions, Kind, Plan, kind};
use serde_json::{Map, Value, json};

pub(crate) const BASE: &str = "https://api.test/v1";

pub(crate) fn openapi() -> &'static dyn Kind {
    kind(SourceKind::Openapi).unwrap()
}

pub(crate) fn options<'a>() -> ImportOptions<'a> {
    ImportOptions { document_url: None, base_url: None, progress: &|_, _| () }
}

pub(crate) fn try_import(document: &Value) -> Result<Import, Failure> {
    openapi().import(&Document::read(document.to_string().as_bytes())?, &options())
}

pub(crate) fn import(document: &Value) -> Import {
    try_import(document).unwrap()
}

/// A document with these paths.
pub(crate) fn document(paths: Value) -> Value {
    json!({"openapi": "3.0.3", "info": {"title": "Test", "version": "1"}, "servers": [{"url": BASE}], "paths": paths})
}

/// The only tool of a document with one operation, `POST /things` unless the operation says otherwise.
pub(crate) fn tool(path: &str, method: &str, operation: Value) -> Tool {
    let import = import(&document(json!({ path: { method: operation } })));
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    import.tools.into_iter().next().unwrap()
}

pub(crate) fn path() -> ToolPath {
    "test.tool".parse().unwrap()
}

pub(crate) fn arguments(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn plan(tool: &Tool, given: Value) -> Result<Plan, ToolError> {
    openapi().plan(&path(), &tool.operation, BASE, &arguments(given))
}

pub(crate) fn input(tool: &Tool) -> Value {
    tool.input.read().unwrap()
}
