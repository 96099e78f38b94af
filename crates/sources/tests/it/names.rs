//! What tools are called.

use serde_json::{Value, json};

use crate::support::{document, import};

/// Route, tags, operation id.
const TABLE: &[(&str, &str, &str)] = &[
    ("get /repos/{owner}/{repo}/issues", "issues", "issues/list-for-repo"),
    ("get /user", "", "get_file_contents"),
    ("get /pets", "pets", "listPets"),
    ("get /pods", "core_v1", "readCoreV1Namespaced"),
    ("get /users", "users.user", "users.user.ListUser"),
    ("get /v1/customers/{id}", "", ""),
    ("post /v1/customers", "Customer Data", ""),
    ("get /search", "", "search"),
    ("get /then", "then", "constructor"),
    ("get /9", "9 lives", "2fa"),
    ("get /odd", "日本", "日本"),
    ("get /API", "API Keys", "LIST KEYS"),
    ("get /a", "same", "get-it"),
    ("put /a", "same", "get_it"),
    ("get /b", "same", "getIt"),
    ("get /c/{x}", "same", "get it"),
    ("get /dup", "same", "GETIT"),
    ("get /", "", ""),
];

#[test]
fn names_are_as_documented() {
    let paths: Value = TABLE.iter().fold(json!({}), |mut paths, (route, tag, id)| {
        let (method, path) = route.split_once(' ').unwrap();
        let mut operation = json!({"responses": {}, "summary": route});
        if !tag.is_empty() {
            operation["tags"] = json!([tag]);
        }
        if !id.is_empty() {
            operation["operationId"] = json!(id);
        }
        paths[path][method] = operation;
        paths
    });
    let import = import(&document(paths));
    let mut lines: Vec<_> =
        import.tools.iter().map(|tool| format!("{:40}{}", tool.summary, tool.name)).collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
    for tool in &import.tools {
        executor_core::ToolPath::new("source", &tool.name).unwrap();
    }
}

#[test]
fn names_do_not_depend_on_the_order_of_the_document() {
    let operation = json!({"operationId": "same", "responses": {}});
    let name_of = |paths: Value, route: &str| {
        let import = import(&document(paths));
        import.tools.into_iter().find(|tool| tool.summary == route).unwrap().name
    };
    let forth = json!({"/a": {"get": operation, "put": operation}, "/b": {"get": operation}});
    let back = json!({"/b": {"get": operation}, "/a": {"put": operation, "get": operation}});
    for route in ["GET /a", "PUT /a", "GET /b"] {
        assert_eq!(name_of(forth.clone(), route), name_of(back.clone(), route));
    }
}

#[test]
fn a_long_name_still_makes_a_path() {
    let long = "x".repeat(400);
    let import = import(&document(json!({"/a": {
        "get": {"operationId": format!("{long}1"), "responses": {}},
        "put": {"operationId": format!("{long}2"), "responses": {}},
    }})));
    assert_ne!(import.tools[0].name, import.tools[1].name);
    for tool in &import.tools {
        executor_core::ToolPath::new("source", &tool.name).unwrap();
    }
}
