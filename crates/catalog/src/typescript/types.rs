//! From a schema to a type.
//!
//! Every walk ends: anonymous schemas are followed to a fixed depth, named ones are not followed but remembered, and
//! once the text has reached its size objects are cut short with a note of how much is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::literal::{comment, literal, property, type_name};
use super::notes;
use super::ways::Differing;
use crate::Resolve;
use crate::schema::{self, Object, Way};

/// How deep anonymous schemas are followed.
const MAX_DEPTH: usize = 10;
/// How many values of an enumeration are listed.
const MAX_VALUES: usize = 40;
/// How many alternatives are.
const MAX_ALTERNATIVES: usize = 20;

/// How types are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A line a member, with comments.
    Lines,
    /// All on one line, without.
    Line,
}

/// Writes types and remembers which names they use.
pub(super) struct Types<'a> {
    pub(super) layout: Layout,
    /// The schema whose own definitions go before the shared ones.
    root: &'a Value,
    /// The text's size from which on objects are cut short, and the size so far.
    most: usize,
    written: usize,
    names: BTreeMap<(String, Way), String>,
    used: BTreeSet<String>,
    /// Types that are used and not yet declared, in the order of their use.
    pub(super) wanted: Vec<Wanted>,
    /// The source's shared schemas.
    schemas: Resolve<'a>,
    /// Which way what is written goes.
    way: Way,
    /// The shared schemas that are not the same both ways, as far as it is known.
    differing: Differing,
    /// Whether the types of files are used: those that a call gives, and those that it takes.
    pub(super) files: (bool, bool),
}

/// A shared type that is used.
pub(super) struct Wanted {
    /// The name of its schema.
    pub(super) name: String,
    /// The name of the type.
    pub(super) unique: String,
    /// Which way it goes.
    pub(super) way: Way,
}

impl<'a> Types<'a> {
    pub(super) fn new(layout: Layout, root: &'a Value, schemas: Resolve<'a>, most: usize) -> Self {
        Self {
            layout,
            root,
            most,
            written: 0,
            names: BTreeMap::new(),
            used: BTreeSet::new(),
            wanted: Vec::new(),
            schemas,
            way: Way::Received,
            differing: Differing::default(),
            files: (false, false),
        }
    }

    /// A name for a type of our own, so that no shared one takes it.
    pub(super) fn reserve(&mut self, name: &str) -> String {
        let base = type_name(name);
        let mut unique = base.clone();
        let mut number = 2;
        // Names that differ in case only would be read as one.
        while !self.used.insert(unique.to_lowercase()) {
            unique = format!("{base}{number}");
            number += 1;
        }
        unique
    }

    /// Whether the text is as long as it may become.
    pub(super) fn is_full(&self) -> bool {
        self.written >= self.most
    }

    /// What is written meanwhile goes that way.
    pub(super) fn going<T>(&mut self, way: Way, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.way, way);
        let written = write(self);
        self.way = before;
        written
    }

    /// The schema behind a shared type.
    pub(super) fn definition(&self, name: &str) -> Option<Value> {
        match schema::own_definition(self.root, name) {
            Some(own) => Some(own.clone()),
            None => (self.schemas)(name).and_then(|schema| schema.read().ok()),
        }
    }

    /// Counts what is written elsewhere.
    pub(super) fn count(&mut self, bytes: usize) {
        self.written += bytes;
    }

    /// The type of a schema. `level` is how far its lines are indented.
    pub(super) fn of(&mut self, schema: &Value, level: usize, depth: usize) -> String {
        match schema {
            Value::Bool(false) => "never".to_owned(),
            Value::Object(_) if depth > MAX_DEPTH => "unknown".to_owned(),
            Value::Object(schema) => self.of_object_schema(schema, level, depth),
            _ => "unknown".to_owned(),
        }
    }

    fn of_object_schema(&mut self, schema: &Object, level: usize, depth: usize) -> String {
        let mut union = self.alternatives(schema, level, depth);
        if schema::is_nullable(schema) {
            union.push("null".to_owned());
        }
        union_of(union)
    }

    fn alternatives(&mut self, schema: &Object, level: usize, depth: usize) -> Vec<String> {
        if schema::is_binary(schema) {
            let or_null = schema::types(schema).contains(&"null").then_some("null");
            let file = match self.way {
                Way::Sent => "FileArgument",
                Way::Received => "File",
            };
            self.files.0 |= self.way == Way::Received;
            self.files.1 |= self.way == Way::Sent;
            return [file].into_iter().chain(or_null).map(str::to_owned).collect();
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return vec![self.reference(name)];
        }
        if let Some(fixed) = schema.get("const").and_then(literal) {
            self.written += fixed.len();
            return vec![fixed];
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return self.enumeration(schema, values);
        }
        let mut parts = Vec::new();
        for keyword in ["oneOf", "anyOf"] {
            let alternatives = self.each(schema, keyword, level, depth);
            if !alternatives.is_empty() {
                parts.push(union_of(alternatives));
            }
        }
        parts.extend(self.each(schema, "allOf", level, depth).into_iter().filter(|part| part != "unknown"));
        let types = schema::types(schema);
        if parts.is_empty() {
            return self.by_type(schema, &types, level, depth);
        }
        if schema.contains_key("properties") {
            parts.push(self.object(schema, level, depth));
        }
        // An empty union adds nothing to an intersection.
        if parts.len() > 1 {
            parts.retain(|part| part != "unknown");
        }
        parts.dedup();
        let mut union = match parts.as_slice() {
            [] => vec!["unknown".to_owned()],
            [_] => parts,
            _ => vec![parts.iter().map(|part| in_parentheses(part)).collect::<Vec<_>>().join(" & ")],
        };
        if types.len() > 1 && types.contains(&"null") {
            union.push("null".to_owned());
        }
        union
    }

    fn each(&mut self, schema: &Object, keyword: &str, level: usize, depth: usize) -> Vec<String> {
        let Some(Value::Array(several)) = schema.get(keyword) else { return Vec::new() };
        let mut types: Vec<String> =
            several.iter().take(MAX_ALTERNATIVES).map(|inner| self.of(inner, level, depth + 1)).collect();
        if several.len() > MAX_ALTERNATIVES && keyword != "allOf" {
            types.push("unknown".to_owned());
        }
        types
    }

    fn reference(&mut self, reference: &str) -> String {
        let Some(name) = schema::reference_name(reference) else { return "unknown".to_owned() };
        // A type that is the same both ways is declared once.
        let differs = self.way == Way::Sent && self.differing.differs(&name, self.root, self.schemas);
        let key = (name.into_owned(), if differs { Way::Sent } else { Way::Received });
        if let Some(known) = self.names.get(&key) {
            self.written += known.len();
            return known.clone();
        }
        let (name, way) = key.clone();
        let unique = match differs {
            true => self.reserve(&format!("{name}-input")),
            false => self.reserve(&name),
        };
        self.names.insert(key, unique.clone());
        self.wanted.push(Wanted { name, unique: unique.clone(), way });
        self.written += unique.len();
        unique
    }

    fn enumeration(&mut self, schema: &Object, values: &[Value]) -> Vec<String> {
        let mut listed: Vec<String> = values
            .iter()
            .take(MAX_VALUES)
            .map(|value| literal(value).unwrap_or_else(|| "unknown".to_owned()))
            .collect();
        if values.len() > MAX_VALUES {
            listed.push(schema::types(schema).first().map_or("unknown", |name| primitive(name)).to_owned());
        }
        self.written += listed.iter().map(|one| one.len() + 3).sum::<usize>();
        listed
    }

    fn by_type(&mut self, schema: &Object, types: &[&str], level: usize, depth: usize) -> Vec<String> {
        if types.is_empty() {
            let guessed = if ["properties", "additionalProperties", "patternProperties"]
                .iter()
                .any(|key| schema.contains_key(*key))
            {
                "object"
            } else if schema.contains_key("items") || schema.contains_key("prefixItems") {
                "array"
            } else {
                "unknown"
            };
            return vec![self.named_type(guessed, schema, level, depth)];
        }
        types.iter().map(|name| self.named_type(name, schema, level, depth)).collect()
    }

    fn named_type(&mut self, name: &str, schema: &Object, level: usize, depth: usize) -> String {
        match name {
            "array" => self.array(schema, level, depth),
            "object" => self.object(schema, level, depth),
            name => {
                self.written += 7;
                primitive(name).to_owned()
            }
        }
    }

    fn array(&mut self, schema: &Object, level: usize, depth: usize) -> String {
        let (first, rest) = match (schema.get("prefixItems"), schema.get("items")) {
            (Some(Value::Array(first)), rest) => (first.as_slice(), rest),
            (_, Some(Value::Array(first))) => (first.as_slice(), schema.get("additionalItems")),
            (_, rest) => (&[][..], rest),
        };
        let of_rest = match rest {
            Some(Value::Bool(false)) => None,
            Some(rest) => Some(self.of(rest, level, depth + 1)),
            None => Some("unknown".to_owned()),
        };
        if first.is_empty() {
            return format!("{}[]", in_parentheses(&of_rest.unwrap_or_else(|| "never".to_owned())));
        }
        let mut items: Vec<String> =
            first.iter().take(MAX_ALTERNATIVES).map(|inner| self.of(inner, level, depth + 1)).collect();
        items.extend(of_rest.map(|rest| format!("...{}[]", in_parentheses(&rest))));
        format!("[{}]", items.join(", "))
    }

    /// The members of an object, or what its unnamed members are.
    pub(super) fn object(&mut self, schema: &Object, level: usize, depth: usize) -> String {
        let others = self.other_members(schema, level, depth);
        let members: Vec<(&String, &Value)> = schema::properties(schema, self.way).collect();
        if members.is_empty() {
            return match others {
                Some(others) => format!("Record<string, {others}>"),
                None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                    "Record<string, never>".to_owned()
                }
                None => "Record<string, unknown>".to_owned(),
            };
        }
        let required: BTreeSet<&str> = schema::required(schema, self.way).collect();
        let mut lines = Vec::new();
        let mut missing = 0;
        for is_required in [true, false] {
            for (name, inner) in
                members.iter().filter(|(name, _)| required.contains(name.as_str()) == is_required)
            {
                if self.is_full() {
                    missing += 1;
                    continue;
                }
                lines.extend(self.member(name, inner, is_required, level + 1, depth));
            }
        }
        if others.is_some() {
            lines.push("[key: string]: unknown;".to_owned());
        }
        if missing > 0 {
            lines.push(match self.layout {
                Layout::Lines => format!("// … {missing} more"),
                Layout::Line => format!("/* {missing} more */"),
            });
        }
        self.braced(&lines, level)
    }

    fn member(
        &mut self,
        name: &str,
        inner: &Value,
        is_required: bool,
        level: usize,
        depth: usize,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if self.layout == Layout::Lines
            && let Some(note) = notes::of(inner)
        {
            lines.push(format!("/** {note} */"));
        }
        let name = property(name);
        self.written +=
            name.len() + 4 + lines.iter().map(|line| line.len() + 2 * level).sum::<usize>() + 2 * level;
        let of_member = self.of(inner, level, depth + 1);
        lines.push(format!("{name}{}: {of_member};", if is_required { "" } else { "?" }));
        lines
    }

    fn other_members(&mut self, schema: &Object, level: usize, depth: usize) -> Option<String> {
        let mut types = Vec::new();
        match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => types.push("unknown".to_owned()),
            Some(inner @ Value::Object(_)) => types.push(self.of(inner, level, depth + 1)),
            _ => {}
        }
        let patterns = schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        for (_, inner) in patterns.take(MAX_ALTERNATIVES) {
            types.push(self.of(inner, level, depth + 1));
        }
        (!types.is_empty()).then(|| union_of(types))
    }

    fn braced(&self, lines: &[String], level: usize) -> String {
        match self.layout {
            Layout::Line => {
                let line = lines.join(" ");
                format!("{{ {} }}", line.trim_end_matches(';'))
            }
            Layout::Lines => {
                let indent = "  ".repeat(level + 1);
                let mut text = String::from("{\n");
                for line in lines {
                    text.push_str(&indent);
                    text.push_str(line);
                    text.push('\n');
                }
                text.push_str(&"  ".repeat(level));
                text.push('}');
                text
            }
        }
    }
}

/// A comment's text for a shared type.
pub(super) fn title(schema: &Value, most: usize) -> Option<String> {
    let text = schema.get("description").or_else(|| schema.get("title"))?.as_str()?;
    Some(comment(text, most)).filter(|text| !text.is_empty())
}

fn primitive(name: &str) -> &'static str {
    match name {
        "string" => "string",
        "number" | "integer" => "number",
        "boolean" => "boolean",
        "null" => "null",
        _ => "unknown",
    }
}

/// A union, each member once. What is unknown swallows the rest.
fn union_of(types: Vec<String>) -> String {
    let mut unique: Vec<String> = Vec::new();
    for one in types {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    if unique.is_empty() || unique.iter().any(|one| one == "unknown") {
        return "unknown".to_owned();
    }
    unique.join(" | ")
}

/// A type that can stand in a larger one: unions and intersections get parentheses.
fn in_parentheses(of: &str) -> String {
    if is_composed(of) { format!("({of})") } else { of.to_owned() }
}

/// Whether a `|` or `&` stands outside of all brackets and strings.
fn is_composed(of: &str) -> bool {
    let (mut open, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in of.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' | b'(' | b'<' => open += 1,
            b'}' | b']' | b')' | b'>' => open = open.saturating_sub(1),
            b'|' | b'&' if open == 0 => return true,
            _ => {}
        }
    }
    false
}
