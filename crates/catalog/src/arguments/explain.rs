//! Why arguments do not fit, in sentences.
//!
//! Whether they fit has been decided before, by the schema's validator. This walk only looks for reasons, so it may
//! stop early: it takes a bounded number of steps whatever the schema and finds at most so many problems.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::place::{item, member, subject};
use super::{MAX_PROBLEMS, Problem, simple};
use crate::schema::{self, Object, Way};
use crate::spelling;

/// How many times a schema is held against a value, in all.
const MAX_STEPS: usize = 5_000;
/// How deep the walk goes, counting references and levels of the value alike.
const MAX_DEPTH: usize = 200;

/// What kind of problem it is, for choosing the alternative that was probably meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Type,
    Value,
    Missing,
    Other,
}

/// A problem with its kind.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) problem: Problem,
}

impl Found {
    pub(super) fn new(kind: Kind, place: &str, message: String, expected: Option<String>) -> Self {
        Self { kind, problem: Problem { place: place.to_owned(), message, expected } }
    }

    fn is_missing(&self, place: &str) -> bool {
        self.kind == Kind::Missing && self.problem.place == place
    }
}

/// The reasons why the arguments do not fit the bundled schema.
pub(super) fn explain(schema: &Value, arguments: &Value) -> Vec<Problem> {
    let definitions = schema.get("$defs").and_then(Value::as_object);
    let mut walk = Walk { definitions, steps: 0 };
    let mut found = Vec::new();
    walk.schema(schema, arguments, "", 0, &mut found);
    found.into_iter().map(|found| found.problem).collect()
}

struct Walk<'s> {
    definitions: Option<&'s Map<String, Value>>,
    steps: usize,
}

impl<'s> Walk<'s> {
    fn schema(
        &mut self,
        schema: &'s Value,
        value: &Value,
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        self.steps += 1;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH || found.len() >= MAX_PROBLEMS {
            return;
        }
        match schema {
            Value::Bool(false) => {
                found.push(Found::new(
                    Kind::Other,
                    place,
                    format!("{} may not be there.", subject(place)),
                    None,
                ));
            }
            Value::Object(schema) => self.object(schema, value, place, depth, found),
            _ => {}
        }
    }

    fn object(
        &mut self,
        schema: &'s Object,
        value: &Value,
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        if !simple::check(schema, value, place, found) {
            return;
        }
        if let Some(target) = self.target(schema) {
            self.schema(target, value, place, depth + 1, found);
        }
        for inner in several(schema, "allOf") {
            self.schema(inner, value, place, depth + 1, found);
        }
        self.alternatives(schema, value, place, depth, found);
        self.conditions(schema, value, place, depth, found);
        match value {
            Value::Object(members) => self.members(schema, members, place, depth, found),
            Value::Array(items) => self.items(schema, items, place, depth, found),
            _ => {}
        }
    }

    fn target(&self, schema: &Object) -> Option<&'s Value> {
        let name = schema::reference_name(schema.get("$ref")?.as_str()?)?;
        self.definitions?.get(&*name)
    }

    /// Whether a value fits, as far as this walk can tell.
    fn fits(&mut self, schema: &'s Value, value: &Value, depth: usize) -> bool {
        let mut found = Vec::new();
        self.schema(schema, value, "", depth + 1, &mut found);
        found.is_empty()
    }

    fn alternatives(
        &mut self,
        schema: &'s Object,
        value: &Value,
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        for keyword in ["anyOf", "oneOf"] {
            let mut fitting = 0;
            let mut refused: Vec<Vec<Found>> = Vec::new();
            let meant = match self.meant(schema, keyword, value, place) {
                Ok(meant) => meant,
                Err(problem) => {
                    found.push(problem);
                    continue;
                }
            };
            for inner in meant {
                let mut problems = Vec::new();
                self.schema(inner, value, place, depth + 1, &mut problems);
                if problems.is_empty() {
                    fitting += 1;
                } else {
                    refused.push(problems);
                }
            }
            if fitting == 0 && !refused.is_empty() {
                found.extend(likeliest(refused, place));
            } else if fitting > 1 && keyword == "oneOf" {
                let message =
                    format!("{} fits several alternatives and has to fit one only.", subject(place));
                found.push(Found::new(Kind::Other, place, message, None));
            }
        }
    }

    /// The arms that a value may be: where there is a discriminator, only those that it names.
    fn meant(
        &self,
        schema: &'s Object,
        keyword: &str,
        value: &Value,
        place: &str,
    ) -> Result<Vec<&'s Value>, Found> {
        let arms: Vec<&'s Value> = several(schema, keyword).collect();
        let (Some(property), Value::Object(members)) = (schema::discriminator(schema), value) else {
            return Ok(arms);
        };
        let told: Vec<_> = arms.iter().map(|arm| fixed(arm, property)).collect();
        if told.is_empty() || told.iter().any(Option::is_none) {
            return Ok(arms);
        }
        let all = || told.iter().flatten().flatten().copied();
        let inside = member(place, property);
        let expected = simple::list(&all().cloned().collect::<Vec<_>>());
        let Some(given) = members.get(property) else { return Err(missing(&inside, Some(expected))) };
        let meant =
            arms.iter().zip(&told).filter(|(_, values)| values.iter().flatten().any(|one| *one == given));
        let meant: Vec<_> = meant.map(|(arm, _)| *arm).collect();
        if meant.is_empty() {
            let message = format!("`{inside}` has to be {expected}, and is {given}.");
            return Err(Found::new(Kind::Value, &inside, message, Some(expected)));
        }
        Ok(meant)
    }

    fn conditions(
        &mut self,
        schema: &'s Object,
        value: &Value,
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        if let Some(condition) = schema.get("if") {
            let branch = if self.fits(condition, value, depth) { "then" } else { "else" };
            if let Some(inner) = schema.get(branch) {
                self.schema(inner, value, place, depth + 1, found);
            }
        }
        if let Some(inner) = schema.get("not")
            && self.fits(inner, value, depth)
        {
            found.push(Found::new(
                Kind::Other,
                place,
                format!("{} is what is excluded.", subject(place)),
                None,
            ));
        }
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten();
        for (_, inner) in dependent.filter(|(name, _)| value.get(name).is_some()) {
            self.schema(inner, value, place, depth + 1, found);
        }
    }

    fn members(
        &mut self,
        schema: &'s Object,
        members: &Map<String, Value>,
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        let properties: BTreeMap<&str, &'s Value> =
            schema::properties(schema, Way::Sent).map(|(name, inner)| (name.as_str(), inner)).collect();
        for name in schema::required(schema, Way::Sent).filter(|name| !members.contains_key(*name)) {
            let expected = properties.get(name).and_then(|inner| simple::expected(inner));
            found.push(missing(&member(place, name), expected));
        }
        for (name, wanted) in schema.get("dependentRequired").and_then(Value::as_object).into_iter().flatten()
        {
            let wanted = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
            for other in wanted.filter(|other| members.contains_key(name) && !members.contains_key(*other)) {
                let inside = member(place, other);
                if !found.iter().any(|one| one.is_missing(&inside)) {
                    found.push(missing(
                        &inside,
                        properties.get(other).and_then(|inner| simple::expected(inner)),
                    ));
                }
            }
        }
        let patterns = schema.get("patternProperties").is_some();
        for (name, value) in members {
            let inside = member(place, name);
            match (properties.get(name.as_str()), schema.get("additionalProperties")) {
                (Some(inner), _) => self.schema(inner, value, &inside, depth + 1, found),
                (None, Some(Value::Bool(false))) if !patterns => {
                    found.push(unknown(&inside, name, properties.keys().copied()));
                }
                (None, Some(inner)) if !patterns => self.schema(inner, value, &inside, depth + 1, found),
                _ => {}
            }
        }
    }

    fn items(
        &mut self,
        schema: &'s Object,
        items: &[Value],
        place: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) {
        let first: Vec<&Value> = several(schema, "prefixItems").collect();
        for (index, value) in items.iter().enumerate() {
            if let Some(inner) = first.get(index).copied().or_else(|| schema.get("items")) {
                self.schema(inner, value, &item(place, index), depth + 1, found);
            }
            if found.len() >= MAX_PROBLEMS {
                return;
            }
        }
    }
}

/// The only values that an arm takes of the discriminator, as its own parts say.
fn fixed<'s>(arm: &'s Value, property: &str) -> Option<Vec<&'s Value>> {
    let parts = std::iter::once(arm).chain(arm.as_object().into_iter().flat_map(|arm| several(arm, "allOf")));
    let mut members = parts.filter_map(|part| part.get("properties")?.get(property));
    members.find_map(|member| match (member.get("const"), member.get("enum").and_then(Value::as_array)) {
        (Some(only), _) => Some(vec![only]),
        (None, Some(several)) => Some(several.iter().collect()),
        (None, None) => None,
    })
}

fn several<'s>(schema: &'s Object, keyword: &str) -> impl Iterator<Item = &'s Value> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

/// The problems of the alternative that was probably meant: one that takes this type of value, whose fixed members
/// are as they have to be, with the fewest problems.
fn likeliest(refused: Vec<Vec<Found>>, place: &str) -> Vec<Found> {
    let is_of_other_type =
        |problems: &[Found]| problems.iter().any(|one| one.kind == Kind::Type && one.problem.place == place);
    if refused.iter().all(|problems| is_of_other_type(problems)) {
        let mut expected: Vec<String> =
            refused.into_iter().flatten().filter_map(|found| found.problem.expected).collect();
        expected.sort_unstable();
        expected.dedup();
        let expected = expected.join(" | ");
        let message = format!("{} has to be one of: {expected}.", subject(place));
        return vec![Found::new(Kind::Type, place, message, Some(expected))];
    }
    let cost = |problems: &[Found]| -> usize {
        problems.iter().map(|found| if found.kind == Kind::Value { 10 } else { 1 }).sum()
    };
    refused
        .into_iter()
        .filter(|problems| !is_of_other_type(problems))
        .min_by_key(|problems| cost(problems))
        .unwrap_or_default()
}

/// A member that has to be there and is not.
pub(super) fn missing(place: &str, expected: Option<String>) -> Found {
    Found::new(Kind::Missing, place, format!("`{place}` is required."), expected)
}

/// A member that nobody knows.
pub(super) fn unknown<'n>(place: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Found {
    let known: Vec<&str> = known.collect();
    let nearest = spelling::nearest(name, known.iter().copied());
    let message = match nearest {
        Some(nearest) => format!("`{place}` is not known; did you mean `{nearest}`?"),
        None if known.is_empty() => format!("`{place}` is not known; there are no members here."),
        None => {
            let some: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
            let more = if known.len() > some.len() { ", …" } else { "" };
            format!("`{place}` is not known; known are {}{more}.", some.join(", "))
        }
    };
    Found::new(Kind::Other, place, message, nearest.map(str::to_owned))
}
