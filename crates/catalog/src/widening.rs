//! Whether a schema takes more than another one did.
//!
//! Errs on one side only: what cannot be told counts as wider. A schema without references that says the same is never
//! wider, texts do not count, and the work is bounded whatever the schemas are.

mod keywords;

use executor_core::Json;
use serde_json::{Map, Value};

use crate::Resolve;
use crate::schema::{Object, reference_name};

/// How deep two schemas are compared.
const MOST_DEPTH: usize = 64;

/// How many pairs of schemas are compared in all.
const MOST_STEPS: usize = 20_000;

/// A schema with what its references lead to.
#[derive(Clone, Copy)]
pub struct Rooted<'a> {
    /// The schema.
    pub schema: &'a Json,
    /// The source's shared schemas.
    pub schemas: Resolve<'a>,
}

/// Where the schema may take a value that the one before did not, as `labels[].name`; empty for the whole. Nothing if
/// it certainly does not.
pub fn widening(before: Rooted<'_>, after: Rooted<'_>) -> Option<String> {
    let (Ok(old), Ok(new)) = (before.schema.read::<Value>(), after.schema.read::<Value>()) else {
        return Some(String::new());
    };
    let mut walk = Walk { old: before.schemas, new: after.schemas, assumed: Vec::new(), steps: MOST_STEPS };
    walk.covers(&old, &new, &Place { path: "", depth: 0 }).err()
}

/// Where a walk stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    depth: usize,
}

impl Place<'_> {
    fn member(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// Whether the old schema covers the new one; the error is where it may not.
type Covered = Result<(), String>;

struct Walk<'a> {
    old: Resolve<'a>,
    new: Resolve<'a>,
    /// Pairs of shared schemas that are being compared: within each other they are taken to hold.
    assumed: Vec<(String, String)>,
    steps: usize,
}

impl Walk<'_> {
    /// Whether everything that `new` takes was taken by `old`.
    fn covers(&mut self, old: &Value, new: &Value, place: &Place<'_>) -> Covered {
        let wider = || Err(place.path.to_owned());
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || place.depth > MOST_DEPTH {
            return wider();
        }
        // The same words mean the same, unless they refer to others.
        if old == new && !keywords::refers(Some(old)) {
            return Ok(());
        }
        let deeper = Place { depth: place.depth + 1, ..*place };
        let nothing = Map::new();
        let (old, new) = match (old, new) {
            (_, Value::Bool(false)) | (Value::Bool(true), _) => return Ok(()),
            (Value::Object(old), _) if !old.keys().any(|key| keywords::constrains(key)) => return Ok(()),
            (Value::Object(old), Value::Object(new)) => (old, new),
            (Value::Object(old), Value::Bool(true)) => (old, &nothing),
            _ => return wider(),
        };
        if let Some(reference) = old.get("$ref") {
            return self.covers_by_reference(reference, old, new, &deeper);
        }
        if let Some(reference) = new.get("$ref") {
            let target = self.resolve(self.new, reference);
            let target = target.map(|(_, schema)| schema).ok_or_else(|| place.path.to_owned())?;
            let old = Value::Object(old.clone());
            return match self.covers(&old, &target, &deeper) {
                Err(_) if has_more(new, "$ref") => {
                    self.covers(&old, &Value::Object(without(new, &["$ref"])), &deeper)
                }
                covered => covered,
            };
        }
        self.covers_each(old, new, &deeper)
    }

    fn covers_by_reference(
        &mut self,
        reference: &Value,
        old: &Object,
        new: &Object,
        place: &Place<'_>,
    ) -> Covered {
        let target = self.resolve(self.old, reference);
        let (name, target) = target.ok_or_else(|| place.path.to_owned())?;
        let other = new.get("$ref").and_then(|reference| self.resolve(self.new, reference));
        let whole = Value::Object(new.clone());
        match other {
            Some((other, _)) if !has_more(new, "$ref") => {
                let pair = (name, other);
                if !self.assumed.contains(&pair) {
                    let before = self.assumed.len();
                    self.assumed.push(pair);
                    let covered = self.covers(&target, &whole, place);
                    if covered.is_err() {
                        // What held within only because this was taken to hold may not.
                        self.assumed.truncate(before);
                    }
                    covered?;
                }
            }
            _ => self.covers(&target, &whole, place)?,
        }
        if has_more(old, "$ref") {
            self.covers(&Value::Object(without(old, &["$ref"])), &whole, place)?;
        }
        Ok(())
    }

    /// Each thing that the old schema asks for has to be asked for by the new one.
    fn covers_each(&mut self, old: &Object, new: &Object, place: &Place<'_>) -> Covered {
        let whole = Value::Object(new.clone());
        for branch in branches(old, "allOf") {
            self.covers(branch, &whole, place)?;
        }
        if old.contains_key("anyOf") {
            self.any_covers(old, new, place)?;
        }
        if old.contains_key("oneOf") {
            self.one_covers(old, new, place)?;
        }
        let rest = without(old, &["allOf", "anyOf", "oneOf"]);
        match keywords::cover(self, &rest, new, place) {
            Err(place_of_difference) => {
                // What one of several says that all have to hold is enough.
                let rest = Value::Object(rest);
                let enough = branches(new, "allOf").any(|branch| self.covers(&rest, branch, place).is_ok());
                if enough { Ok(()) } else { Err(place_of_difference) }
            }
            covered => covered,
        }
    }

    fn any_covers(&mut self, old: &Object, new: &Object, place: &Place<'_>) -> Covered {
        let whole = Value::Object(new.clone());
        let known: Vec<_> = branches(old, "anyOf").collect();
        if known.iter().any(|branch| self.covers(branch, &whole, place).is_ok()) {
            return Ok(());
        }
        let ways = if new.contains_key("anyOf") { "anyOf" } else { "oneOf" };
        if !new.contains_key(ways) {
            return Err(place.path.to_owned());
        }
        for way in branches(new, ways) {
            if !known.iter().any(|branch| self.covers(branch, way, place).is_ok()) {
                return Err(place.path.to_owned());
            }
        }
        Ok(())
    }

    /// Of `oneOf` exactly one may hold, so that a narrower branch can make the whole wider: they have to be the same.
    fn one_covers(&mut self, old: &Object, new: &Object, place: &Place<'_>) -> Covered {
        let (known, ways): (Vec<_>, Vec<_>) =
            (branches(old, "oneOf").collect(), branches(new, "oneOf").collect());
        if known.len() != ways.len() {
            return Err(place.path.to_owned());
        }
        for (known, way) in known.into_iter().zip(ways) {
            self.covers(known, way, place)?;
            let mut back = Walk { old: self.new, new: self.old, assumed: Vec::new(), steps: self.steps };
            let covered = back.covers(way, known, place);
            self.steps = back.steps;
            covered?;
        }
        Ok(())
    }

    fn resolve(&self, schemas: Resolve<'_>, reference: &Value) -> Option<(String, Value)> {
        let name = reference_name(reference.as_str()?)?.into_owned();
        let schema = schemas(&name)?.read().ok()?;
        Some((name, schema))
    }
}

fn branches<'a>(schema: &'a Object, keyword: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

fn without(schema: &Object, keywords: &[&str]) -> Object {
    let kept = schema.iter().filter(|(key, _)| !keywords.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether the schema says more than this keyword.
fn has_more(schema: &Object, keyword: &str) -> bool {
    schema.keys().any(|key| key != keyword && keywords::constrains(key))
}
