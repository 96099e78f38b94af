//! OpenAPI documents with as many operations as are wanted, worded and shaped as real ones are on average.

use serde_json::{Map, Value, json};

use crate::random::Random;

const VERBS: [(&str, &str); 5] =
    [("list", "get"), ("get", "get"), ("create", "post"), ("update", "patch"), ("delete", "delete")];
const NOUNS: [&str; 40] = [
    "account",
    "alert",
    "approval",
    "archive",
    "artifact",
    "assignment",
    "backup",
    "billing",
    "branch",
    "budget",
    "calendar",
    "campaign",
    "channel",
    "cluster",
    "comment",
    "contract",
    "customer",
    "deployment",
    "device",
    "domain",
    "environment",
    "event",
    "folder",
    "gateway",
    "identity",
    "invoice",
    "label",
    "license",
    "message",
    "milestone",
    "notification",
    "order",
    "payment",
    "pipeline",
    "policy",
    "project",
    "release",
    "report",
    "subscription",
    "ticket",
];
const QUALITIES: [&str; 16] = [
    "active",
    "shared",
    "regional",
    "internal",
    "scheduled",
    "pending",
    "default",
    "custom",
    "linked",
    "verified",
    "public",
    "nested",
    "managed",
    "external",
    "recurring",
    "historical",
];
const TYPES: [&str; 4] = ["string", "integer", "boolean", "string"];

/// How many operations one document has.
pub const OPERATIONS: usize = 1_000;

/// The document of this number, with [`OPERATIONS`] operations or fewer.
pub fn document(number: usize, operations: usize) -> Value {
    let mut random = Random::new(number as u64 + 1);
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for operation in 0..operations {
        let (verb, method) = VERBS[operation % VERBS.len()];
        let noun = pick(&mut random, &NOUNS);
        let name = format!("{}{operation}", capital(noun));
        if operation % VERBS.len() == 0 {
            schemas.insert(format!("Schema{operation}"), schema(&mut random));
        }
        let reference = format!("#/components/schemas/Schema{}", operation - operation % VERBS.len());
        let described = json!({
            "operationId": format!("{verb}{name}"),
            "tags": [format!("{noun}s")],
            "summary": format!("{} a {} {noun}", capital(verb), pick(&mut random, &QUALITIES)),
            "description": sentence(&mut random, 24),
            "parameters": parameters(&mut random),
            "responses": {"200": {
                "description": "Done", "content": {"application/json": {"schema": {"$ref": reference}}},
            }},
        });
        paths.insert(format!("/{noun}s/{operation}"), json!({ method: described }));
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": format!("Synthetic {number}"), "version": "1"},
        "servers": [{"url": "https://synthetic.test"}],
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn parameters(random: &mut Random) -> Vec<Value> {
    let count = random.below(6);
    let parameter = |place| {
        let name = format!("{}_{}{place}", pick(random, &QUALITIES), pick(random, &NOUNS));
        let kind = pick(random, &TYPES);
        json!({
            "name": name, "in": "query", "required": place == 0, "schema": {"type": kind},
            "description": sentence(random, 9),
        })
    };
    (0..count).map(parameter).collect()
}

fn schema(random: &mut Random) -> Value {
    let mut properties = Map::new();
    for place in 0..8 {
        let name = format!("{}_{place}", pick(random, &NOUNS));
        let kind = pick(random, &TYPES);
        properties.insert(name, json!({"type": kind, "description": sentence(random, 8)}));
    }
    json!({"type": "object", "properties": properties})
}

fn sentence(random: &mut Random, words: usize) -> String {
    let words: Vec<&str> = (0..words)
        .map(|place| if place % 2 == 0 { pick(random, &QUALITIES) } else { pick(random, &NOUNS) })
        .collect();
    format!("{}.", capital(&words.join(" ")))
}

fn pick<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    random.choose(from).copied().unwrap_or_default()
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_its_operations_and_is_the_same_each_time() {
        let made = document(3, 50);
        assert_eq!(made["paths"].as_object().map(Map::len), Some(50));
        assert_eq!(made, document(3, 50));
        assert_ne!(made, document(4, 50));
    }
}
