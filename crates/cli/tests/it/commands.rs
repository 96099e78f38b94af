//! The command line, with and without a server.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Server, executor, folder, run, start_api, succeed};

#[test]
fn a_newcomers_path_from_source_to_call() {
    let folder = folder();
    let document = start_api(folder.path());
    let _server = Server::start(folder.path());
    let at = folder.path();

    let added = succeed(at, &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    assert!(added.contains("items has 2 tools."), "{added}");
    let found = succeed(at, &["tools", "search", "get", "an", "item", "--json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["items"][0]["path"], "items.items.get");
    let described = succeed(at, &["tools", "describe", "items.items.get"]);
    assert!(described.contains("id: number"), "{described}");
    let called = succeed(at, &["call", "items.items.get", r#"{"id": 7}"#]);
    assert_eq!(serde_json::from_str::<Value>(&called).unwrap(), json!({ "id": 7 }));

    // Writes wait for a person, who sees what will be sent.
    let waits = run(at, &["call", "items.items.create", r#"{"name": "x"}"#]);
    assert_eq!(waits.status.code(), Some(3), "{waits:?}");
    let message = String::from_utf8_lossy(&waits.stderr).into_owned();
    let approval =
        message.split_whitespace().find(|word| word.starts_with("apr_")).expect(&message).to_owned();
    let shown = succeed(at, &["approvals", "show", &approval]);
    for part in ["POST", "/items", "\"name\": \"x\"", ">    1  return await tools.items.items.create"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let approved =
        succeed(at, &["approvals", "approve", &approval, "--reason", "seen", "--remember", "rule"]);
    assert!(approved.contains("is approved"), "{approved}");
    assert!(succeed(at, &["approvals", "list"]).contains("Nothing waits"));
    let open = succeed(at, &["approvals", "list", "--all", "--json"]);
    assert!(open.contains("proposedRule"), "{open}");
    let created = succeed(at, &["call", "items.items.create", r#"{"name": "x"}"#]);
    assert_eq!(serde_json::from_str::<Value>(&created).unwrap(), json!({ "name": "x" }));

    let rule = ["--condition", "args.name == 'x'", "--caller", "role:owner", "--json"];
    let denied = succeed(at, &[&["policies", "add", "items.items.create", "deny"][..], &rule].concat());
    let denied: Value = serde_json::from_str(&denied).unwrap();
    let id = denied["id"].as_str().unwrap();
    let call = ["items.items.create", r#"{"name": "x"}"#];
    let still = succeed(at, &[&["policies", "explain"][..], &call].concat());
    assert!(still.contains("items.items.create: allow") && still.contains("A rule before it"), "{still}");
    let moved = succeed(at, &["policies", "move", id, "--first"]);
    assert!(moved.contains("position 0"), "{moved}");
    let explained = succeed(at, &[&["policies", "explain"][..], &call].concat());
    assert!(
        explained.contains("items.items.create: deny") && explained.contains("Its condition holds."),
        "{explained}"
    );
    let tried = succeed(at, &["policies", "test", "--without", id, "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&tried).unwrap()["calls"], 3);
    let tried = succeed(at, &["policies", "test", "--tools", "items.*", "--effect", "deny"]);
    assert!(tried.contains("Of the last 3 calls 3 would have been decided differently."), "{tried}");
    let listed = succeed(at, &["policies", "list"]);
    assert!(listed.contains("for role:owner, if args.name == 'x'"), "{listed}");
    succeed(at, &["policies", "remove", id]);

    let missing = run(at, &["call", "items.items.get", r#"{"idd": 7}"#]);
    let message = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(message.contains("invalid_arguments") && message.contains("id"), "{message}");
    let unknown = run(at, &["call", "items.items.gett", "{}"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("items.items.get"));
}

#[test]
fn commands_host_the_server_themselves_when_there_is_none() {
    let folder = folder();
    let mut child = executor(folder.path())
        .args(["run", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"return [1, 2]").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), json!([1, 2]));
    let tasks = succeed(folder.path(), &["tasks", "list", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&tasks).unwrap()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn failures_exit_with_their_code() {
    let folder = folder();
    let script = folder.path().join("fails.ts");
    std::fs::write(&script, "const x: number = 1;\nthrow new TypeError('no')").unwrap();
    let failed = run(folder.path(), &["run", script.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(1));
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(message.contains("error[uncaught_error]: no (line 2"), "{message}");
    assert_eq!(run(folder.path(), &["frobnicate"]).status.code(), Some(2));
    let mut wrong = executor(folder.path());
    wrong.args(["config", "check"]).env("EXECUTOR_TASK_TIMEOUT_MS", "soon").env("EXECUTOR_HOST", "nowhere");
    let wrong = wrong.output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(message.contains("EXECUTOR_TASK_TIMEOUT_MS") && message.contains("EXECUTOR_HOST"), "{message}");
}

#[test]
fn keys_open_what_their_scopes_say_until_they_are_revoked() {
    let folder = folder();
    let server = Server::start(folder.path());
    let key: Value =
        serde_json::from_str(&succeed(folder.path(), &["keys", "create", "ci", "--scope", "read", "--json"]))
            .unwrap();
    let secret = key["secret"].as_str().unwrap();
    let tasks = format!("{}/api/v1/workspaces/default/tasks", server.url);
    let read = || server.request().get(&tasks).bearer_auth(secret).send().unwrap().status().as_u16();
    assert_eq!(read(), 200);
    let run = server.request().post(&tasks).bearer_auth(secret).json(&json!({ "code": "1" })).send().unwrap();
    assert_eq!(run.status().as_u16(), 403);
    succeed(folder.path(), &["keys", "revoke", key["id"].as_str().unwrap()]);
    assert_eq!(read(), 401);
}

#[test]
fn the_audit_log_is_listed_verified_exported_and_held() {
    let folder = folder();
    let at = folder.path();
    let _server = Server::start(at);
    succeed(at, &["members", "add", "Ada", "--role", "member"]);
    let listed = succeed(at, &["audit", "list", "--action", "member.added", "--since", "1h", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["items"][0]["payload"]["name"], "Ada");
    assert!(succeed(at, &["audit", "list"]).contains("organization.created"));

    let exported = succeed(at, &["audit", "export"]);
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["head"]["number"].as_u64().unwrap() as usize, lines.len() - 1);
    assert_eq!(lines[lines.len() - 2]["action"], "audit.exported");
    let file = at.join("audit.jsonl");
    succeed(at, &["audit", "export", "--after", "2", "--output", file.to_str().unwrap()]);
    let first: Value =
        serde_json::from_str(std::fs::read_to_string(file).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(first["number"], 3);

    let verified = succeed(at, &["audit", "verify"]);
    assert!(verified.starts_with("Intact: ") && verified.contains("Head: "), "{verified}");
    let held = succeed(at, &["audit", "hold", "case 17", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&held).unwrap()["hold"]["reason"], "case 17");
    let kept = succeed(at, &["audit", "retention", "--journal-days", "90"]);
    assert!(kept.contains("are kept 90 days.") && kept.contains("case 17"), "{kept}");
    let released = succeed(at, &["audit", "hold", "--release", "--json"]);
    let released: Value = serde_json::from_str(&released).unwrap();
    assert_eq!(released, json!({ "auditDays": null, "journalDays": 90, "hold": null }));
    let unknown = run(at, &["audit", "list", "--action", "nothing"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("member.added"), "it says what there is");
}
