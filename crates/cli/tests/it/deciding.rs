//! Deciding from an agent's client: in a session, in rounds, and on a task that is polled.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Server, folder, start_api, succeed};

/// Two writes side by side, of which each waits for a person.
const WRITES: &str = "const made = await Promise.allSettled(['one', 'two'].map((name) => tools.items.items.create({ name })));\
    return made.map((call) => call.value?.name ?? call.reason.code);";

const META: &str = "io.modelcontextprotocol/";

fn with_items(folder: &Path, variables: &[(&str, &str)]) -> Server {
    let server = Server::start_with(folder, variables);
    let document = start_api(folder);
    succeed(folder, &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    server
}

/// What a session's client was asked, and the answer that it got.
fn decide(server: &Server, key: &str, modes: &Value, answers: &Value) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/decide.mjs");
    let mut node = Command::new("node");
    node.args([script, &format!("{}/mcp", server.url), key, &modes.to_string(), &answers.to_string()]);
    let output = node.env("OWNER", &server.token).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A key of the owner that may decide, which no key may that is not asked for.
pub(crate) fn deciding_key(folder: &Path, name: &str) -> String {
    let scopes = ["--scope", "run", "--scope", "read", "--scope", "approve"];
    secret(&succeed(folder, &[&["keys", "create", name, "--json"], &scopes[..]].concat()))
}

fn secret(made: &str) -> String {
    let made: Value = serde_json::from_str(made).unwrap();
    made["secret"].as_str().unwrap().to_owned()
}

pub(crate) fn approve() -> Value {
    json!({ "action": "accept", "content": { "decision": "approve" } })
}

#[test]
fn in_a_session_the_user_decides_where_their_client_is_trusted() {
    let folder = folder();
    let server = with_items(folder.path(), &[("EXECUTOR_ELICITED_APPROVALS", "1")]);
    let deny = json!({ "action": "accept", "content": { "decision": "deny", "reason": "not two" } });
    let seen = decide(&server, "-", &json!({ "form": {} }), &json!([approve(), deny]));
    assert_eq!(seen["structured"]["result"], json!(["one", "approval_denied"]), "{seen}");
    let question = &seen["questions"][0];
    let message = question["message"].as_str().unwrap();
    assert!(message.contains("items.items.create") && message.contains(r#"{"name":"one"}"#), "{message}");
    assert_eq!(question["requestedSchema"]["required"], json!(["decision"]));
    // Declining a question is a denial; dismissing it is not.
    let decline = json!({ "action": "decline" });
    let seen = decide(&server, "-", &json!({ "form": {} }), &json!([decline, { "action": "cancel" }]));
    assert_eq!(seen["structured"]["status"], "waiting", "{seen}");
    assert_eq!(seen["structured"]["approvals"].as_array().unwrap().len(), 1, "{seen}");
}

#[test]
fn without_the_right_the_user_is_only_shown_the_page() {
    let folder = folder();
    let server = with_items(folder.path(), &[]);
    let seen = decide(&server, "-", &json!({ "form": {} }), &json!([]));
    assert_eq!(
        (&seen["questions"], &seen["structured"]["status"]),
        (&json!([]), &json!("waiting")),
        "{seen}"
    );
    let seen = decide(&server, "-", &json!({ "form": {}, "url": {} }), &json!([]));
    assert_eq!(seen["questions"].as_array().unwrap().len(), 2, "{seen}");
    assert_eq!(seen["structured"]["result"], json!(["one", "two"]), "{seen}");
}

#[test]
fn an_agent_decides_only_what_its_person_may() {
    let folder = folder();
    let server = with_items(folder.path(), &[]);
    let owner = deciding_key(folder.path(), "owner");
    succeed(folder.path(), &["members", "add", "Mo", "--role", "member"]);
    let members: Value =
        serde_json::from_str(&succeed(folder.path(), &["members", "list", "--json"])).unwrap();
    let mo = members["items"].as_array().unwrap().iter().find(|member| member["name"] == "Mo").unwrap();
    let account = mo["account"].as_str().unwrap();
    let member = secret(&succeed(folder.path(), &["keys", "create", "mo", "--account", account, "--json"]));
    let forms = json!({ "form": {} });
    let seen = decide(&server, &member, &forms, &json!([approve(), approve()]));
    assert_eq!(
        (&seen["questions"], &seen["structured"]["status"]),
        (&json!([]), &json!("waiting")),
        "{seen}"
    );
    let seen = decide(&server, &owner, &forms, &json!([approve(), approve()]));
    assert_eq!(seen["structured"]["result"], json!(["one", "two"]), "{seen}");
}

/// A request of the stateless generation, by a client that can show forms.
pub(crate) fn stateless(
    server: &Server,
    key: &str,
    method: &str,
    mut params: Value,
    capabilities: &Value,
) -> Value {
    params["_meta"] = json!({
        format!("{META}protocolVersion"): "2026-07-28",
        format!("{META}clientInfo"): { "name": "stateless", "version": "1" },
        format!("{META}clientCapabilities"): capabilities,
    });
    let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap().to_owned();
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let response = server
        .request()
        .post(format!("{}/mcp", server.url))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method)
        .header("mcp-name", name)
        .bearer_auth(key)
        .json(&request)
        .send()
        .unwrap();
    let text = response.text().unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    if answer["error"].is_null() { answer["result"].clone() } else { answer["error"].clone() }
}

#[test]
fn in_rounds_the_state_is_the_senders_own_and_counts_once() {
    let folder = folder();
    let server = with_items(folder.path(), &[]);
    let (key, another) = (deciding_key(folder.path(), "one"), deciding_key(folder.path(), "another"));
    let forms = json!({ "elicitation": { "form": {} } });
    let execute = |key: &str, more: Value, code: &str| {
        let mut params = json!({ "name": "execute", "arguments": { "code": code } });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stateless(&server, key, "tools/call", params, &forms)
    };
    let first = execute(&key, json!({}), WRITES);
    assert_eq!(first["resultType"], "input_required", "{first}");
    let state = first["requestState"].as_str().unwrap().to_owned();
    let asked: Vec<String> = first["inputRequests"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(asked.len(), 2, "{first}");
    let responses = |state: &str| {
        let answers: serde_json::Map<_, _> = asked.iter().map(|id| (id.clone(), approve())).collect();
        json!({ "requestState": state, "inputResponses": answers })
    };
    // Changed, somebody else's, and of another request: nothing is decided by them.
    let (body, tag) = state.split_once('.').unwrap();
    let changed = format!("{}A.{tag}", &body[..body.len() - 1]);
    let refused = [
        execute(&key, responses(&changed), WRITES),
        execute(&another, responses(&state), WRITES),
        execute(&key, responses(&state), "return 'something else'"),
        execute(&key, responses("nonsense"), WRITES),
    ];
    for answer in refused {
        assert_eq!(answer["structuredContent"]["error"]["code"], "request_state_invalid", "{answer}");
    }
    let open = succeed(folder.path(), &["approvals", "list", "--json"]);
    assert_eq!(open.matches("\"status\": \"open\"").count(), 2, "{open}");

    let done = execute(&key, responses(&state), WRITES);
    assert_eq!(done["structuredContent"]["result"], json!(["one", "two"]), "{done}");
    let again = execute(&key, responses(&state), WRITES);
    assert_eq!(again["structuredContent"]["error"]["code"], "request_state_invalid", "{again}");
    let stray = execute(&key, json!({ "inputResponses": {} }), WRITES);
    assert_eq!(stray["structuredContent"]["error"]["code"], "invalid_request", "{stray}");
}

#[test]
fn a_client_with_the_tasks_extension_polls_decides_and_cancels() {
    let folder = folder();
    let server = with_items(folder.path(), &[]);
    let key = deciding_key(folder.path(), "one");
    let able = json!({ "elicitation": {}, "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let ask = |method: &str, params: Value| stateless(&server, &key, method, params, &able);
    let begin = || {
        let task = ask("tools/call", json!({ "name": "execute", "arguments": { "code": WRITES } }));
        assert_eq!(
            (&task["resultType"], &task["status"]),
            (&json!("task"), &json!("input_required")),
            "{task}"
        );
        task["taskId"].as_str().unwrap().to_owned()
    };
    let until = |id: &str, status: &str| loop {
        let task = ask("tasks/get", json!({ "taskId": id }));
        if task["status"] == status {
            break task;
        }
        assert!(task["status"] == "working" || task["status"] == "input_required", "{task}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let id = begin();
    let asked = until(&id, "input_required");
    let answers: serde_json::Map<_, _> =
        asked["inputRequests"].as_object().unwrap().keys().map(|id| (id.clone(), approve())).collect();
    assert_eq!(answers.len(), 2, "{asked}");
    ask("tasks/update", json!({ "taskId": id, "inputResponses": answers }));
    let done = until(&id, "completed");
    assert_eq!(done["result"]["structuredContent"]["result"], json!(["one", "two"]), "{done}");

    let id = begin();
    ask("tasks/cancel", json!({ "taskId": id }));
    until(&id, "cancelled");
    // A short task needs no polling.
    let sum = ask("tools/call", json!({ "name": "execute", "arguments": { "code": "return 1 + 1" } }));
    assert_eq!(sum["structuredContent"]["result"], 2, "{sum}");
}
