//! Which members the arguments may have: the names that the schema says anywhere for the object itself.

use std::collections::BTreeSet;

use executor_core::Json;
use serde_json::Value;
use serde_json::value::RawValue;

use super::dialect::CUT;
use crate::schema::{self, Way};

/// How many schemas are looked at.
const MAX_STEPS: usize = 2_000;

/// The names of arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) known: BTreeSet<String>,
    pub(super) required: Vec<String>,
    /// Whether other members are taken too, or may be.
    pub(super) open: bool,
}

impl Names {
    /// The names in a bundled schema.
    pub(super) fn of(schema: &Value) -> Self {
        let mut names = Self::default();
        let mut declares = false;
        let mut seen = BTreeSet::new();
        let mut waiting = vec![schema];
        let mut steps = 0;
        while let Some(Value::Object(at)) = waiting.pop() {
            steps += 1;
            let takes_more =
                |keyword: &str| at.get(keyword).is_some_and(|inner| *inner != Value::Bool(false));
            let more = ["additionalProperties", "unevaluatedProperties", "patternProperties", CUT];
            names.open |= more.into_iter().any(takes_more) || steps > MAX_STEPS;
            declares |= at.contains_key("properties");
            names.known.extend(schema::properties(at, Way::Sent).map(|(name, _)| name.clone()));
            let reference = at.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(schema::reference_name)
                && seen.insert(name.to_string())
            {
                waiting.extend(schema::own_definition(schema, &name));
            }
            waiting.extend(["if", "then", "else"].into_iter().filter_map(|keyword| at.get(keyword)));
            for keyword in ["allOf", "anyOf", "oneOf"] {
                waiting.extend(at.get(keyword).and_then(Value::as_array).into_iter().flatten());
            }
            let dependent = at.get("dependentSchemas").and_then(Value::as_object);
            waiting.extend(dependent.into_iter().flat_map(|schemas| schemas.values()));
            waiting.retain(|schema| schema.is_object());
        }
        names.open |= !declares;
        if let Value::Object(schema) = schema {
            names.required = schema::required(schema, Way::Sent).map(str::to_owned).collect();
        }
        names
    }

    /// The names of a schema that is nested too deeply to be read: those that it says at its top.
    pub(super) fn at_the_top(schema: &Json) -> Self {
        type Members<'a> = std::collections::HashMap<String, &'a RawValue>;
        let Ok(top) = schema.read::<Members<'_>>() else { return Self { open: true, ..Self::default() } };
        let member = |name: &str| top.get(name).map(|raw| raw.get());
        let properties = member("properties").and_then(|text| serde_json::from_str::<Members<'_>>(text).ok());
        let required = member("required").and_then(|text| serde_json::from_str(text).ok());
        let composed = ["$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas"];
        let closed = matches!(member("additionalProperties"), None | Some("false"))
            && composed.into_iter().all(|name| member(name).is_none());
        Self {
            open: properties.is_none() || !closed,
            known: properties.into_iter().flat_map(Members::into_keys).collect(),
            required: required.unwrap_or_default(),
        }
    }
}
