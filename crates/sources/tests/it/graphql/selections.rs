//! What is asked for where the call does not say.

use serde_json::json;

use super::support::Shop;

#[test]
fn defaults_are_valid_and_as_documented() {
    let shop = Shop::new();
    shop.check_every_query();
    let table = [
        ("query.me", "query me { me { id name email age best { id name email } } }"),
        ("query.version", "query version { version }"),
        ("query.wanting", "query wanting { wanting { __typename } }"),
        (
            "query.named",
            "query named { named { __typename name ... on User { id email age } ... on Robot { id model } } }",
        ),
        (
            "query.owner",
            "query owner { owner { __typename ... on User { id name email age } ... on Robot { id name model } } }",
        ),
        (
            "query.list",
            "query list { list { nodes { id state total at owner { __typename } buyer { id name email } } \
             pageInfo { hasNextPage endCursor } } }",
        ),
    ];
    for (tool, query) in table {
        assert_eq!(shop.query(tool, json!({})), query);
    }
    let orders = shop.query("query.orders", json!({"filter": {"limit": 1}}));
    let expected = "query orders($filter: Filter!) { orders(filter: $filter) { edges { node { id state total at \
                    owner { __typename } buyer { id name email } } } pageInfo { hasNextPage endCursor } totalCount } }";
    assert_eq!(orders, expected);
    let pay = shop.query("mutation.pay", json!({"id": "1"}));
    let expected =
        "mutation pay($id: ID!) { pay(id: $id) { order { id state total at } problems { message } } }";
    assert_eq!(pay, expected);
}

#[test]
fn a_wide_schema_does_not_make_a_wide_selection() {
    let leaves: String = (0..500).map(|number| format!("leaf{number}: Int ")).collect();
    let things: String = (0..500).map(|number| format!("thing{number}: T{number} ")).collect();
    let types: String =
        (0..500).map(|number| format!("type T{number} implements I {{ i: Int {leaves} }} ")).collect();
    let members: Vec<_> = (0..500).map(|number| format!("T{number}")).collect();
    let sdl = format!(
        "type Query {{ wide: Wide, one: U, i: I }} interface I {{ i: Int }} type Wide {{ {leaves} {things} }} {types}
        union U = {}",
        members.join(" | ")
    );
    let shop = Shop::of(&sdl);
    shop.check_every_query();
    for name in ["query.wide", "query.one", "query.i"] {
        let tool = shop.tool(name);
        assert!(tool.operation.as_str().len() < 4_000, "{}", tool.operation.as_str());
        assert!(tool.output.as_ref().unwrap().as_str().len() < 16_000);
    }
}

#[test]
fn a_schema_that_goes_round_ends() {
    let shop = Shop::of(
        "type Query { a: A } type A { a: A! b: B } union B = A interface I implements I { i: I } input X { x: X! }",
    );
    shop.check_every_query();
}
