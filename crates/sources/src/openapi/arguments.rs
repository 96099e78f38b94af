//! The arguments of a tool as they are gathered, and what the body takes of them.

use std::collections::HashSet;

use executor_core::Json;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::body::{Alternative, Declared, Members};
use super::operation::{Choice, Field, Format, RequestBody, Shape};
use super::schema::{self, Side};
use super::tool::{Workshop, described};
use crate::document::Node;

/// How much is said of what an optional body requires. Of a very large one the API says it itself.
const MAX_DEPENDENT: usize = 2_000;

/// The argument that says which of several media types a body has.
const CONTENT_TYPE: &str = "contentType";

/// The arguments of a tool.
#[derive(Default)]
pub(crate) struct Arguments {
    taken: HashSet<String>,
    schemas: Map<String, Value>,
    required: Vec<String>,
    /// What else is required where an argument is given.
    dependent: Map<String, Value>,
}

impl Arguments {
    /// The name of an argument: its own, unless another has it.
    pub(crate) fn claim(&mut self, name: &str, prefix: &str) -> String {
        let mut free = name.to_owned();
        if self.taken.contains(&free) {
            free = format!("{prefix}_{name}");
        }
        while !self.taken.insert(free.clone()) {
            free.push('_');
        }
        free
    }

    pub(crate) fn add(&mut self, name: String, schema: Value, is_required: bool) {
        if is_required {
            self.required.push(name.clone());
        }
        self.schemas.insert(name, schema);
    }

    /// A body that may be left out is whole where it is given: whoever gives one member gives those that it requires.
    fn depend(&mut self, body: &RequestBody, declared: &Alternative<'_>) {
        let (Shape::Fields(fields), Some(members)) = (&body.shape, &declared.members) else { return };
        let required = fields.iter().filter(|field| members.required.contains(&field.name.as_str()));
        let required: Vec<&str> = required.map(|field| field.argument.as_str()).collect();
        if required.is_empty() || required.len() * fields.len() > MAX_DEPENDENT {
            return;
        }
        for field in fields {
            let others = required.iter().filter(|argument| **argument != field.argument);
            let others: Vec<_> = others.map(|argument| Value::from(*argument)).collect();
            if !others.is_empty() {
                self.dependent.insert(field.argument.clone(), Value::Array(others));
            }
        }
    }

    /// The preferred body and, where there are others, the argument that says which one it is to be.
    ///
    /// That argument takes its name last, so that it never takes the name of one that was there before it.
    pub(super) fn choose(&mut self, bodies: Vec<RequestBody>) -> (Option<RequestBody>, Option<Choice>) {
        let mut bodies = bodies.into_iter();
        let preferred = bodies.next();
        let others: Vec<_> = bodies.collect();
        let Some(first) = preferred.as_ref().filter(|_| !others.is_empty()) else { return (preferred, None) };
        let types: Vec<_> =
            std::iter::once(first).chain(&others).map(|body| body.content_type.as_str()).collect();
        let description =
            "What the body is. If it is not given: the first that has a place for all arguments.";
        let schema = json!({ "type": "string", "enum": types, "description": description });
        let argument = self.claim(CONTENT_TYPE, "header");
        self.add(argument.clone(), schema, false);
        (preferred, Some(Choice { argument, bodies: others }))
    }

    pub(crate) fn into_schema(self) -> Json {
        let mut schema = json!({ "type": "object", "properties": self.schemas });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        if !self.dependent.is_empty() {
            schema["dependentRequired"] = Value::Object(self.dependent);
        }
        schema["additionalProperties"] = json!(false);
        Json::from(&schema)
    }
}

/// An argument that goes into the body, as far as it is known.
struct Gathered {
    argument: String,
    /// What it may be: something else in one media type than in another.
    schemas: Vec<Value>,
    /// How many of the bodies do not go without.
    required_by: usize,
}

impl<'d> Workshop<'_, 'd> {
    /// The bodies that a call may have, the preferred one first. They share the arguments that have the same name, and an
    /// argument is required only where all of them want it.
    pub(super) fn bodies(&mut self, declared: &Declared<'d>, arguments: &mut Arguments) -> Vec<RequestBody> {
        // By the member's name; the whole body has none.
        let mut gathered: IndexMap<Option<&str>, Gathered> = IndexMap::new();
        let bodies = declared.alternatives.iter().map(|alternative| {
            let mut gather = |member: Option<&'d str>, schema: Value, is_required: bool| {
                let one = gathered.entry(member).or_insert_with(|| {
                    let argument = arguments.claim(member.unwrap_or("body"), "body");
                    Gathered { argument, schemas: Vec::new(), required_by: 0 }
                });
                if !one.schemas.contains(&schema) {
                    one.schemas.push(schema);
                }
                one.required_by += usize::from(is_required);
                one.argument.clone()
            };
            let shape = match &alternative.members {
                Some(members) => {
                    let fields = members.properties.iter().map(|(name, schemas)| {
                        let schema = self.member(alternative, schemas);
                        let schema = self.told(members, name, schema);
                        let required = members.required.contains(name);
                        let argument = gather(Some(*name), schema, declared.required && required);
                        Field { argument, name: (*name).to_owned(), required }
                    });
                    Shape::Fields(fields.collect())
                }
                None => {
                    let schema =
                        described(self.whole(alternative, declared.description), declared.description);
                    Shape::Whole(gather(None, schema, declared.required))
                }
            };
            RequestBody {
                content_type: alternative.content_type.to_owned(),
                format: alternative.format,
                required: declared.required,
                shape,
                base64: alternative.is_base64(&self.shared.references),
                members: alternative.written(&self.shared.references),
            }
        });
        let bodies: Vec<_> = bodies.collect();
        for (_, Gathered { argument, mut schemas, required_by }) in gathered {
            let schema = match schemas.len() {
                1 => schemas.remove(0),
                _ => json!({ "anyOf": schemas }),
            };
            arguments.add(argument, schema, required_by == bodies.len());
        }
        if let ([only], [body]) = (declared.alternatives.as_slice(), bodies.as_slice())
            && !declared.required
        {
            arguments.depend(body, only);
        }
        bodies
    }

    /// A member, with its only values where it is the discriminator of what the body is.
    fn told(&self, members: &Members<'d>, name: &str, schema: Value) -> Value {
        let family = self.shared.references.family();
        let heir = members.owner.and_then(|owner| family.heir(owner)).filter(|heir| heir.property == name);
        match heir.map(|heir| heir.values.as_slice()) {
            Some([only]) => fixed(schema, only),
            _ => schema,
        }
    }

    fn member(&mut self, alternative: &Alternative<'d>, schemas: &[Node<'d>]) -> Value {
        let side = side(alternative.format);
        match schemas {
            [one] => self.schema(*one, side),
            several => {
                json!({ "allOf": several.iter().map(|one| self.schema(*one, side)).collect::<Vec<_>>() })
            }
        }
    }

    fn whole(&mut self, alternative: &Alternative<'d>, declared: Option<&str>) -> Value {
        match (alternative.format, alternative.schema) {
            (Format::Text, _) => json!({ "type": "string" }),
            (Format::Binary, _) => schema::file_argument(declared),
            // What is shared is for JSON as well: the members that are files are told apart here only.
            (Format::Multipart, Some(schema)) => {
                let schema = self.shared.references.follow(schema).unwrap_or(schema);
                self.schema(schema, Side::Parts)
            }
            (_, Some(schema)) => self.schema(schema, Side::Input),
            (_, None) => json!({}),
        }
    }
}

/// The schema, of which only this value is left.
fn fixed(mut schema: Value, only: &str) -> Value {
    match &mut schema {
        Value::Object(members) if !members.contains_key("$ref") => {
            members.insert("const".to_owned(), Value::from(only));
            schema
        }
        _ => json!({ "allOf": [schema, { "const": only }] }),
    }
}

fn side(format: Format) -> Side {
    match format {
        Format::Multipart => Side::Parts,
        _ => Side::Input,
    }
}
