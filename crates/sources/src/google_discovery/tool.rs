//! One method as a tool.

use std::collections::BTreeMap;

use executor_core::Json;
use executor_core::tool::{SideEffect, Tool};
use serde_json::{Value, json};

use super::operation::{Stored, Upload};
use super::parameters::{Common, Declared, Template, common, declared};
use super::resource_name;
use super::schema::{Converter, Side, members};
use super::security::{self, Security};
use super::service::{Method, Service};
use super::shared::Shared;
use crate::document::Node;
use crate::openapi::arguments::Arguments;
use crate::openapi::operation::{Field, Format, Operation, Parameter, Place, RequestBody, Shape, Style};
use crate::openapi::schema::file_argument;
use crate::openapi::text;

/// The most bytes of schemas in which bodies are flattened. A document can refer to a large one with each of its methods.
const MAX_WRITTEN: usize = 32 * 1024 * 1024;

/// What all methods of an import have in common.
pub(super) struct Workshop<'w, 'd> {
    pub(super) services: &'w [Service<'d>],
    pub(super) shared: &'w mut Shared<'d>,
    pub(super) security: &'w Security<'d>,
    /// By service, where it is if it is elsewhere than the first.
    pub(super) servers: &'w [Option<String>],
    /// The bytes of the tools' schemas until now.
    pub(super) written: usize,
}

impl<'d> Workshop<'_, 'd> {
    /// The tool. The error is a reason as a sentence.
    pub(super) fn tool(&mut self, method: &Method<'d>, name: String) -> Result<Tool, String> {
        let http_method = match method.http_method() {
            "" => return Err("It has no HTTP method.".to_owned()),
            known @ ("GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" | "PATCH" | "DELETE") => known,
            other => return Err(format!("Its HTTP method `{other}` is not supported.")),
        };
        let mut arguments = Arguments::default();
        let stored = self.stored(method, http_method, &mut arguments)?;
        let output = method.node.get("response").map(|response| self.schema(method, response, Side::Both));
        let description = method.node.text("description").unwrap_or_default();
        let input = arguments.into_schema();
        self.written += input.as_str().len();
        Ok(Tool {
            name,
            summary: text::summary(None, description, &method.to_string()),
            description: text::bounded(&about(method.node, description)),
            deprecated: method.node.flag("deprecated"),
            side_effect: match http_method {
                "GET" | "HEAD" | "OPTIONS" => SideEffect::None,
                _ => SideEffect::Write,
            },
            input,
            output: output.map(|output| Json::from(&output)),
            operation: Json::from_serialize(&stored)
                .map_err(|error| format!("It cannot be kept: {error}."))?,
        })
    }

    /// How a call of the method becomes a request, and by which arguments.
    fn stored(
        &mut self,
        method: &Method<'d>,
        http_method: &str,
        arguments: &mut Arguments,
    ) -> Result<Stored, String> {
        let service = &self.services[method.service];
        let path = method.node.text("path").ok_or("It has no path.")?;
        let template = Template::read(path)?;
        let common: Vec<_> = common(service, method).collect();
        let (in_path, in_query): (Vec<_>, Vec<_>) =
            declared(service, method, &template).into_iter().partition(|one| one.place == Place::Path);

        let mut resource_names = BTreeMap::new();
        let mut parameters = Vec::with_capacity(in_path.len() + in_query.len());
        for one in &in_path {
            let parameter = self.parameter(method, one, arguments);
            if one.is_resource_name {
                let pattern = one.node.and_then(|node| node.text("pattern"));
                resource_names.insert(parameter.argument.clone(), resource_name::shape(pattern));
            }
            parameters.push(parameter);
        }
        let body = method.node.get("request").map(|request| self.body(method, request, arguments));
        let upload = upload(method.node, &template, arguments);
        parameters.extend(in_query.iter().map(|one| self.parameter(method, one, arguments)));
        parameters.extend(common.into_iter().map(|one| common_parameter(one, arguments)));

        let credentials = self.security.of(method.node).into_iter();
        let is_file = method.node.flag("supportsMediaDownload");
        Ok(Stored {
            request: Operation {
                method: http_method.to_owned(),
                path: template.path,
                server: self.servers[method.service].clone(),
                accept: if is_file { "*/*" } else { "application/json" }.to_owned(),
                parameters,
                idempotency_header: None,
                body,
                choice: None,
                answer_is_file: false,
                credentials: credentials
                    .map(|set| set.into_iter().map(|slot| (slot.name, slot.placement)).collect())
                    .collect(),
            },
            resource_names,
            upload,
        })
    }

    fn parameter(
        &mut self,
        method: &Method<'d>,
        declared: &Declared<'d>,
        arguments: &mut Arguments,
    ) -> Parameter {
        let (prefix, style) = match (declared.place, declared.is_resource_name) {
            (Place::Path, true) => ("path", Style::Reserved),
            (Place::Path, false) => ("path", Style::Simple),
            _ => ("query", Style::Form),
        };
        let argument = arguments.claim(declared.name, prefix);
        let schema = match declared.node {
            Some(node) => self.schema(method, node, Side::Input),
            None => json!({ "type": "string" }),
        };
        arguments.add(argument.clone(), schema, declared.required);
        Parameter {
            argument,
            name: declared.name.to_owned(),
            place: declared.place,
            style,
            explode: style == Style::Form,
            allow_reserved: false,
        }
    }

    /// The body: its members are arguments of their own where it is a closed object, be there any or none.
    fn body(&mut self, method: &Method<'d>, request: Node<'d>, arguments: &mut Arguments) -> RequestBody {
        let object = self.shared.follow(method.service, request).filter(|object| is_closed(*object));
        let object = object.filter(|_| self.written < MAX_WRITTEN);
        let shape = match object {
            Some(object) => {
                let mut fields = Vec::new();
                for (name, node) in members(object, Side::Input) {
                    let argument = arguments.claim(name, "body");
                    let schema = self.schema(method, node, Side::Input);
                    let is_required = node.flag("required") || is_wanted_by(node, &method.id);
                    arguments.add(argument.clone(), schema, is_required);
                    fields.push(Field { argument, name: name.to_owned(), required: is_required });
                }
                Shape::Fields(fields)
            }
            None => {
                let argument = arguments.claim("body", "body");
                let schema = self.schema(method, request, Side::Input);
                arguments.add(argument.clone(), schema, true);
                Shape::Whole(argument)
            }
        };
        let content_type = "application/json".to_owned();
        RequestBody {
            content_type,
            format: Format::Json,
            required: true,
            shape,
            base64: false,
            members: Vec::new(),
        }
    }

    fn schema(&mut self, method: &Method<'d>, node: Node<'d>, side: Side) -> Value {
        Converter::new(self.shared, method.service, side).convert(node)
    }
}

fn common_parameter(common: Common, arguments: &mut Arguments) -> Parameter {
    let argument = arguments.claim(common.name, "query");
    arguments.add(argument.clone(), common.schema, false);
    Parameter {
        argument,
        name: common.name.to_owned(),
        place: Place::Query,
        style: Style::Form,
        explode: true,
        allow_reserved: false,
    }
}

/// Whether an object has no members but those that are declared.
fn is_closed(object: Node<'_>) -> bool {
    let is_object = object.text("type").is_none_or(|kind| kind == "object");
    let is_open = object.get("additionalProperties").is_some_and(|more| more.as_bool() != Some(false));
    is_object && !is_open && (object.get("properties").is_some() || object.text("type").is_some())
}

/// Whether a member says that this method needs it.
fn is_wanted_by(member: Node<'_>, id: &str) -> bool {
    let methods = member.get("annotations").and_then(|annotations| annotations.get("required"));
    methods.into_iter().flat_map(Node::items).any(|method| method.as_str() == Some(id))
}

/// How a file is sent with the method, if it takes one.
fn upload(method: Node<'_>, template: &Template<'_>, arguments: &mut Arguments) -> Option<Upload> {
    let media = method.get("mediaUpload").filter(|_| method.flag("supportsMediaUpload"))?;
    let path = media.get("protocols")?.get("simple")?.text("path")?;
    let path = Template::read(path).ok().filter(|path| path.is_filled_by(template))?.path;
    let accepted: Vec<_> =
        media.get("accept").into_iter().flat_map(Node::items).filter_map(Node::as_str).collect();
    let accepted = match accepted.as_slice() {
        [] | ["*/*"] => String::new(),
        types => format!(" Of the types {}.", types.join(", ")),
    };
    let argument = arguments.claim("media", "media");
    let description = format!("The file's content.{accepted}");
    arguments.add(argument.clone(), file_argument(Some(&description)), false);
    Some(Upload { argument, path })
}

/// The description with the scopes that the method accepts.
fn about(method: Node<'_>, description: &str) -> String {
    match security::about(method) {
        Some(scopes) => format!("{}\n\n{scopes}", description.trim()),
        None => description.to_owned(),
    }
}
