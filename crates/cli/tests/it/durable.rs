//! One task that outlives its server twice while three people decide, each in a way of their own.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::deciding::{approve, deciding_key, stateless};
use crate::support::{Server, describe_items, folder, start_upstream, succeed};

const WRITES: &str = "const names = ['elicited', 'told', 'edited'];
    const made = await Promise.all(names.map((name) => tools.items.items.create({ name })));
    return made.map((item) => item.name);";

fn call(server: &Server, key: &str, name: &str, arguments: &Value, more: &Value) -> Value {
    let mut params = json!({ "name": name, "arguments": arguments });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stateless(server, key, "tools/call", params, &json!({ "elicitation": { "form": {} } }))
}

/// The open approval of the call with this name.
fn approval_of(folder: &std::path::Path, name: &str) -> String {
    let listed: Value = serde_json::from_str(&succeed(folder, &["approvals", "list", "--json"])).unwrap();
    let approvals = listed["items"].as_array().unwrap();
    let of_name = approvals.iter().find(|approval| approval["arguments"]["name"] == name);
    of_name.unwrap_or_else(|| panic!("{listed}"))["id"].as_str().unwrap().to_owned()
}

#[test]
fn three_held_writes_outlive_their_server_and_leave_once_each() {
    let folder = folder();
    let folder = folder.path();
    let sent = Arc::<Mutex<Vec<String>>>::default();
    let seen = sent.clone();
    let address = start_upstream(move |_, body| {
        seen.lock().unwrap().push(body.to_owned());
        body.to_owned()
    });
    let document = describe_items(folder, &address);
    let server = Server::start(folder);
    succeed(folder, &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    let key = deciding_key(folder, "agent");
    let asked = call(&server, &key, "execute", &json!({ "code": WRITES }), &json!({}));
    assert_eq!(asked["inputRequests"].as_object().map(serde_json::Map::len), Some(3), "{asked}");
    let listed: Value = serde_json::from_str(&succeed(folder, &["tasks", "list", "--json"])).unwrap();
    let task = listed["items"][0]["id"].as_str().unwrap().to_owned();
    server.kill();

    let server = Server::start(folder);
    let resume = |server: &Server, more: Value| {
        call(server, &key, "resume", &json!({ "taskId": task, "waitMs": 2_000 }), &more)
    };
    let asked = resume(&server, json!({}));
    let answer = json!({ approval_of(folder, "elicited"): approve() });
    let left = resume(&server, json!({ "requestState": asked["requestState"], "inputResponses": answer }));
    // What the user left unanswered is not asked again at once.
    let waiting = left["structuredContent"]["approvals"].as_array();
    assert_eq!(waiting.map(Vec::len), Some(2), "{left}");
    succeed(folder, &["approvals", "approve", &approval_of(folder, "told")]);
    let last = approval_of(folder, "edited");
    server.kill();

    let server = Server::start(folder);
    let decision = json!({ "decision": "approve", "arguments": { "name": "by a person" } });
    let resolve = format!("{}/api/v1/workspaces/default/approvals/{last}/resolve", server.url);
    let decided = server.request().post(resolve).bearer_auth(&server.token).json(&decision).send().unwrap();
    assert_eq!(decided.status().as_u16(), 200, "{}", decided.text().unwrap());
    let done = resume(&server, json!({}));
    assert_eq!(done["structuredContent"]["result"], json!(["elicited", "told", "by a person"]), "{done}");
    let mut sent = sent.lock().unwrap().clone();
    sent.sort();
    assert_eq!(sent, [r#"{"name":"by a person"}"#, r#"{"name":"elicited"}"#, r#"{"name":"told"}"#]);
    // It exits with 1 if anything was altered.
    succeed(folder, &["audit", "verify"]);
}
