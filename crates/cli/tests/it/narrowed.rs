//! What an agent sees through a toolkit, and what its owner sees of it afterwards.

use serde_json::{Value, json};

use crate::support::{Server, folder, run, start_api, succeed};

/// Speaks the protocol at a path, as a client with sessions does. Gives what `initialize` and then `execute` answered.
fn execute(server: &Server, path: &str, code: &str) -> (Value, Value) {
    let send = |body: Value, session: Option<&str>| {
        let request = server.request().post(format!("{}{path}", server.url)).bearer_auth(&server.token);
        let request = request.header("accept", "application/json, text/event-stream");
        let request = match session {
            Some(session) => request.header("mcp-session-id", session),
            None => request,
        };
        request.json(&body).send().unwrap()
    };
    let client = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client });
    let answer = send(hello, None);
    let session = answer.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned());
    let initialized = message(answer);
    let Some(session) = session.filter(|_| initialized["error"].is_null()) else {
        return (initialized, Value::Null);
    };
    send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }), Some(&session));
    let call = json!({ "name": "execute", "arguments": { "code": code } });
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call });
    (initialized, message(send(call, Some(&session))))
}

/// The message of an answer, which may come as an event.
fn message(answer: reqwest::blocking::Response) -> Value {
    let text = answer.text().unwrap();
    let event =
        text.lines().filter_map(|line| line.strip_prefix("data: ")).find(|data| data.starts_with('{'));
    serde_json::from_str(event.unwrap_or(&text)).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_agent_at_a_toolkits_endpoint_has_its_tools_and_no_others() {
    let folder = folder();
    let document = start_api(folder.path());
    let server = Server::start(folder.path());
    let at = folder.path();
    for name in ["items", "others"] {
        succeed(at, &["sources", "add", document.to_str().unwrap(), "--name", name]);
    }
    let added = succeed(at, &["toolkits", "add", "reading", "items.items.get"]);
    assert!(added.contains("/mcp/toolkits/reading"), "{added}");
    assert!(succeed(at, &["toolkits", "list"]).contains("items.items.get"));
    assert!(succeed(at, &["sources", "changes", "items"]).contains("as it was accepted"));

    let code = "const item = await tools.items.items.get({ id: 7 });
        try { await tools.others.items.get({ id: 7 }) } catch (error) { return [item.id, error.code, error.hint] }";
    let (initialized, answer) = execute(&server, "/mcp/toolkits/reading?workspaceId=default", code);
    let instructions = initialized["result"]["instructions"].as_str().unwrap();
    assert!(instructions.contains("items") && !instructions.contains("others"), "{instructions}");
    let text = answer.to_string();
    assert!(text.contains("tool_not_found") && text.contains("the toolkit `reading`"), "{text}");
    let (_, answer) = execute(&server, "/mcp", "return (await tools.others.items.get({ id: 8 })).id");
    assert!(!answer.to_string().contains("tool_not_found"), "{answer}");
    let (unknown, _) = execute(&server, "/mcp/toolkits/none", "return 1");
    assert!(unknown["error"]["message"].as_str().unwrap().contains("no toolkit `none`"), "{unknown}");

    let tasks: Value = serde_json::from_str(&succeed(at, &["tasks", "list", "--json"])).unwrap();
    let task = tasks["items"][1]["id"].as_str().unwrap();
    let steps = succeed(at, &["tasks", "replay", task]);
    for part in [
        "step 1: it starts",
        "call 1: tools.items.items.get({\"id\":7})  line 1",
        "step 2: call 1 gives",
        "call 2: tools.others.items.get",
        "step 3: call 2 fails: tool_not_found",
        "returns [7,",
    ] {
        assert!(steps.contains(part), "{part} in {steps}");
    }
    let steps: Value = serde_json::from_str(&succeed(at, &["tasks", "replay", task, "--json"])).unwrap();
    assert_eq!(steps["steps"].as_array().unwrap().len(), 3);

    let updated = succeed(at, &["toolkits", "update", "reading", "items.*", "--name", "Reading"]);
    assert!(updated.contains("items.*"), "{updated}");
    succeed(at, &["toolkits", "remove", "reading"]);
    assert_eq!(run(at, &["toolkits", "show", "reading"]).status.code(), Some(1));
}
