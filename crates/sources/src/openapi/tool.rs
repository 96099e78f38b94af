//! One operation as a tool.

use std::fmt;

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::operation::{Operation, Parameter, Place};
use super::response::Payload;
use super::schema::{self, Converter, Side};
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

impl<'d> Route<'d> {
    /// The first tag.
    pub(super) fn tag(&self) -> Option<&'d str> {
        self.node.get("tags").and_then(|tags| tags.at(0)).and_then(Node::as_str)
    }
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
    pub(super) options: &'w ImportOptions<'w>,
    pub(super) base_url: &'w str,
}

impl<'d> Workshop<'_, 'd> {
    /// The tool. The error is a reason as a sentence.
    pub(super) fn tool(&mut self, route: &Route<'d>, name: String) -> Result<Tool, String> {
        let references = &self.shared.references;
        let declared = parameters::declared(references, route.item, route.node, route.path)?;
        let body = body::declared(references, route.item, route.node)?;
        let response = response::good(references, route.node);

        let mut arguments = Arguments::default();
        let (in_path, elsewhere): (Vec<_>, Vec<_>) =
            declared.into_iter().partition(|parameter| parameter.place == Place::Path);
        let mut kept: Vec<Parameter> =
            in_path.iter().map(|parameter| self.parameter(parameter, &mut arguments)).collect();
        let bodies = body.iter().flat_map(|body| self.bodies(body, &mut arguments)).collect::<Vec<_>>();
        for place in [Place::Query, Place::Header, Place::Cookie] {
            let here = elsewhere.iter().filter(|parameter| parameter.place == place);
            kept.extend(here.map(|parameter| self.parameter(parameter, &mut arguments)));
        }
        let idempotency_header = elsewhere
            .iter()
            .find(|parameter| parameter.is_idempotency_key())
            .map(|parameter| parameter.name.to_ascii_lowercase());
        let (body, choice) = arguments.choose(bodies);
        let output = match response.payload {
            Payload::Json(schema) => schema.map(|schema| self.schema(schema, Side::Output)),
            Payload::Text => Some(json!({ "type": "string" })),
            Payload::File => Some(schema::file()),
            Payload::Unknown => None,
        };

        let server = servers::of(route.node, self.options)
            .or_else(|| servers::of(route.item, self.options))
            // Whoever says where the API is means all of it.
            .filter(|server| self.options.base_url.is_none() && server != self.base_url);
        let credentials = self.security.of(route.node).into_iter();
        let operation = Operation {
            method: route.method.to_ascii_uppercase(),
            path: route.path.to_owned(),
            server,
            answer_is_file: matches!(response.payload, Payload::File),
            accept: response.accept,
            parameters: kept,
            idempotency_header,
            body,
            choice,
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
            output: output.as_ref().map(Json::from),
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

    pub(super) fn schema(&mut self, node: Node<'d>, side: Side) -> Value {
        Converter::new(self.shared, side).convert(node)
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
