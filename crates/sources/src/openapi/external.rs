//! References from one document to another: where they are, where they lead, and how they are written in a bundle.

use std::collections::HashMap;

use executor_egress::Url;
use serde_json::{Map, Value};

use crate::document::Node;

/// Where a bundle keeps the documents besides the first.
pub(super) const DOCUMENTS: &str = "x-executor-documents";
/// Where a bundle keeps why there is no document at an address.
pub(super) const MISSING: &str = "x-executor-missing-documents";

/// The longest address that is followed.
const MAX_URL: usize = 4 * 1024;

/// Whether some text may be a reference that does not begin with `#`. Quick, and never wrong about a no.
pub(super) fn is_likely(bytes: &[u8]) -> bool {
    const KEY: &[u8] = b"$ref";
    let mut rest = bytes;
    while let Some(start) = rest.iter().position(|byte| *byte == b'$') {
        let after = &rest[start..];
        rest = &after[1..];
        let Some(value) = after.strip_prefix(KEY) else { continue };
        let is_before = |byte: &&u8| byte.is_ascii_whitespace() || matches!(**byte, b'"' | b'\'' | b':');
        if value.iter().find(|byte| !is_before(byte)) != Some(&b'#') {
            return true;
        }
    }
    false
}

/// The documents that a document at that address refers to, each once, in its order.
pub(super) fn targets(root: Node<'_>, own: &Url) -> Vec<Url> {
    let mut targets = Vec::new();
    walk(root, &mut |reference| {
        let url = target(reference, own).filter(|url| url != own && url.as_str().len() <= MAX_URL);
        // A handful of documents is what there mostly is, and there are limits to how many are used.
        if let Some(url) = url.filter(|url| !targets.contains(url) && targets.len() < 1_000) {
            targets.push(url);
        }
    });
    targets
}

/// Every reference, with those in examples left out: they are values.
fn walk<'d>(node: Node<'d>, found: &mut dyn FnMut(&'d str)) {
    node.items().for_each(|item| walk(item, found));
    for (key, value) in node.members() {
        match value.as_str() {
            Some(reference) if key == "$ref" => found(reference),
            _ if is_value(key, value) => {}
            _ => walk(value, found),
        }
    }
}

/// Whether a member holds a value of the API and no description of one. A property may have that name as well, and then it
/// is a schema, which says so.
fn is_value(key: &str, member: Node<'_>) -> bool {
    matches!(key, "example" | "examples" | "const" | "enum") && member.get("$ref").is_none()
}

/// The document that a reference leads to.
fn target(reference: &str, own: &Url) -> Option<Url> {
    let document = reference.split('#').next().unwrap_or_default();
    let mut url = if document.is_empty() { own.clone() } else { own.join(document).ok()? };
    url.set_fragment(None);
    Some(url)
}

/// What a document of a bundle is called: its address relative to the first one's, in the characters of a pointer.
pub(super) fn name(url: &Url, first: &Url, taken: &HashMap<Url, String>) -> String {
    let text = first.make_relative(url).unwrap_or_else(|| url.as_str().to_owned());
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    let parts = text.split(|character| !is_plain(character)).filter(|part| !matches!(*part, "" | "." | ".."));
    let name = parts.collect::<Vec<_>>().join("_");
    let numbered = (2_u64..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !taken.values().any(|other| other == name)).unwrap_or_default()
}

/// What a pointer into another document of the bundle is there; the whole document is the name of its file.
pub(super) fn within(pointer: &str) -> Option<&str> {
    let within = pointer.strip_prefix(DOCUMENTS)?.strip_prefix('/')?;
    Some(match within.split_once('/') {
        Some((_, within)) => within,
        None => within.rsplit_once('.').map_or(within, |(stem, _)| stem),
    })
}

/// Where a document is, and what the others are called.
pub(super) struct Place<'a> {
    pub(super) own: &'a Url,
    pub(super) first: &'a Url,
    pub(super) names: &'a HashMap<Url, String>,
}

impl Place<'_> {
    /// The same reference, from within the bundle. One that leads to no document of it is left with its whole address.
    fn reference(&self, reference: &str) -> String {
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        match target(reference, self.own) {
            Some(url) if url == *self.first => format!("#{fragment}"),
            Some(url) => match self.names.get(&url) {
                Some(name) => format!("#/{DOCUMENTS}/{name}{fragment}"),
                None => format!("{url}#{fragment}"),
            },
            None => reference.to_owned(),
        }
    }
}

/// The value with its references as they are in a bundle.
pub(super) fn rewritten(node: Node<'_>, place: &Place<'_>) -> Value {
    if node.is_list() {
        return node.items().map(|item| rewritten(item, place)).collect();
    }
    if !node.is_object() {
        return node.to_value();
    }
    let members = node.members().map(|(key, value)| {
        let value = match value.as_str() {
            Some(reference) if key == "$ref" => Value::from(place.reference(reference)),
            _ if is_value(key, value) => value.to_value(),
            _ => rewritten(value, place),
        };
        (key.to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>())
}
