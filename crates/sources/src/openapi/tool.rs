//! One operation as a tool.

use std::collections::HashSet;
use std::fmt;

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Map, Value, json};

use super::operation::{Field, Format, Operation, Parameter, Place, RequestBody, Shape};
use super::schema::{Converter, Side};
use super::security::Security;
use super::shared::Shared;
use super::{body, parameters, response, servers, text};
use crate::document::Node;
use crate::import::ImportOptions;

/// An operation where it stands in the document.
pub(super) struct Route<'d> {
    /// The method in lower case.
    pub(super) method: &'static str,
    pub(super) path: &'d str,
    pub(super) item: Node<'d>,
    pub(super) node: Node<'d>,
}

impl fmt::Display for Route<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.to_ascii_uppercase(), self.path)
    }
}

/// What all operations of an import have in common.
pub(super) struct Workshop<'w, 'd> {
    pub(super) shared: &'w mut Shared<'d>,
    pub(super) security: &'w Security<'d>,
    pub(super) is_3_0: bool,
    pub(super) options: &'w ImportOptions<'w>,
    pub(super) base_url: &'w str,
}

/// The arguments of a tool as they are gathered.
#[derive(Default)]
pub(crate) struct Arguments {
    taken: HashSet<String>,
    schemas: Map<String, Value>,
    required: Vec<String>,
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

    pub(crate) fn into_schema(self) -> Json {
        let mut schema = json!({ "type": "object", "properties": self.schemas });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema["additionalProperties"] = json!(false);
        Json::from(&schema)
    }
}

impl<'d> Workshop<'_, 'd> {
    /// The tool. The error is a reason as a sentence.
    pub(super) fn tool(&mut self, route: &Route<'d>, name: String) -> Result<Tool, String> {
        let references = &self.shared.references;
        let declared = parameters::declared(references, route.item, route.node, route.path)?;
        let body = body::declared(references, route.node)?;
        let response = response::first_good(references, route.node);

        let mut arguments = Arguments::default();
        let (in_path, elsewhere): (Vec<_>, Vec<_>) =
            declared.into_iter().partition(|parameter| parameter.place == Place::Path);
        let mut kept: Vec<Parameter> =
            in_path.iter().map(|parameter| self.parameter(parameter, &mut arguments)).collect();
        let body = body.map(|body| self.body(&body, &mut arguments));
        for place in [Place::Query, Place::Header, Place::Cookie] {
            let here = elsewhere.iter().filter(|parameter| parameter.place == place);
            kept.extend(here.map(|parameter| self.parameter(parameter, &mut arguments)));
        }
        let idempotency_header = elsewhere
            .iter()
            .find(|parameter| parameter.is_idempotency_key())
            .map(|parameter| parameter.name.to_ascii_lowercase());
        let output = response.schema.map(|schema| Json::from(&self.schema(schema, Side::Both)));

        let server = servers::of(route.node, self.options.document_url)
            .or_else(|| servers::of(route.item, self.options.document_url))
            // Whoever says where the API is means all of it.
            .filter(|server| self.options.base_url.is_none() && server != self.base_url);
        let credentials = self.security.of(route.node).into_iter();
        let operation = Operation {
            method: route.method.to_ascii_uppercase(),
            path: route.path.to_owned(),
            server,
            accept: response.accept.to_owned(),
            parameters: kept,
            idempotency_header,
            body,
            credentials: credentials
                .map(|set| set.into_iter().map(|slot| (slot.name, slot.placement)).collect())
                .collect(),
        };
        let description = route.node.text("description").unwrap_or_default();
        Ok(Tool {
            name,
            summary: text::summary(route.node.text("summary"), description, &route.to_string()),
            description: text::bounded(description),
            deprecated: route.node.flag("deprecated"),
            side_effect: match route.method {
                "get" | "head" | "options" => SideEffect::None,
                _ if operation.idempotency_header.is_some() => SideEffect::Idempotent,
                _ => SideEffect::Write,
            },
            input: arguments.into_schema(),
            output,
            operation: Json::from_serialize(&operation)
                .map_err(|error| format!("It cannot be kept: {error}."))?,
        })
    }

    fn parameter(&mut self, declared: &parameters::Declared<'d>, arguments: &mut Arguments) -> Parameter {
        let prefix = match declared.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        let argument = arguments.claim(declared.name, prefix);
        let schema = match declared.schema {
            Some(schema) => self.schema(schema, Side::Input),
            None if declared.place == Place::Path => json!({ "type": "string" }),
            None => json!({}),
        };
        // Where the call has no key of its own, it gets one of ours.
        let is_required = declared.required && !declared.is_idempotency_key();
        arguments.add(argument.clone(), described(schema, declared.description), is_required);
        Parameter {
            argument,
            name: declared.name.to_owned(),
            place: declared.place,
            style: declared.style,
            explode: declared.explode,
            allow_reserved: declared.allow_reserved,
        }
    }

    fn body(&mut self, declared: &body::Declared<'d>, arguments: &mut Arguments) -> RequestBody {
        let shape = match &declared.members {
            Some(members) => {
                let mut fields = Vec::with_capacity(members.properties.len());
                for (name, schemas) in &members.properties {
                    let argument = arguments.claim(name, "body");
                    let schema = match schemas.as_slice() {
                        [one] => self.schema(*one, Side::Input),
                        several => {
                            let all = several.iter().map(|one| self.schema(*one, Side::Input));
                            json!({ "allOf": all.collect::<Vec<_>>() })
                        }
                    };
                    let is_required = declared.required && members.required.contains(name);
                    arguments.add(argument.clone(), schema, is_required);
                    fields.push(Field { argument, name: (*name).to_owned(), deep: declared.is_deep(name) });
                }
                Shape::Fields(fields)
            }
            None => {
                let argument = arguments.claim("body", "body");
                let schema = match declared.schema {
                    _ if declared.format == Format::Text => json!({ "type": "string" }),
                    Some(schema) => self.schema(schema, Side::Input),
                    None => json!({}),
                };
                arguments.add(argument.clone(), described(schema, declared.description), declared.required);
                Shape::Whole(argument)
            }
        };
        RequestBody {
            content_type: declared.content_type.to_owned(),
            format: declared.format,
            required: declared.required,
            shape,
        }
    }

    fn schema(&mut self, node: Node<'d>, side: Side) -> Value {
        Converter::new(self.shared, self.is_3_0, side).convert(node)
    }
}

/// The schema with a description, unless it has its own.
pub(crate) fn described(mut schema: Value, description: Option<&str>) -> Value {
    if let (Value::Object(schema), Some(description)) = (&mut schema, description)
        && !schema.contains_key("description")
    {
        schema.insert("description".to_owned(), Value::from(description));
    }
    schema
}
