//! A newcomer's first hour: two sources, an agent on each transport, what ran, and all of it again after a restart.

use serde_json::Value;

use crate::mcp::{check, client};
use crate::support::{EXECUTOR, Server, folder, start_api, succeed};

#[test]
fn from_an_empty_folder_to_an_agent_that_calls_and_back_after_a_restart() {
    let Some(github) = crate::fetched::file("octokit-openapi", "package/generated/api.github.com.json")
    else {
        return;
    };
    let folder = folder();
    let at = folder.path();
    let items = start_api(at);
    let server = Server::start(at);
    let added = succeed(at, &["sources", "add", github.to_str().unwrap(), "--name", "github"]);
    assert!(added.contains("github has 1223 tools."), "{added}");
    succeed(at, &["sources", "add", items.to_str().unwrap(), "--name", "items"]);

    // Describe, outside and inside of the code.
    let described = succeed(at, &["tools", "describe", "github.issues.listForRepo"]);
    assert!(described.contains("owner: string") && described.contains("repo: string"), "{described}");
    let (_, task) = server.post(
        "/api/v1/workspaces/default/tasks",
        &serde_json::json!({ "code": "return await tools.describe('github.issues.create')", "waitMs": 30_000 }),
    );
    assert!(task["result"].to_string().contains("title: string"), "{task}");

    check(&client(at, &["http", &format!("{}/mcp", server.url)]));
    check(&client(at, &["stdio", EXECUTOR, "mcp"]));
    let before = what_is_there(at);
    assert_eq!(before.matches("call.settled").count(), 3, "one parallel task with three calls: {before}");

    server.kill();
    let _server = Server::start(at);
    assert_eq!(what_is_there(at), before);
    check(&client(at, &["stdio", EXECUTOR, "mcp"]));
}

/// The sources, the tasks, and the journal of the newest task that made calls.
fn what_is_there(at: &std::path::Path) -> String {
    let sources = succeed(at, &["sources", "list", "--json"]);
    let tasks = succeed(at, &["tasks", "list", "--json"]);
    let listed: Value = serde_json::from_str(&tasks).unwrap();
    let called = |task: &&Value| task["title"].as_str().unwrap().contains("Promise.all");
    let newest = listed["items"].as_array().unwrap().iter().find(called).unwrap();
    let journal = succeed(at, &["tasks", "events", newest["id"].as_str().unwrap(), "--json"]);
    format!("{sources}{tasks}{journal}")
}
