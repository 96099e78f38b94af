//! One task that uses a source of each kind: GitHub by its document, its GraphQL schema, the reference MCP server over HTTP
//! and as a program, and a Discovery document. The APIs themselves are played here; what describes them is real.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fetched;
use crate::support::{Server, folder, run, start_upstream, succeed};

/// GitHub's two APIs and Google's calendar, on one address.
fn answer(target: &str, body: &str) -> String {
    let answer = match target.split('?').next().unwrap() {
        "/repos/o/r/issues" => json!([{ "number": 7, "title": "Leak" }]),
        "/graphql" => {
            let asked: Value = serde_json::from_str(body).unwrap();
            assert!(asked["query"].as_str().unwrap().contains("viewer"), "{asked}");
            json!({ "data": { "viewer": { "login": "octocat" } } })
        }
        "/calendar/calendars/primary/events" => json!({ "items": [{ "id": "e1", "summary": "Stand-up" }] }),
        other => json!({ "message": format!("nothing at {other}") }),
    };
    answer.to_string()
}

/// A document with as many operations.
fn changing(operations: usize) -> String {
    let paths: serde_json::Map<_, _> = (1..=operations)
        .map(|number| {
            (
                format!("/{number}"),
                json!({ "get": { "operationId": format!("op{number}"), "responses": {} } }),
            )
        })
        .collect();
    json!({ "openapi": "3.1.0", "info": { "title": "Changing", "version": "1" }, "servers": [{ "url": "/" }], "paths": paths }).to_string()
}

/// The reference MCP server over HTTP.
struct Everything(Child);

impl Everything {
    fn start(program: &Path) -> (Self, String) {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut node = Command::new("node");
        node.arg(program).arg("streamableHttp").env("PORT", port.to_string());
        let child = node.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        (Self(child), format!("http://127.0.0.1:{port}/mcp"))
    }
}

impl Drop for Everything {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TASK: &str = r#"
const issues = await tools.github.issues.listForRepo({ owner: "o", repo: "r" });
const [viewer, sum, echo, events] = await Promise.all([
  tools.graph.query.viewer({ select: "login" }),
  tools.everything.getSum({ a: 2, b: 3 }),
  tools.local.echo({ message: "hello" }),
  tools.calendar.events.list({ calendarId: "primary" }),
]);
return { issue: issues[0].title, login: viewer.login, sum, echo, event: events.items[0].summary };
"#;

#[test]
fn one_task_uses_every_kind_of_source() {
    let documents = [
        ("octokit-openapi", "package/generated/api.github.com.json"),
        ("octokit-graphql-schema", "package/schema.graphql"),
        ("google-api-python-client", "googleapiclient/discovery_cache/documents/calendar.v3.json"),
    ];
    let [Some(github), Some(graph), Some(calendar)] =
        documents.map(|(package, file)| fetched::file(package, file))
    else {
        return;
    };
    let Some(everything) = fetched::mcp_server() else { return };
    let (folder, upstream) = (folder(), start_upstream(answer));
    let at = folder.path();
    let server = Server::start(at);
    let (_everything, mcp) = Everything::start(&everything);
    let path = |document: &Path| document.to_str().unwrap().to_owned();
    let graphql = format!("{upstream}/graphql");
    let calendar_api = format!("{upstream}/calendar/");
    let program = format!("stdio:node '{}' stdio", everything.display());
    let add = |name: &str, source: &str, more: &[&str]| {
        let arguments = [&["sources", "add", source, "--name", name], more].concat();
        let deadline = Instant::now() + Duration::from_secs(20);
        // The MCP server may still be on its way.
        while !run(at, &arguments).status.success() {
            assert!(Instant::now() < deadline, "{arguments:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    add("github", &path(&github), &["--base-url", &upstream]);
    add("graph", &path(&graph), &["--base-url", &graphql]);
    add("calendar", &path(&calendar), &["--base-url", &calendar_api]);
    add("everything", &mcp, &["--trusted"]);
    add("local", &program, &[]);
    connect(&server, "calendar");
    succeed(at, &["policies", "add", "*", "allow"]);
    let listed: Value = serde_json::from_str(&succeed(at, &["sources", "list", "--json"])).unwrap();
    let kinds: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|source| source["kind"].clone()).collect();
    assert_eq!(
        kinds,
        ["google_discovery", "mcp", "openapi", "graphql", "mcp"].map(|kind| json!(kind)),
        "{listed}"
    );

    let (_, task) =
        server.post("/api/v1/workspaces/default/tasks", &json!({ "code": TASK, "waitMs": 30_000 }));
    let expected = json!({ "issue": "Leak", "login": "octocat", "event": "Stand-up" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&task["result"][name], value, "{task}");
    }
    assert!(task["result"]["sum"].to_string().contains('5'), "{task}");
    assert!(task["result"]["echo"].to_string().contains("hello"), "{task}");

    // The agent that looks for what it needs finds it in each of them.
    for (query, tool) in [
        ("list the issues of a repository", "github.issues.listForRepo"),
        ("events of a calendar", "calendar.events.list"),
        ("add two numbers", "everything.getSum"),
    ] {
        let found = succeed(at, &["tools", "search", query, "--json"]);
        assert!(found.contains(&format!("\"{tool}\"")), "{query}: {found}");
    }
}

fn connect(server: &Server, source: &str) {
    let connection = json!({ "source": source, "values": { "token": "secret" } });
    let (status, added) = server.post("/api/v1/workspaces/default/connections", &connection);
    assert_eq!(status, 201, "{added}");
}

#[test]
fn what_a_refresh_brings_is_shown_and_asks() {
    let operations = Arc::new(AtomicUsize::new(1));
    let published = operations.clone();
    let upstream = start_upstream(move |target, _| match target {
        "/openapi.json" => changing(published.load(Ordering::SeqCst)),
        _ => "\"done\"".to_owned(),
    });
    let folder = folder();
    let at = folder.path();
    let _server = Server::start(at);
    succeed(at, &["sources", "add", &format!("{upstream}/openapi.json"), "--name", "changing"]);
    assert_eq!(succeed(at, &["call", "changing.op1", "{}"]).trim(), "done");

    operations.store(2, Ordering::SeqCst);
    let refreshed = succeed(at, &["sources", "refresh", "changing"]);
    assert!(refreshed.contains("2 tools"), "{refreshed}");
    let changes = succeed(at, &["sources", "changes", "changing"]);
    assert!(changes.contains("changing.op2") && !changes.contains("changing.op1"), "{changes}");
    let held = run(at, &["call", "changing.op2", "{}"]);
    assert_eq!(held.status.code(), Some(3), "a tool that nobody has seen asks: {held:?}");
    succeed(at, &["sources", "accept", "changing", "--yes"]);
    assert_eq!(succeed(at, &["call", "changing.op2", "{}"]).trim(), "done");
}
