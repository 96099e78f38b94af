//! Whether a schema takes more than it did: a table, and against the checker that decides about real calls.

use executor_catalog::arguments::ArgumentsChecker;
use executor_catalog::widening::{Rooted, widening};
use executor_core::Json;
use proptest::prelude::*;
use serde_json::{Value, json};

fn widens(before: &Value, after: &Value) -> Option<String> {
    let (before, after) = (Json::from(before), Json::from(after));
    let none = |_: &str| None;
    widening(Rooted { schema: &before, schemas: &none }, Rooted { schema: &after, schemas: &none })
}

#[test]
fn what_takes_more_is_told_from_what_does_not() {
    let object = |properties: Value, required: Value| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let text = json!({ "type": "string" });
    let base = object(json!({ "name": text }), json!(["name"]));
    let table = [
        ("the same", base.clone(), base.clone(), None),
        ("a description", text.clone(), json!({ "type": "string", "description": "x", "x-y": 1 }), None),
        (
            "one more argument",
            base.clone(),
            object(json!({ "name": text, "to": text }), json!(["name"])),
            Some("to"),
        ),
        ("one less", object(json!({ "name": text, "to": text }), json!(["name"])), base.clone(), None),
        ("no longer required", base.clone(), object(json!({ "name": text }), json!([])), Some("name")),
        ("required now", object(json!({ "name": text }), json!([])), base.clone(), None),
        (
            "no longer required beside another",
            json!({ "dependentRequired": { "a": ["b", "c"] } }),
            json!({ "dependentRequired": { "a": ["b"] } }),
            Some("c"),
        ),
        (
            "required in any case now",
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "required": ["b"] }),
            None,
        ),
        ("another type", json!({ "type": "integer" }), json!({ "type": "number" }), Some("")),
        ("a narrower type", json!({ "type": "number" }), json!({ "type": "integer" }), None),
        ("a value more", json!({ "enum": ["a"] }), json!({ "enum": ["a", "b"] }), Some("")),
        ("a value less", json!({ "enum": ["a", "b"] }), json!({ "const": "b" }), None),
        ("no values at all", json!({ "type": "string", "enum": ["a"] }), text.clone(), Some("")),
        ("a limit gone", json!({ "type": "string", "maxLength": 3 }), text.clone(), Some("")),
        ("a limit more", text.clone(), json!({ "type": "string", "maxLength": 3 }), None),
        ("a larger limit", json!({ "maximum": 3 }), json!({ "maximum": 4 }), Some("")),
        (
            "anything else too",
            base.clone(),
            json!({ "type": "object", "properties": { "name": text }, "required": ["name"] }),
            Some(""),
        ),
        (
            "inside an array",
            json!({ "properties": { "to": { "type": "array", "items": { "type": "string" } } } }),
            json!({ "properties": { "to": { "type": "array", "items": { "type": ["string", "null"] } } } }),
            Some("to[]"),
        ),
        (
            "a branch more",
            json!({ "anyOf": [text] }),
            json!({ "anyOf": [text, { "type": "null" }] }),
            Some(""),
        ),
        ("a branch less", json!({ "anyOf": [text, { "type": "null" }] }), text.clone(), None),
        (
            "of exactly one a branch less, which lets through what two took",
            json!({ "oneOf": [text, { "maxLength": 3 }] }),
            json!({ "oneOf": [text] }),
            Some(""),
        ),
        ("what is not known here", json!({ "not": text }), json!({}), Some("")),
        ("nothing is taken", base.clone(), json!(false), None),
        ("anything was taken", json!(true), base, None),
    ];
    for (name, before, after, expected) in table {
        assert_eq!(widens(&before, &after).as_deref(), expected, "{name}");
    }
}

#[test]
fn references_are_followed_on_both_sides_and_circles_end() {
    let node = |value: Value| {
        let schema =
            json!({ "type": "object", "properties": { "value": value, "next": { "$ref": "#/$defs/node" } } });
        move |name: &str| (name == "node").then(|| Json::from(&schema))
    };
    let root = Json::from(&json!({ "$ref": "#/$defs/node" }));
    let (short, long) = (node(json!({ "maxLength": 3 })), node(json!({ "maxLength": 9 })));
    let compare = |before, after| {
        widening(Rooted { schema: &root, schemas: before }, Rooted { schema: &root, schemas: after })
    };
    assert_eq!(compare(&short, &short), None);
    assert_eq!(compare(&long, &short), None);
    assert_eq!(compare(&short, &long).as_deref(), Some("value"));
    assert_eq!(compare(&short, &|_| None).as_deref(), Some(""), "what is missing is not known");
}

#[test]
fn a_pathological_schema_counts_as_wider_and_takes_no_time() {
    let mut deep = json!({ "type": "string" });
    for _ in 0..90 {
        deep = json!({ "anyOf": [deep.clone(), { "items": deep.clone() }] });
        if deep.to_string().len() > 100_000 {
            break;
        }
    }
    let started = std::time::Instant::now();
    widens(&deep, &json!({ "allOf": [deep, { "title": "x" }] }));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!({ "type": "string" })),
        Just(json!({ "type": ["string", "null"] })),
        Just(json!({ "type": "integer" })),
        Just(json!({ "type": "number" })),
        (0..4, 0..4)
            .prop_map(|(least, most)| json!({ "type": "integer", "minimum": least, "maximum": most })),
        prop::collection::vec(
            prop::sample::select(vec![json!("a"), json!("b"), json!(1), json!(null)]),
            1..4
        )
        .prop_map(|values| json!({ "enum": values })),
        (0..3).prop_map(|most| json!({ "type": "string", "maxLength": most })),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let names = || prop::sample::subsequence(vec!["a", "b", "c"], 0..3);
        prop_oneof![
            (prop::collection::btree_map("[abc]", inner.clone(), 0..3), names(), any::<bool>()).prop_map(
                |(properties, required, open)| json!({
                    "type": "object", "properties": properties, "required": required, "additionalProperties": open,
                })
            ),
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|any| json!({ "anyOf": any })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "allOf": all })),
            prop::collection::vec(inner, 1..3).prop_map(|one| json!({ "oneOf": one })),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!("a"),
        json!("bb"),
        json!(""),
        json!(0),
        json!(1),
        json!(3),
        json!(1.5),
        json!(null),
        json!(true),
    ]);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

/// Whether the value is taken, by the checker of real calls.
fn takes(schema: &Value, value: &Value) -> bool {
    let input = json!({ "type": "object", "properties": { "it": schema }, "additionalProperties": false });
    ArgumentsChecker::compile(&Json::from(&input), &|_| None).check(&json!({ "it": value })).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_wider_takes_nothing_that_was_not_taken(
        before in any_schema(), after in any_schema(), values in prop::collection::vec(any_value(), 12),
    ) {
        if widens(&before, &after).is_none() {
            for value in values {
                prop_assert!(!takes(&after, &value) || takes(&before, &value), "{value}");
            }
        }
    }

    #[test]
    fn a_schema_is_not_wider_than_itself_nor_than_a_way_out_of_it(schema in any_schema(), other in any_schema()) {
        prop_assert_eq!(widens(&schema, &schema), None);
        prop_assert_eq!(widens(&json!({ "anyOf": [other, schema] }), &schema), None);
        prop_assert_eq!(widens(&json!(true), &schema), None);
    }
}
