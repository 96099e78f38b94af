//! What an MCP server asks in the middle of a call, and how far it is, from outside.

use executor_harness::mcp_server::{Generation, McpServer};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Server, folder, run, succeed};

const TASKS: &str = "/api/v1/workspaces/default/tasks";

#[test]
fn a_question_outlives_kill_9_and_its_answer_has_one_effect() {
    let (runtime, folder) = (Runtime::new().unwrap(), folder());
    let at = folder.path();
    let hotel = runtime.block_on(McpServer::start(Generation::Stateless));
    let server = Server::start(at);
    succeed(at, &["sources", "add", &hotel.address, "--name", "hotel", "--kind", "mcp"]);
    succeed(at, &["policies", "add", "hotel.*", "allow"]);
    let code = "const booked = await tools.hotel.book({ room: 'blue' }); return booked.answers;";
    let (_, task) = server.post(TASKS, &json!({ "code": code, "waitMs": 20_000 }));
    let approval = &task["approvals"][0];
    let (id, asked) = (task["id"].as_str().unwrap(), approval["id"].as_str().unwrap());
    assert_eq!((&task["status"], &approval["path"]), (&json!("waiting"), &json!("hotel.book")), "{task}");
    server.kill();
    assert_eq!((hotel.calls().len(), hotel.effects()), (1, Vec::<Value>::new()));

    let server = Server::start(at);
    let shown = succeed(at, &["approvals", "show", asked]);
    for line in ["Question    `hotel` asks for an answer", "> How many nights?", "says this, not Executor"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let refused = run(at, &["approvals", "answer", asked, r#"{"nights":"two"}"#, "--as-json"]);
    assert!(!refused.status.success(), "{refused:?}");
    succeed(at, &["approvals", "answer", asked, r#"{"nights":2}"#, "--as-json"]);
    let ended = |server: &Server| server.get(&format!("{TASKS}/{id}?waitMs=20000")).1;
    let expected = json!([{ "action": "accept", "content": { "nights": 2 } }]);
    assert_eq!(ended(&server)["result"], expected);
    server.kill();
    assert_eq!(ended(&Server::start(at))["result"], expected);
    assert_eq!((hotel.calls().len(), hotel.effects().len()), (2, 1));
}

#[test]
fn how_far_a_call_is_is_told_while_one_waits_and_kept() {
    let (runtime, folder) = (Runtime::new().unwrap(), folder());
    let at = folder.path();
    let hotel = runtime.block_on(McpServer::start(Generation::Sessions));
    let server = Server::start(at);
    succeed(at, &["sources", "add", &hotel.address, "--name", "hotel", "--kind", "mcp"]);
    succeed(at, &["policies", "add", "hotel.*", "allow"]);
    let called = run(at, &["call", "hotel.work"]);
    let told = String::from_utf8_lossy(&called.stderr);
    assert!(called.status.success() && told.contains("call 1: 1 of 30, step 1\n"), "{told}");
    let listed: Value = serde_json::from_str(&succeed(at, &["tasks", "list", "--json"])).unwrap();
    let events = succeed(at, &["tasks", "events", listed["items"][0]["id"].as_str().unwrap()]);
    assert!(events.contains("call.progress"), "{events}");

    // An agent's client hears of it too, if it wants to.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "listener", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
        "progressToken": "p",
    });
    let code = "return await tools.hotel.work({})";
    let params = json!({ "name": "execute", "arguments": { "code": code }, "_meta": meta });
    let request = server.request().post(format!("{}/mcp", server.url));
    let request = request
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "execute")
        .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    let heard = request.send().unwrap().text().unwrap();
    assert!(heard.contains("notifications/progress") && heard.contains("call 1: 1 of 30, step 1"), "{heard}");
    assert!(heard.contains("worked"), "{heard}");
}
