//! What several tests need.

use std::sync::Arc;

use bytes::Bytes;
use executor_core::tool::{SourceKind, Tool};
use executor_core::{Failure, ToolError, ToolPath};
use executor_egress::{Client, Options};
use executor_sources::{Body, Call, Document, Files, Import, ImportOptions, Kind, Kinds, Plan};
use serde_json::{Map, Value, json};

pub(crate) const BASE: &str = "https://api.test/v1";

pub(crate) fn client() -> Client {
    Client::new(Options { allow_local_network: true, ..Options::default() }).unwrap()
}

pub(crate) fn kinds() -> Kinds {
    Kinds::new(&client())
}

pub(crate) fn openapi() -> Arc<dyn Kind> {
    kinds().get(SourceKind::Openapi).unwrap().clone()
}

pub(crate) fn google_discovery() -> Arc<dyn Kind> {
    kinds().get(SourceKind::GoogleDiscovery).unwrap().clone()
}

pub(crate) fn options<'a>() -> ImportOptions<'a> {
    ImportOptions::new(&|_, _| ())
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
    plan_at(BASE, tool, given)
}

pub(crate) fn plan_at(base_url: &str, tool: &Tool, given: Value) -> Result<Plan, ToolError> {
    let (path, arguments) = (path(), arguments(given));
    let operation = &tool.operation;
    openapi().plan(&Call {
        path: &path,
        operation,
        base_url,
        context: None,
        arguments: &arguments,
        cursor: None,
    })
}

pub(crate) fn input(tool: &Tool) -> Value {
    tool.input.read().unwrap()
}

/// The bytes of a body without stored files.
pub(crate) fn body_bytes(body: &Body) -> Bytes {
    body.bytes(&Files::new()).unwrap()
}
