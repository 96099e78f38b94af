//! Code that is checked against the tools that it uses before it runs.

use serde_json::{Value, json};

use crate::support::{Server, folder, start_api, succeed};

const COMPILER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/node_modules/.bin/tsc");

/// What makes a server refuse code that does not fit.
pub(crate) const STRICT: [(&str, &str); 2] =
    [("EXECUTOR_TYPE_CHECK", "strict"), ("EXECUTOR_TYPESCRIPT", COMPILER)];

fn with_items(mode: &str) -> (tempfile::TempDir, Server) {
    let folder = folder();
    let variables = [("EXECUTOR_TYPE_CHECK", mode), ("EXECUTOR_TYPESCRIPT", COMPILER)];
    let server = Server::start_with(folder.path(), &variables);
    let document = start_api(folder.path());
    succeed(folder.path(), &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    (folder, server)
}

fn submit(server: &Server, code: &str) -> (u16, Value) {
    server.post("/api/v1/workspaces/default/tasks", &json!({ "code": code, "waitMs": 20_000 }))
}

const WRONG: &str = "const id = 'a';\nreturn await tools.items.items.get({ id });";

#[test]
fn what_does_not_fit_is_refused_with_its_place_and_the_right_shape() {
    let (_folder, server) = with_items("strict");
    let (status, problem) = submit(&server, WRONG);
    assert_eq!((status, &problem["code"]), (422, &json!("type_error")), "{problem}");
    let (detail, hint) = (problem["detail"].as_str().unwrap(), problem["hint"].as_str().unwrap());
    assert!(
        detail.starts_with("Line 2, column 38: Type 'string' is not assignable to type 'number'"),
        "{detail}"
    );
    assert!(hint.contains("items.items.get(args: { id: number })"), "{hint}");

    let fits = [
        "return (await tools.items.items.get({ id: 1 })).id",
        "```ts\nreturn (await tools.items.items.get({ id: 1 })).id\n```",
        "async () => (await tools.items.items.get({ id: 1 })).id",
        "export default async () => (await tools.items.items.get({ id: 1 })).id",
        "1",
        // What cannot be known beforehand is not judged beforehand.
        "const { items } = tools as any; return (await items.items.get({ id: 1 })).id",
        "const url = new URL('https://a.test/1'); return Number(url.pathname.slice(1)) // done",
    ];
    for code in fits {
        let (_, task) = submit(&server, code);
        assert_eq!((&task["status"], &task["result"]), (&json!("completed"), &json!(1)), "{code}: {task}");
    }
    // What the sandbox itself finds is its own to tell.
    assert_eq!(submit(&server, "return tools.nothing.here()").1["error"]["code"], "tool_not_found");
}

#[test]
fn a_warning_goes_with_the_answer() {
    let (_folder, server) = with_items("warn");
    let (_, task) = submit(
        &server,
        "try { await tools.items.items.get({ id: 'a' }) } catch (error) { return error.code }",
    );
    assert_eq!(task["result"], "invalid_arguments", "{task}");
    assert_eq!(task["warnings"][0]["code"], "type_error", "{task}");
}

#[test]
fn without_the_compiler_everything_is_as_before() {
    let folder = folder();
    let variables = [("EXECUTOR_TYPE_CHECK", "strict"), ("EXECUTOR_TYPESCRIPT", "/nowhere/tsc")];
    let server = Server::start_with(folder.path(), &variables);
    assert_eq!(submit(&server, "const n: number = 'a'; return 1").1["result"], 1);
}
