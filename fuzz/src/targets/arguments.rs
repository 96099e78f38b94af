//! The arguments of a call, as the code gives them: text that is read, checked against a schema, and made canonical.

use std::sync::LazyLock;

use executor_catalog::arguments::{ArgumentsChecker, invalid_arguments};
use executor_core::{Json, ToolPath};
use serde_json::Value;

use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "arguments", run, deep: || nested::seeds(nested::json()) };

const SCHEMA: &str = r##"{"type": "object", "required": ["id"], "additionalProperties": false, "properties": {
    "id": {"type": "integer", "minimum": 1},
    "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9},
    "state": {"enum": ["open", "closed"]},
    "tree": {"$ref": "#/$defs/Tree"},
    "either": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "uniqueItems": true}]}
}}"##;
const TREE: &str = r##"{"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}, "value": {"type": ["number", "null"]}},
    "patternProperties": {"^x-": {}}, "additionalProperties": {"$ref": "#/$defs/Tree"}}"##;

static CHECKER: LazyLock<ArgumentsChecker> = LazyLock::new(|| {
    let parse = |text: &str| Json::parse(text.to_owned()).expect("JSON");
    ArgumentsChecker::compile(&parse(SCHEMA), &|name| (name == "Tree").then(|| parse(TREE)))
});

fn run(bytes: &[u8]) {
    let Ok(text) = String::from_utf8(bytes.to_vec()) else { return };
    let Ok(given) = Json::parse(text) else { return };
    let Ok(value) = given.read::<Value>() else { return };
    let canonical = Json::canonical(&value).expect("every value has a canonical form");
    let again: Value = canonical.read().expect("the canonical form is JSON");
    assert_eq!(Json::canonical(&again).expect("see above"), canonical);
    let (one, other) = (CHECKER.check(&value), CHECKER.check(&again));
    assert_eq!(
        one.is_ok(),
        other.is_ok(),
        "the canonical form is judged like what was given: {one:?} {other:?}"
    );
    if let Err(problems) = one {
        assert!(!problems.is_empty() && problems.len() <= 20);
        let path = ToolPath::new("api", "call").expect("a path");
        assert!(!invalid_arguments(&path, &problems).message.is_empty());
    }
}
