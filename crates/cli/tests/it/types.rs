//! The declarations of all tools, read by the TypeScript compiler.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::{Server, folder, succeed};

/// An API with what is hard to name: a path that is a tool and a group, a type that refers to itself, names that are no
/// identifiers, and words that TypeScript keeps for itself.
fn document() -> String {
    let answer = |schema| json!({ "200": { "description": "", "content": { "application/json": { "schema": schema } } } });
    let tree = json!({ "$ref": "#/components/schemas/Tree" });
    let parameters = json!([
        { "name": "class", "in": "query", "required": true, "schema": { "enum": ["a", "b"] } },
        { "name": "x-y", "in": "query", "schema": { "type": "integer" } },
    ]);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Trees", "version": "1" },
        "servers": [{ "url": "http://127.0.0.1:1" }],
        "components": { "schemas": { "Tree": {
            "type": "object",
            "description": "A tree. */ alert(1)",
            "required": ["name"],
            "properties": { "name": { "type": "string" }, "branches": { "type": "array", "items": tree } },
        } } },
        "paths": {
            "/trees": { "get": { "operationId": "trees", "parameters": parameters, "responses": answer(json!({ "type": "array", "items": tree })) } },
            "/tree": { "get": { "operationId": "trees.delete", "responses": answer(tree) } },
        },
    })
    .to_string()
}

const RIGHT: &str = r#"
const all = await tools.wood.trees({ class: "a", "x-y": 1 });
const names: string[] = all.map((tree) => tree.branches?.[0]?.name ?? tree.name);
for await (const tree of tools.wood.trees({ class: "b" }, { paginate: true })) emit(tree.name);
const { status, data } = await tools.wood.trees.delete({}, { response: true });
const { items } = await tools.search("trees", { source: "wood" });
export { names, status, data, items };
"#;

fn compile(folder: &Path, program: &str) -> (bool, String) {
    std::fs::write(folder.join("program.ts"), program).unwrap();
    let compiler = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/node_modules/.bin/tsc");
    let arguments = ["--noEmit", "--strict", "--lib", "es2023", "--target", "es2022", "--module", "esnext"];
    let output = Command::new(compiler)
        .current_dir(folder)
        .args(arguments)
        .args(["tools.d.ts", "program.ts"])
        .output()
        .expect("the compiler that `npm ci` in tests/clients installs");
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_compiler_knows_every_tool_and_finds_what_does_not_fit() {
    let folder = folder();
    let _server = Server::start(folder.path());
    let path = folder.path().join("wood.json");
    std::fs::write(&path, document()).unwrap();
    succeed(folder.path(), &["sources", "add", path.to_str().unwrap(), "--name", "wood"]);
    let declarations = succeed(folder.path(), &["tools", "types"]);
    std::fs::write(folder.path().join("tools.d.ts"), declarations).unwrap();
    assert_eq!(compile(folder.path(), RIGHT), (true, String::new()));

    let wrong = [
        ("await tools.wood.trees({ class: \"c\" }); export {}", "\"c\""),
        ("await tools.wood.trees({}); export {}", "'class' is missing"),
        ("const n: number = (await tools.wood.trees.delete()).name; export {}", "'string' is not assignable"),
        ("await tools.wood.fell({}); export {}", "'fell' does not exist"),
    ];
    for (program, part) in wrong {
        let (fits, told) = compile(folder.path(), program);
        assert!(!fits && told.contains("program.ts(1,") && told.contains(part), "{program}: {told}");
    }
}
