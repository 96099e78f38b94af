//! Documents that a call gives whole.

use serde_json::{Value, json};

use super::support::{Shop, body};

fn also(shop: &Shop, tool: &str, query: &str) -> Vec<String> {
    shop.plan(tool, json!({ "query": query }))
        .unwrap_or_else(|error| panic!("{query}: {}", error.message))
        .also
}

#[test]
fn each_root_field_that_is_reached_is_named() {
    let shop = Shop::new();
    let queries: [(&str, &[&str]); 12] = [
        ("{ version }", &["query.version"]),
        ("query { a: version b: version }", &["query.version"]),
        ("query Q { version me { id } }", &["query.version", "query.me"]),
        ("{ me: user(id: 1) { id } }", &["query.user"]),
        ("{ ... { version } ... on Root { me { id } } }", &["query.version", "query.me"]),
        (
            "{ ...F } fragment F on Root { version ...G } fragment G on Root { search(select: \"x\") { id } }",
            &["query.version", "query.search_"],
        ),
        ("{ version @skip(if: true) }", &["query.version"]),
        (
            "query($no: Boolean = false) { version @include(if: $no) ...F @skip(if: true) } fragment F on Root { me { id } }",
            &["query.version", "query.me"],
        ),
        ("{ __typename }", &[]),
        ("{ __schema { types { name } } __type(name: \"User\") { name } version }", &["query.version"]),
        ("# version\n{ me { id } } # search", &["query.me"]),
        ("{ user(id: \"{ version }\") { id } }", &["query.user"]),
    ];
    for (query, tools) in queries {
        assert_eq!(also(&shop, "rawQuery", query), *tools, "{query}");
    }
    let mutation = "mutation M($id: ID!) { pay(id: $id) { order { id } } again: pay(id: 2) { problems { message } } user(id: 3) { id } }";
    assert_eq!(also(&shop, "rawMutation", mutation), ["mutation.pay", "mutation.user"]);
}

#[test]
fn one_operation_is_sent_and_nothing_beside_it() {
    let shop = Shop::new();
    let query = "query A { version ...F } query B { me { id } ...G } mutation C { user(id: 1) { id } }
                 fragment F on Root { list { __typename } } fragment G on Root { owner { ...H } } fragment H on User { age }";
    let plan = shop
        .plan("rawQuery", json!({"query": query, "operationName": "A", "variables": {"x": [1]}}))
        .unwrap();
    let sent = "query A { version ...F } fragment F on Root { list { __typename } }";
    assert_eq!(body(&plan), json!({"query": sent, "variables": {"x": [1]}, "operationName": "A"}));
    assert_eq!(plan.also, ["query.version", "query.list"]);
    assert_eq!(plan.route, "query");
    let plan = shop.plan("rawQuery", json!({"query": query, "operationName": "B"})).unwrap();
    let sent = "query B { me { id } ...G } fragment G on Root { owner { ...H } } fragment H on User { age }";
    assert_eq!(body(&plan)["query"], json!(sent));
    let anonymous = shop.plan("rawQuery", json!({"query": "{version}"})).unwrap();
    assert_eq!(body(&anonymous), json!({"query": "{ version }", "variables": {}}));
}

#[test]
fn what_cannot_be_resolved_is_refused() {
    let shop = Shop::new();
    let queries = [
        ("", "valid"),
        ("{", "valid"),
        ("{ version } }", "valid"),
        ("{ nothing }", "nothing"),
        ("{ versoin }", "Did you mean `version`?"),
        ("{ _ }", "no tool"),
        ("{ ...Missing }", "Missing"),
        ("{ ...F } fragment F on Root { ...F }", "reference itself"),
        ("{ ...F } fragment F on Missing { x }", "Missing"),
        ("fragment F on Root { version }", "must be used"),
        ("mutation { user(id: 1) { id } }", "is a mutation"),
        ("subscription { paid { id } }", "subscription"),
        ("query A { version } query B { version }", "`A`, `B`"),
        ("query A { version } query A { me { id } }", "A"),
        ("{ version } { me { id } }", "valid"),
        ("{ version } query A { me { id } }", "valid"),
        ("type Root { version: Int }", "valid"),
        ("{ version } extend type Root { x: Int }", "valid"),
        ("query($x: Missing) { version }", "Missing"),
        ("{ user(id: $x) { id } }", "not defined"),
        ("{ version @unknown }", "@unknown"),
        ("{ me }", "subselection"),
    ];
    for (query, what) in queries {
        let message = shop.refusal("rawQuery", json!({ "query": query }));
        assert!(message.contains(what), "{query}: {message}");
    }
    let message = shop.refusal("rawMutation", json!({"query": "{ version }"}));
    assert!(message.contains("is a query"), "{message}");
    let message = shop.refusal("rawQuery", json!({"query": "query A { version }", "operationName": "B"}));
    assert!(message.contains("`B`") && message.contains("`A`"), "{message}");
    let wrong: [Value; 5] = [
        json!({}),
        json!({"query": 1}),
        json!({"query": null}),
        json!({"query": "{version}", "variables": []}),
        json!({"query": "{version}", "operationName": 1}),
    ];
    for given in wrong {
        assert!(shop.refusal("rawQuery", given).ends_with('.'));
    }
}

#[test]
fn a_document_is_bounded() {
    let shop = Shop::new();
    let fragments: String = (0..2_000)
        .map(|number| format!("fragment F{number} on User {{ ...F{} ...F{} }} ", number + 1, number + 1))
        .collect();
    let table = [
        "{ me { best ".repeat(50_000),
        "{".repeat(100_000),
        format!("query($x: {}Int{}) {{ version }}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{ user(id: {}1{}) {{ id }} }}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("{{ user(id: {}1{}) {{ id }} }}", "{a: ".repeat(30_000), "}".repeat(30_000)),
        "{ version } ".repeat(10_000),
        "{ ...".repeat(40_000),
        format!("{{ me {{ ...F0 }} }} {fragments} fragment F2000 on User {{ id }}"),
        " ".repeat(300 * 1024),
    ];
    for query in table {
        let message = shop.refusal("rawQuery", json!({ "query": query }));
        assert!(message.len() < 1_000, "{}", message.len());
    }
}

#[test]
fn a_root_field_is_named_wherever_it_is_reached() {
    let shop = Shop::of(
        "type Query implements Node { relay: Query!, node(id: ID!): Node, nodeId: ID!, secret: String, me: User }
        type Mutation { make: Made }
        interface Node { nodeId: ID! }
        type User implements Node { nodeId: ID!, friend: User, api: Query }
        type Made { ok: Boolean, query: Query, user: User }
        union Any = Query | User",
    );
    shop.check_every_query();
    let selects: [(&str, &str, &[&str]); 5] = [
        ("query.relay", "secret", &["query.secret"]),
        ("query.relay", "relay { relay { a: secret } }", &["query.relay", "query.secret"]),
        ("query.me", "friend { api { ... { me { nodeId } nodeId } } }", &["query.me", "query.nodeId"]),
        ("query.me", "friend { friend { __typename } }", &[]),
        ("mutation.make", "ok query { secret }", &["query.secret"]),
    ];
    for (tool, select, also) in selects {
        let plan = shop.plan(tool, json!({ "select": select })).unwrap();
        assert_eq!(plan.also, *also, "{tool} {select}");
    }
    let node = json!({"id": 1, "select": "... on Query { secret }"});
    assert_eq!(shop.plan("query.node", node).unwrap().also, ["query.secret"]);
    // What is of an interface may be the root.
    assert_eq!(shop.plan("query.node", json!({"id": 1, "select": "nodeId"})).unwrap().also, ["query.nodeId"]);
    let node = "query node($id: ID!) { node(id: $id) { __typename ... on User { nodeId } } }";
    assert_eq!(shop.query("query.node", json!({"id": 1})), node);
    assert_eq!(shop.query("query.relay", json!({})), "query relay { relay { __typename } }");
    assert_eq!(shop.query("mutation.make", json!({})), "mutation make { make { ok user { nodeId } } }");
    let made =
        also(&shop, "rawMutation", "mutation { make { ok query { ...F } } } fragment F on Query { secret }");
    assert_eq!(made, ["mutation.make", "query.secret"]);
}
