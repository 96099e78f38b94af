//! The selection that a call gives.

use executor_core::ErrorCode;
use serde_json::{Value, json};

use super::support::{Shop, body};

#[test]
fn what_is_given_is_what_comes_back() {
    let shop = Shop::new();
    let table = [
        ("id", "id"),
        ("{ id name }", "id name"),
        ("\n  # a comment\n  id, # another\n  name", "id name"),
        ("nick: name", "nick: name"),
        ("best { best { id } }", "best { best { id } }"),
        ("orders(first: 3) { totalCount }", "orders(first: 3) { totalCount }"),
        ("... on User { id } ... on Named { name }", "... on User { id } ... on Named { name }"),
        ("id @include(if: true)", "id @include(if: true)"),
        ("__typename", "__typename"),
        (r#"pay(to: "} otherField { x")"#, r#"pay(to: "} otherField { x")"#),
        (r#"pay(to: """}"} x {""")"#, r#"pay(to: "}\"} x {")"#),
    ];
    for (select, written) in table {
        let query = shop.query("query.me", json!({ "select": select }));
        assert_eq!(query, format!("query me {{ me {{ {written} }} }}"));
    }
    assert_eq!(shop.query("query.me", json!({"select": null})), shop.query("query.me", json!({})));
}

#[test]
fn no_selection_reaches_another_field() {
    let shop = Shop::new();
    let table = [
        "id } version { x",
        "id } version #",
        "id } } query { version",
        "{ id } version",
        "{ id } { name }",
        "{ id } query other { version }",
        "id } query other { version",
        "id } fragment other on Root { version",
        "{ id } fragment other on Root { version }",
        "{ id } extend type Root { x: Int }",
        "id }",
        "}{",
        "} id {",
        "{ id",
        "id { ",
        "",
        "{}",
        "# only a comment",
        "...other",
        "... on Root { version }",
        "... on Missing { version }",
        "version",
        "$id",
        "id(x: $y)",
        "orders(first: $first) { totalCount }",
        "\"\"\"",
        "\u{feff}id } version {",
        "id \u{0}",
    ];
    for select in table {
        let message = shop.refusal("query.me", json!({ "select": select }));
        assert!(message.starts_with("The selection"), "{select}: {message}");
        assert!(message.ends_with(['.', '?']), "{select}: {message}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_nearest_name() {
    let shop = Shop::new();
    let table = [
        ("id\n  nam", "line 2 column 3", "Did you mean `name`?"),
        ("{ id best { emial } }", "line 1 column 13", "Did you mean `email`?"),
        ("best", "line 1 column 1", "subselection"),
        ("id { x }", "line 1 column 1", "subselections"),
        ("orders(frist: 1) { totalCount }", "line 1 column 8", "`frist` is not supported"),
        ("pay", "line 1 column 1", "required argument"),
        ("orders(first: \"1\") { totalCount }", "line 1 column 15", "expected value of type Int"),
        ("id\nid: name", "line 2 column 1", "using the same name `id`"),
        ("best {\n  id", "line", "expected R_CURLY"),
    ];
    for (select, place, what) in table {
        let message = shop.refusal("query.me", json!({ "select": select }));
        assert!(message.contains(place) && message.contains(what), "{select}: {message}");
    }
}

#[test]
fn a_selection_may_use_the_arguments_of_the_call() {
    let shop = Shop::new();
    let given = json!({"filter": {"limit": 1}, "first": 2, "select": "edges { node { buyer { orders(first: $first) { totalCount } } } }"});
    let sent = body(&shop.plan("query.orders", given).unwrap());
    assert!(sent["query"].as_str().unwrap().starts_with(
        "query orders($filter: Filter!, $first: Int) { orders(filter: $filter, first: $first) { edges"
    ));
    assert_eq!(sent["variables"], json!({"filter": {"limit": 1}, "first": 2}));
    assert_eq!(sent["operationName"], json!("orders"));
}

#[test]
fn an_argument_called_select_keeps_its_name() {
    let shop = Shop::new();
    let names: Vec<_> =
        shop.input("query.search_")["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["select", "select_", "select__"]);
    let given = json!({"select": "text", "select_": 1, "select__": "id"});
    let sent = body(&shop.plan("query.search_", given).unwrap());
    let query =
        "query search($select: String!, $select_: Int) { search(select: $select, select_: $select_) { id } }";
    assert_eq!(sent["query"], json!(query));
    assert_eq!(sent["variables"], json!({"select": "text", "select_": 1}));
    assert!(shop.input("query.version")["properties"].get("select").is_none());
}

#[test]
fn a_selection_is_bounded() {
    let shop = Shop::new();
    let deep = format!("{}id{}", "best { ".repeat(100_000), " }".repeat(100_000));
    let lists = format!("pay(to: {}1{})", "[".repeat(30_000), "]".repeat(30_000));
    let wide = "id ".repeat(21_000);
    for select in [deep[..60_000].to_owned(), deep, lists, wide, "best { ".repeat(9_000), "[".repeat(60_000)]
    {
        let message = shop.refusal("query.me", json!({ "select": select }));
        assert!(message.len() < 1_000, "{}", message.len());
    }
    let allowed = format!("{}id{}", "best { ".repeat(50), " }".repeat(50));
    assert!(shop.plan("query.me", json!({ "select": allowed })).is_ok());
}

#[test]
fn arguments_that_do_not_fit_are_refused_and_change_nothing_else() {
    let shop = Shop::new();
    for select in [json!(1), json!(["id"]), json!({"id": true}), json!(true)] {
        assert!(shop.refusal("query.me", json!({ "select": select })).contains("`select`"));
    }
    let plan = shop.plan("query.user", json!({"id": "} version {", "unknown": 1})).unwrap();
    let sent = body(&plan);
    assert!(sent["query"].as_str().unwrap().starts_with("query user($id: ID!) { user(id: $id) {"));
    assert_eq!(sent["variables"], json!({"id": "} version {"}));
    assert_eq!((plan.method.as_str(), plan.route.as_str(), plan.also.len()), ("POST", "query user", 0));
    assert_eq!(
        plan.headers,
        [("accept".to_owned(), "application/graphql-response+json, application/json".to_owned())]
    );
    assert_eq!(plan.body.unwrap().content_type, "application/json");
    assert_eq!(plan.credentials.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_call_without_the_schema_is_our_fault() {
    let shop = Shop::new();
    let broken = executor_core::Json::from(&Value::from("type Query {"));
    for (given, context) in [(json!({}), None), (json!({"select": "id"}), Some(&broken))] {
        let error = shop.plan_with("query.me", given, context).unwrap_err();
        assert_eq!(error.code, ErrorCode::Internal);
        assert!(error.message.contains("schema"), "{}", error.message);
    }
}

#[test]
fn the_reach_tells_one_tool_from_another() {
    let shop = Shop::new();
    let reach = |name: &str| shop.kind.reach(&shop.tool(name).operation, &shop.import.base_url).unwrap();
    let orders = reach("query.orders");
    assert_eq!(
        (orders.method.as_str(), orders.path.as_str(), orders.origin.as_str()),
        ("query", "orders", "https://api.test")
    );
    assert_eq!(orders.places["filter"], "argument `filter` of type Filter!");
    assert_eq!(orders.places["select"], "selection");
    let raw = reach("rawMutation");
    assert_eq!((raw.method.as_str(), raw.path.as_str()), ("mutation", "*"));
    assert_eq!(
        raw.credentials,
        shop.plan("rawMutation", json!({"query": "mutation { user(id: 1) { id } }"})).unwrap().credentials
    );
}
