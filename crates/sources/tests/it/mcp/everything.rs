//! The reference server, in each way in which it can be spoken with.

use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use executor_core::tool::SourceKind;
use executor_core::{ErrorCode, Json};
use executor_egress::process::Launcher;
use executor_sources::{
    Address, Answers, Asked, Attendant, BoxFuture, Kinds, Payload, Performed, Progress, Reply, Wanted,
};
use serde_json::{Value, json};

use super::{Calling, connection, failure, fetch, import_at, payload, value};
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

/// Somebody who answers what the server asks, and hears how far it is.
#[derive(Default)]
struct Person {
    asked: Mutex<Vec<Asked>>,
    progress: Mutex<Vec<(i64, i64)>>,
}

impl Attendant for Person {
    fn progress(&self, said: Progress) {
        let total = said.total.and_then(|total| total.as_i64()).unwrap_or_default();
        self.progress.lock().unwrap().push((said.progress.as_i64().unwrap(), total));
    }

    fn ask<'a>(&'a self, asked: Asked) -> BoxFuture<'a, Reply> {
        let reply = match &asked.wanted {
            Wanted::Form(_) => Reply::Accepted(Json::from(&json!({ "name": "Ada", "integer": 7 }))),
            Wanted::Visit(_) => Reply::Declined,
        };
        self.asked.lock().unwrap().push(asked);
        Box::pin(async { reply })
    }
}

/// What it asks and says before it answers.
async fn asks(kinds: &Kinds, address: &str) {
    let document = fetch(kinds, address).await.unwrap();
    let import = import_at(&document, address, true).unwrap();
    let tool = |name: &str| import.tools.iter().find(|tool| tool.name == name).unwrap();
    let person = Person::default();
    let calling = Calling { attendant: &person, connection: connection(1), ..Calling::new(kinds, address) };

    let filled = value(calling.perform(tool("triggerElicitationRequest"), json!({})).await).to_string();
    assert!(filled.contains("Name: Ada") && filled.contains('7'), "{filled}");
    let wanted = |number: usize| person.asked.lock().unwrap()[number].wanted.clone();
    let Wanted::Form(form) = wanted(0) else { panic!("no form") };
    let form: Value = form.read().unwrap();
    assert_eq!((&form["required"], &form["additionalProperties"]), (&json!(["name"]), &json!(false)));

    let given = json!({ "url": "https://example.com/pay", "errorPath": true });
    let input = match calling.perform(tool("triggerUrlElicitation"), given.clone()).await {
        Performed::NeedsInput(input) => input,
        other => panic!("{other:?}"),
    };
    let Wanted::Visit(first) = &input.questions[0].wanted else { panic!("{input:?}") };
    assert_eq!((first.as_str(), &input.state), ("https://modelcontextprotocol.io/", &None));
    let agreed = |reply| Answers { replies: vec![("0".to_owned(), reply)], state: None };
    let refusing = Calling { answers: Some(agreed(Reply::Declined)), ..calling };
    let refused = failure(refusing.perform(tool("triggerUrlElicitation"), given.clone()).await);
    assert_eq!(refused.code, ErrorCode::ApprovalDenied);
    let calling = Calling { answers: Some(agreed(Reply::Accepted(Json::null()))), ..refusing };
    let visited = value(calling.perform(tool("triggerUrlElicitation"), given).await).to_string();
    assert!(visited.contains("declined"), "{visited}");
    let Wanted::Visit(second) = wanted(1) else { panic!("no page") };
    assert_eq!(second.as_str(), "https://example.com/pay");

    let calling = Calling { answers: None, ..calling };
    let given = json!({ "duration": 0.3, "steps": 3 });
    value(calling.perform(tool("triggerLongRunningOperation"), given).await);
    // The last one comes with the answer, which may be faster.
    let progress = person.progress.lock().unwrap().clone();
    assert!(progress.starts_with(&[(1, 3), (2, 3)]), "{address}: {progress:?}");
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
        asks(&kinds, &address).await;
    }
}

#[tokio::test]
async fn as_a_program() {
    let Some(program) = fetched::mcp_server() else { return skipped() };
    let folder = tempfile::tempdir().unwrap();
    let launcher = Launcher::new(folder.path().to_owned(), std::env::var_os("PATH").unwrap());
    let kinds = Kinds::with_programs(&client(), Some(launcher));
    let address = format!("stdio:node '{}' stdio", program.display());
    works(&kinds, &address).await;
    asks(&kinds, &address).await;
}
