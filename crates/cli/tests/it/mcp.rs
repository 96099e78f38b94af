//! The official TypeScript client, over HTTP and over standard input and output.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{EXECUTOR, Server, folder, start_api, succeed};

pub(crate) fn client(folder: &Path, arguments: &[&str]) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/mcp.mjs");
    let mut node = Command::new("node");
    node.arg(script).args(arguments);
    let output =
        node.env("EXECUTOR_DATA_DIR", folder).env("EXECUTOR_ALLOW_LOCAL_NETWORK", "true").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn check(seen: &Value) {
    assert_eq!(seen["tools"], json!(["execute", "resume", "search_tools"]));
    assert_eq!(seen["sum"]["structured"]["result"], 2, "{seen}");
    assert!(seen["sum"]["text"].as_str().unwrap().contains("hello"), "{seen}");
    assert_eq!(seen["failure"]["isError"], true);
    assert!(seen["failure"]["text"].as_str().unwrap().contains("uncaught_error"), "{seen}");
    assert!(seen["search"]["text"].as_str().unwrap().contains("items.items.get"), "{seen}");
    assert_eq!(
        seen["parallel"]["structured"]["result"],
        json!([{ "id": 1 }, { "id": 2 }, { "id": 3 }]),
        "{seen}"
    );
}

#[test]
fn the_official_client_works_over_http() {
    let folder = folder();
    let server = Server::start(folder.path());
    let document = start_api(folder.path());
    succeed(folder.path(), &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    check(&client(folder.path(), &["http", &format!("{}/mcp", server.url)]));
}

#[test]
fn the_official_client_works_over_standard_input_and_output() {
    let folder = folder();
    let document = start_api(folder.path());
    succeed(folder.path(), &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    check(&client(folder.path(), &["stdio", EXECUTOR, "mcp"]));
}
