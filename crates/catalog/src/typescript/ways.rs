//! Which shared schemas are not the same for what is sent and for what is received.

use std::collections::HashMap;

use serde_json::Value;

use crate::{Resolve, schema};

/// How a reference to a shared schema begins.
const REFERENCE: &str = "\"#/$defs/";

/// What is known of shared schemas, by their names.
#[derive(Debug, Default)]
pub(super) struct Differing(HashMap<String, bool>);

impl Differing {
    /// Whether a schema, or one that it leads to, has members that go one way only.
    ///
    /// All that it leads to is looked at once, and known from then on.
    pub(super) fn differs(&mut self, name: &str, root: &Value, schemas: Resolve<'_>) -> bool {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        let mut reached = vec![name.to_owned()];
        let mut numbers = HashMap::from([(name.to_owned(), 0)]);
        // By the number of each schema, those that lead to it.
        let mut led_from: Vec<Vec<usize>> = vec![Vec::new()];
        let mut differing = Vec::new();
        let mut at = 0;
        while at < reached.len() {
            let text = text_of(&reached[at], root, schemas);
            let mut differs =
                ["readOnly", "writeOnly"].iter().any(|flag| text.contains(&format!("\"{flag}\":true")));
            for other in references(&text) {
                match self.0.get(other) {
                    Some(known) => differs |= known,
                    None => {
                        let next = reached.len();
                        let number = *numbers.entry(other.to_owned()).or_insert(next);
                        if number == next {
                            reached.push(other.to_owned());
                            led_from.push(Vec::new());
                        }
                        led_from[number].push(at);
                    }
                }
            }
            if differs {
                differing.push(at);
            }
            at += 1;
        }
        let mut known = vec![false; reached.len()];
        while let Some(number) = differing.pop() {
            if !std::mem::replace(&mut known[number], true) {
                differing.append(&mut led_from[number]);
            }
        }
        let differs = known[0];
        self.0.extend(reached.into_iter().zip(known));
        differs
    }
}

fn text_of(name: &str, root: &Value, schemas: Resolve<'_>) -> String {
    match schema::own_definition(root, name) {
        Some(own) => own.to_string(),
        None => schemas(name).map(|schema| schema.as_str().to_owned()).unwrap_or_default(),
    }
}

fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(REFERENCE).filter_map(|(at, _)| text[at + REFERENCE.len()..].split('"').next())
}
