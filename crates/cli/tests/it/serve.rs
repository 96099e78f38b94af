//! The server over HTTP: tasks, their journals, restarts and kills.

use serde_json::json;

use crate::support::{Server, executor, folder};

const TASKS: &str = "/api/v1/workspaces/default/tasks";

#[test]
fn a_task_runs_and_is_still_there_after_a_kill() {
    let folder = folder();
    let server = Server::start(folder.path());
    let (status, task) =
        server.post(TASKS, &json!({ "code": "console.log('hi'); return 1 + 1", "waitMs": 20_000 }));
    assert_eq!((status, &task["status"], &task["result"]), (200, &json!("completed"), &json!(2)), "{task}");
    let id = task["id"].as_str().unwrap().to_owned();
    server.kill();

    let server = Server::start(folder.path());
    let (_, task) = server.get(&format!("{TASKS}/{id}"));
    assert_eq!((&task["status"], &task["result"]), (&json!("completed"), &json!(2)));
    let (_, events) = server.get(&format!("{TASKS}/{id}/events"));
    let kinds: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["task.created", "task.attempt", "console", "program.ended", "task.ended"]);
    let (_, tasks) = server.get(TASKS);
    assert_eq!(tasks["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_task_that_a_kill_interrupts_goes_on() {
    let folder = folder();
    let server = Server::start(folder.path());
    let code = "await new Promise(done => setTimeout(done, 1000)); return 'through'";
    let (status, task) = server.post(TASKS, &json!({ "code": code }));
    assert_eq!((status, &task["status"]), (202, &json!("running")), "{task}");
    server.kill();

    let server = Server::start(folder.path());
    let path = format!("{TASKS}/{}", task["id"].as_str().unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let (_, task) = server.get(&path);
        if task["status"] == "completed" {
            assert_eq!((&task["result"], &task["attempts"]), (&json!("through"), &json!(2)));
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{task}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn bad_requests_say_what_is_wrong() {
    let folder = folder();
    let server = Server::start(folder.path());
    let table = [
        (json!({}), 400, "invalid_request"),
        (json!({ "code": "" }), 400, "invalid_request"),
        (json!({ "code": "return 1", "color": "red" }), 400, "invalid_request"),
        (json!({ "code": "return 1", "timeoutMs": 0 }), 400, "invalid_request"),
        (json!({ "code": "return 1", "runtime": "abacus" }), 400, "invalid_request"),
        (json!({ "code": "x".repeat(2 << 20) }), 413, "code_too_large"),
    ];
    for (body, status, code) in table {
        let (answered, problem) = server.post(TASKS, &body);
        assert_eq!((answered, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    }
    let (status, problem) = server.get("/api/v1/workspaces/nowhere/tasks");
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
    let (status, problem) = server.get(&format!("{TASKS}/tsk_00000000000000000000000000000000"));
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
}

#[test]
fn web_pages_and_foreign_hosts_are_refused() {
    let folder = folder();
    let server = Server::start(folder.path());
    let workspaces = format!("{}/api/v1/workspaces", server.url);
    let from = |name: &str, value: &str| {
        server.request().get(&workspaces).header(name, value).send().unwrap().status().as_u16()
    };
    assert_eq!(from("origin", "https://evil.example"), 403);
    assert_eq!(from("host", "evil.example"), 403);
    assert_eq!(from("authorization", "Bearer nonsense"), 401);
    assert_eq!(from("accept", "application/json"), 200);
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = folder();
    let _server = Server::start(folder.path());
    let second = executor(folder.path()).arg("serve").output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another Executor owns"));
}

#[test]
fn commands_reach_a_server_elsewhere_by_its_address_and_a_key() {
    let (folder, elsewhere) = (folder(), crate::support::folder());
    let server = Server::start(folder.path());
    let ask = |key: &str| {
        let mut command = executor(elsewhere.path());
        command.args(["tasks", "list", "--json", "--url", &server.url]).env("EXECUTOR_API_KEY", key);
        command.output().unwrap()
    };
    assert!(ask(&server.token).status.success());
    let refused = ask("nonsense");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).starts_with("error[unauthorized]:"));
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}
