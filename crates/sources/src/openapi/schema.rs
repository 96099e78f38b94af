//! Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12.
//!
//! Only keywords that are known, and have a value that they may have, are kept: a validator has to be able to read what
//! comes out, whatever went in.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::discriminator::{self, Discriminator};
use super::shared::{Role, Shared};
use super::{media, one_way};
use crate::document::Node;

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// To the API.
    Input,
    /// To the API, in a body of parts, where what is binary is a file.
    Parts,
    /// From the API.
    Output,
    /// Either, as in a schema that is shared.
    Both,
}

impl Side {
    /// What says of a member that it does not go this way.
    fn hidden(self) -> &'static [&'static str] {
        match self {
            Side::Input | Side::Parts => &[one_way::FROM_API],
            Side::Output => &[one_way::TO_API],
            Side::Both => &[one_way::FROM_API, one_way::TO_API],
        }
    }
}

/// Converts schemas, and notes what they refer to.
pub(crate) struct Converter<'s, 'd> {
    shared: &'s mut Shared<'d>,
    side: Side,
    /// How many steps into the value the place is that is being converted.
    inside: usize,
    in_place: Vec<usize>,
    broken: HashSet<usize>,
    /// What another part of the same combination declares to go one way only.
    elsewhere: HashSet<&'d str>,
    /// The reference to the shared schema that is being converted.
    owner: Option<Cow<'d, str>>,
}

impl<'s, 'd> Converter<'s, 'd> {
    pub(crate) fn new(shared: &'s mut Shared<'d>, side: Side) -> Self {
        Self {
            shared,
            side,
            inside: 0,
            in_place: Vec::new(),
            broken: HashSet::new(),
            elsewhere: HashSet::new(),
            owner: None,
        }
    }

    /// Leaves out references, by the number of their target, that are not made from inside the value.
    pub(super) fn without(mut self, broken: HashSet<usize>) -> Self {
        self.broken = broken;
        self
    }

    /// The schemas that are referred to for the same value.
    pub(super) fn into_in_place(self) -> Vec<usize> {
        self.in_place
    }

    /// A shared schema, in one of its roles.
    pub(super) fn definition(&mut self, reference: Cow<'d, str>, role: Role, node: Node<'d>) -> Value {
        let family = self.shared.references.family();
        if let (Role::Value, Some(base)) = (role, family.base(&reference)) {
            let arms = base.arms.iter().map(|(arm, values)| {
                let role = if *arm == reference { Role::Base } else { Role::Value };
                discriminator::arm(self.referring(arm.clone().into(), role), base.property, values)
            });
            let mut schema = json!({ "oneOf": arms.collect::<Vec<_>>() });
            schema["discriminator"] = json!({ "propertyName": base.property });
            if let Some(description) = node.text("description") {
                schema["description"] = description.into();
            }
            return schema;
        }
        let own =
            family.heir(&reference).and_then(|heir| discriminator::only(heir.property, &heir.values, false));
        self.owner = Some(reference);
        let mut schema = self.convert(node);
        if let (Some(own), Value::Object(schema)) = (own, &mut schema)
            && let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut)
        {
            parts.push(own);
        }
        schema
    }

    /// One schema. What is no schema allows anything.
    pub(crate) fn convert(&mut self, node: Node<'d>) -> Value {
        if let Some(always) = node.as_bool() {
            return Value::Bool(always);
        }
        let references = &self.shared.references;
        if self.side == Side::Parts
            && (media::is_file(references, node) || media::is_base64(references, node))
        {
            return file_argument(node.text("description"));
        }
        let reference = node.text("$ref").map(|reference| self.referring(reference.into(), Role::Value));
        let mut schema = match reference {
            Some(schema) if !self.shared.references.dialect().reads_beside_references() => return schema,
            Some(Value::Object(schema)) => schema,
            _ => Map::new(),
        };
        let around = self.enter_combination(node);
        for (keyword, value) in node.members() {
            if let Some(value) = self.keyword(node, keyword, value) {
                schema.insert(keyword_name(keyword, node).to_owned(), value);
            }
        }
        self.require(node, &mut schema);
        self.elsewhere = around;
        if node.flag("nullable") || node.flag("x-nullable") {
            nullable(schema)
        } else {
            Value::Object(schema)
        }
    }

    fn referring(&mut self, reference: Cow<'d, str>, role: Role) -> Value {
        let Some(number) = self.shared.number(reference, role) else { return json!({}) };
        if self.inside == 0 {
            if self.broken.contains(&number) {
                return json!({});
            }
            self.in_place.push(number);
        }
        json!({ "$ref": self.shared.pointer(number) })
    }

    /// The value of a keyword, or `None` if it is not kept.
    fn keyword(&mut self, schema: Node<'d>, keyword: &str, value: Node<'d>) -> Option<Value> {
        match keyword {
            // Bytes within JSON are text; what is a file says so by itself.
            "format" => value.as_str().filter(|format| *format != "binary").map(Value::from),
            "contentMediaType" if schema.get("contentEncoding").is_none() => {
                value.as_str().filter(|name| !media::is_binary(name)).map(Value::from)
            }
            "title" | "description" | "pattern" | "contentEncoding" | "contentMediaType" => {
                value.as_str().map(Value::from)
            }
            "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => value.as_bool().map(Value::from),
            "default" | "const" => Some(value.to_value()),
            "enum" => (value.items().len() > 0).then(|| value.to_value()),
            "example" if !value.is_object() && !value.is_list() => Some(json!([value.to_value()])),
            "type" => types(value),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => value.is_count().then(|| value.to_value()),
            "multipleOf" => {
                value.to_value().as_f64().filter(|number| *number > 0.0).map(|_| value.to_value())
            }
            "minimum" | "maximum" => value.is_number().then(|| value.to_value()),
            "exclusiveMinimum" => exclusive(schema, value, "minimum"),
            "exclusiveMaximum" => exclusive(schema, value, "maximum"),
            "items" | "prefixItems" if value.is_list() => {
                let items: Vec<_> =
                    self.deeper(|deeper| value.items().map(|item| deeper.convert(item)).collect());
                (!items.is_empty()).then_some(Value::Array(items))
            }
            "items"
            | "additionalProperties"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contains"
            | "propertyNames" => (value.is_object() || value.as_bool().is_some())
                .then(|| self.deeper(|deeper| deeper.convert(value))),
            "not" | "if" | "then" | "else" => value.is_object().then(|| self.convert(value)),
            "allOf" => self.parts(value),
            "anyOf" | "oneOf" => self.arms(schema, value),
            "discriminator" if schema.get("oneOf").or_else(|| schema.get("anyOf")).is_some() => {
                Discriminator::of(schema).map(|known| json!({ "propertyName": known.property }))
            }
            "properties" | "patternProperties" => {
                value.is_object().then(|| self.deeper(|deeper| deeper.properties(value)))
            }
            _ => None,
        }
    }

    fn properties(&mut self, value: Node<'d>) -> Value {
        let hides = |property: Node<'d>| self.hides(property);
        let kept: Vec<_> = value.members().filter(|(_, property)| !hides(*property)).collect();
        let converted = kept.into_iter().map(|(name, schema)| (name.to_owned(), self.member(schema)));
        Value::Object(converted.collect())
    }

    /// A member. Where the schema is shared, it says which way it goes, so that each side can leave it out.
    fn member(&mut self, node: Node<'d>) -> Value {
        let mut converted = self.convert(node);
        if let Value::Object(schema) = &mut converted {
            for flag in [one_way::FROM_API, one_way::TO_API] {
                if one_way::is(&self.shared.references, node, flag) {
                    schema.insert(flag.to_owned(), Value::Bool(true));
                }
            }
        }
        converted
    }

    /// Notes what the parts of a combination declare to go one way only, and gives what was noted before.
    fn enter_combination(&mut self, node: Node<'d>) -> HashSet<&'d str> {
        let around = self.elsewhere.clone();
        let requires = |part: Node<'d>| part.get("required").is_some();
        let parts = || node.get("allOf").into_iter().flat_map(Node::items);
        if node.get("allOf").is_some() && (requires(node) || parts().any(requires)) {
            for flag in self.side.hidden() {
                self.elsewhere.extend(one_way::among(&self.shared.references, node, flag));
            }
        }
        around
    }

    /// What only the API writes cannot be asked of a caller, and what only a caller writes does not come back.
    fn require(&self, node: Node<'d>, schema: &mut Map<String, Value>) {
        let properties = node.get("properties");
        let is_one_way = |name: &str| match properties.and_then(|all| all.get(name)) {
            Some(member) => self.hides(member),
            None => self.elsewhere.contains(name),
        };
        let mut required: Vec<&str> = Vec::new();
        for name in node.get("required").into_iter().flat_map(Node::items).filter_map(Node::as_str) {
            if !is_one_way(name) && !required.contains(&name) {
                required.push(name);
            }
        }
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
    }

    /// The parts of a combination. An heir takes over its base, and not what may stand in the base's place.
    fn parts(&mut self, value: Node<'d>) -> Option<Value> {
        let family = self.shared.references.family();
        let parts = value.items().map(|part| {
            let base = part.text("$ref").filter(|base| {
                self.inside == 0 && self.owner.as_ref().is_some_and(|owner| family.inherits(owner, base))
            });
            match base {
                Some(base) => self.referring(base.into(), Role::Base),
                None => self.convert(part),
            }
        });
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then_some(Value::Array(parts))
    }

    /// The arms of a combination, each with its own values of the discriminator, if there is one.
    fn arms(&mut self, schema: Node<'d>, value: Node<'d>) -> Option<Value> {
        let known = Discriminator::of(schema);
        let arms = value.items().map(|arm| match (&known, arm.text("$ref")) {
            (Some(known), Some(reference)) => {
                discriminator::arm(self.convert(arm), known.property, &known.values(reference))
            }
            _ => self.convert(arm),
        });
        let arms: Vec<_> = arms.collect();
        (!arms.is_empty()).then_some(Value::Array(arms))
    }

    /// Whether a member goes the other way only. What is shared goes both, and says of each member which way it goes.
    fn hides(&self, member: Node<'d>) -> bool {
        let references = &self.shared.references;
        self.side != Side::Both && self.side.hidden().iter().any(|flag| one_way::is(references, member, flag))
    }

    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.inside += 1;
        let around = std::mem::take(&mut self.elsewhere);
        let done = work(self);
        self.elsewhere = around;
        self.inside -= 1;
        done
    }
}

/// A file: the bytes themselves, and not text within JSON.
pub(super) fn file() -> Value {
    json!({ "type": "string", "format": "binary" })
}

/// A file that a caller gives, and how it is given.
pub(crate) fn file_argument(description: Option<&str>) -> Value {
    const HOW: &str = "The file that a call gave, text, or `{name?, mimeType?, base64}`.";
    let description = description.map_or_else(|| HOW.to_owned(), |own| format!("{} {HOW}", own.trim_end()));
    json!({ "type": "string", "format": "binary", "description": description })
}

/// The keyword of 2020-12.
fn keyword_name<'k>(keyword: &'k str, schema: Node<'_>) -> &'k str {
    match keyword {
        "items" if schema.get("items").is_some_and(Node::is_list) => "prefixItems",
        "example" => "examples",
        other => other,
    }
}

fn types(value: Node<'_>) -> Option<Value> {
    const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];
    let known = |name: &str| match name {
        "file" => Some("string"),
        name => TYPES.into_iter().find(|known| *known == name),
    };
    if let Some(name) = value.as_str() {
        return known(name).map(Value::from);
    }
    let mut names: Vec<&str> = Vec::new();
    for name in value.items().filter_map(Node::as_str).filter_map(known) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| json!(names))
}

/// `exclusiveMinimum` was a boolean beside `minimum` once, and is the border itself now.
fn exclusive(schema: Node<'_>, value: Node<'_>, border: &str) -> Option<Value> {
    if value.as_bool() == Some(true) {
        return schema.get(border).filter(|border| border.is_number()).map(Node::to_value);
    }
    value.is_number().then(|| value.to_value())
}

/// Lets `null` in as well.
fn nullable(mut schema: Map<String, Value>) -> Value {
    let single = schema.get("type").and_then(Value::as_str).map(str::to_owned);
    if let Some(single) = single.filter(|single| single != "null") {
        schema.insert("type".to_owned(), json!([single, "null"]));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    // A combination would still refuse it.
    if ["allOf", "anyOf", "oneOf", "not", "$ref", "const"].iter().any(|keyword| schema.contains_key(*keyword))
    {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    Value::Object(schema)
}
