//! GraphQL types as JSON Schemas.

use serde_json::json;

use super::support::Shop;

#[test]
fn arguments_are_typed_with_their_defaults() {
    let shop = Shop::new();
    let orders = shop.input("query.orders");
    assert_eq!(orders["required"], json!(["filter"]));
    assert_eq!(orders["additionalProperties"], json!(false));
    assert_eq!(orders["properties"]["filter"], json!({"$ref": "#/$defs/Filter"}));
    assert_eq!(orders["properties"]["first"], json!({"type": ["integer", "null"], "default": 10}));
    let user = shop.input("query.user");
    assert_eq!(user["properties"]["id"], json!({"type": ["string", "integer"]}));
    let by = json!({"anyOf": [{"$ref": "#/$defs/By"}, {"type": "null"}], "description": "How."});
    assert_eq!(user["properties"]["by"], by);
}

#[test]
fn enums_input_objects_and_scalars_are_shared() {
    let shop = Shop::new();
    let filter = json!({
        "type": "object",
        "properties": {
            "state": {"anyOf": [{"$ref": "#/$defs/State"}, {"type": "null"}], "default": "OPEN"},
            "and": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Filter"}},
            "since": {"anyOf": [{"$ref": "#/$defs/DateTime"}, {"type": "null"}]},
            "name": {"type": "string", "default": "x"},
            "limit": {"type": "integer"},
        },
        "required": ["limit"],
        "additionalProperties": false,
    });
    assert_eq!(shop.shared("Filter"), filter);
    let state = json!({"type": "string", "enum": ["OPEN", "PAID", "SETTLED"], "description": "How far it is.\n- `OPEN`: Not paid."});
    assert_eq!(shop.shared("State"), state);
    let time = json!({"description": "An exact time.\n\nAs specified by https://time.test"});
    assert_eq!(shop.shared("DateTime"), time);
    let names: Vec<_> = shop.import.schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["By", "DateTime", "Filter", "State"]);
}

#[test]
fn of_one_of_exactly_one_is_given() {
    let by = json!({
        "type": "object",
        "properties": {"id": {"type": ["string", "integer"]}, "name": {"type": "string"}},
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    });
    assert_eq!(Shop::new().shared("By"), by);
}

#[test]
fn results_are_typed_as_they_are_selected() {
    let shop = Shop::new();
    assert_eq!(shop.output("query.version"), json!({"type": "string"}));
    let states = json!({"type": ["array", "null"], "items": {"$ref": "#/$defs/State"}});
    assert_eq!(shop.output("query.states"), states);
    let page = shop.output("query.orders");
    let order = &page["properties"]["edges"]["items"]["properties"]["node"];
    assert_eq!(order["type"], json!(["object", "null"]));
    assert_eq!(order["properties"]["buyer"]["required"], json!(["id", "name"]));
    let owner = shop.output("query.owner");
    let kinds = owner["anyOf"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|kind| kind["properties"]["__typename"]["const"].clone()).collect();
    assert_eq!(kinds, [json!("User"), json!("Robot")]);
}
