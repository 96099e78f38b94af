//! The reference server, in each way in which it can be spoken with.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use executor_core::tool::SourceKind;
use executor_egress::process::Launcher;
use executor_sources::{Address, Kinds, Payload};
use serde_json::{Value, json};

use super::{Calling, failure, fetch, import_at, payload, value};
use crate::fetched;
use crate::support::client;

/// The server as a process of its own.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server and waits until it listens.
async fn serve(program: &std::path::Path, way: &str) -> (Server, u16) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("node");
    command.arg(program).arg(way).env("PORT", port.to_string());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let server = Server(child);
    for _ in 0..200 {
        if tokio::net::TcpListener::bind(("127.0.0.1", port)).await.is_err() {
            return (server, port);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not listen");
}

#[expect(clippy::print_stderr, reason = "a test that could not run has to say so")]
fn skipped() {
    eprintln!("SKIPPED: the reference MCP server could not be fetched");
}

async fn works(kinds: &Kinds, address: &str) {
    let document = fetch(kinds, address).await.unwrap();
    let import = import_at(&document, address, true).unwrap();
    assert!(import.skipped.iter().all(|one| one.reason.contains("task")), "{:?}", import.skipped);
    let names: Vec<_> = import.tools.iter().map(|tool| tool.name.as_str()).collect();
    for name in ["echo", "getSum", "getTinyImage", "prompts.argsPrompt", "resources.read", "resources.list"] {
        assert!(names.contains(&name), "{address}: {names:?}");
    }
    let tool = |name: &str| import.tools.iter().find(|tool| tool.name == name).unwrap();
    let calling = Calling::new(kinds, address);
    let call = async |name: &str, given: Value| calling.perform(tool(name), given).await;
    assert_eq!(value(call("echo", json!({ "message": "é" })).await), "Echo: é");
    let sum = value(call("getSum", json!({ "a": 2, "b": 3 })).await);
    assert!(sum.as_str().unwrap().contains('5'), "{sum}");
    let weather = value(call("getStructuredContent", json!({ "location": "New York" })).await);
    assert!(weather["temperature"].is_number(), "{weather}");
    let image = value(call("getTinyImage", json!({})).await);
    assert!(image.as_array().unwrap().iter().any(|block| block["type"] == "image"), "{image}");
    let prompt = value(call("prompts.argsPrompt", json!({ "city": "Basel" })).await);
    assert!(prompt["messages"][0]["content"]["text"].as_str().unwrap().contains("Basel"), "{prompt}");
    let list = value(call("resources.list", json!({})).await);
    let uri = list["resources"][0]["uri"].clone();
    let text = payload(call("resources.read", json!({ "uri": uri })).await);
    assert!(matches!(text, Payload::Text(_) | Payload::Binary { .. }), "{text:?}");
    let wrong = failure(call("getSum", json!({ "a": "two" })).await);
    assert!(!wrong.message.is_empty());
}

#[tokio::test]
async fn over_http_in_both_ways() {
    let Some(program) = fetched::mcp_server() else { return skipped() };
    for (way, path) in [("streamableHttp", "mcp"), ("sse", "sse")] {
        let (_server, port) = serve(&program, way).await;
        let kinds = Kinds::new(&client());
        let address = format!("http://127.0.0.1:{port}/{path}");
        let claimed = kinds.look(&Address::new(&address, &|_, _| ()), None).await.unwrap().unwrap();
        assert_eq!(claimed.kind.kind(), SourceKind::Mcp, "{way}");
        works(&kinds, &address).await;
    }
}

#[tokio::test]
async fn as_a_program() {
    let Some(program) = fetched::mcp_server() else { return skipped() };
    let folder = tempfile::tempdir().unwrap();
    let launcher = Launcher::new(folder.path().to_owned(), std::env::var_os("PATH").unwrap());
    let kinds = Kinds::with_programs(&client(), Some(launcher));
    works(&kinds, &format!("stdio:node '{}' stdio", program.display())).await;
}
