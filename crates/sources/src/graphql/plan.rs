//! A call as a request.

use std::collections::BTreeMap;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Value as Literal, VariableDefinition};
use apollo_compiler::executable::{self, FragmentMap, SelectionSet};
use executor_core::{ErrorCode, Failure, Json, ToolError};
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use super::api::Api;
use super::context::Schemas;
use super::operation::{Field, Operation};
use super::{detect, problem, raw, reached, select};
use crate::body::Body;
use crate::kind::Call;
use crate::plan::{Plan, Reach};

/// What is wrong with an argument, as a sentence.
type Refusal = String;

/// The body of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    query: String,
    variables: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<&'a str>,
}

/// The request that a call makes.
pub(super) fn plan(schemas: &Schemas, call: &Call<'_>) -> Result<Plan, ToolError> {
    let broken = |what: String| ToolError::new(ErrorCode::Internal, call.path.as_str(), what);
    let operation = call.operation.read();
    let operation: Operation =
        operation.map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    let url =
        Url::parse(call.base_url).map_err(|error| broken(format!("The base URL is not one: {error}.")))?;
    let context =
        call.context.ok_or_else(|| broken("The source's schema is not with the call.".to_owned()))?;
    let schema = || schemas.read(context).map_err(broken);
    let refused = |what: Refusal| ToolError::new(ErrorCode::InvalidArguments, call.path.as_str(), what);
    match operation {
        Operation::Field(field) => {
            let given = match &field.selection {
                Some(selection) => given(call.arguments, &selection.argument).map_err(refused)?,
                None => None,
            };
            let (selection, also) = match (given, &field.selection) {
                (Some(text), _) => {
                    let schema = schema()?;
                    let (selection, also) =
                        selected(&schema, &field, call.arguments, text).map_err(refused)?;
                    (Some(selection), also)
                }
                (None, selection) => {
                    (selection.as_ref().map(|selection| selection.default.clone()), Vec::new())
                }
            };
            let body = of_field(&field, selection.as_deref(), call.arguments);
            let route = format!("{} {}", field.kind.as_str(), field.field);
            request(url, route, &body, also).map_err(refused)
        }
        Operation::Raw { kind } => {
            let text = given(call.arguments, "query").map_err(refused)?;
            let text = text.ok_or_else(|| refused("The argument `query` is missing.".to_owned()))?;
            let name = given(call.arguments, "operationName").map_err(refused)?;
            let variables = variables(call.arguments).map_err(refused)?;
            let sent = raw::read(&*schema()?, kind, text, name).map_err(refused)?;
            let body = Request { query: sent.query, variables, operation_name: sent.name.as_deref() };
            request(url, kind.as_str().to_owned(), &body, sent.tools).map_err(refused)
        }
    }
}

/// The text that an argument is, if it is given.
fn given<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("The argument `{name}` is not a text.")),
    }
}

fn variables(arguments: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    match arguments.get("variables") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(variables)) => Ok(variables.clone()),
        Some(_) => Err("The argument `variables` is not an object.".to_owned()),
    }
}

/// The operation that asks for one field, with a variable for each argument that is given.
fn of_field<'a>(field: &'a Field, selection: Option<&str>, arguments: &Map<String, Value>) -> Request<'a> {
    let mut declared = Vec::new();
    let mut passed = Vec::new();
    let mut variables = Map::new();
    for argument in &field.arguments {
        if let Some(value) = arguments.get(&argument.name) {
            declared.push(format!("${}: {}", argument.name, argument.ty));
            passed.push(format!("{0}: ${0}", argument.name));
            variables.insert(argument.name.clone(), value.clone());
        }
    }
    let list = |parts: Vec<String>| match parts.is_empty() {
        true => String::new(),
        false => format!("({})", parts.join(", ")),
    };
    let (kind, name) = (field.kind.as_str(), &field.field);
    let (declared, passed) = (list(declared), list(passed));
    let selection = selection.map(|selection| format!(" {selection}")).unwrap_or_default();
    let query = format!("{kind} {name}{declared} {{ {name}{passed}{selection} }}");
    Request { query, variables, operation_name: Some(name) }
}

/// The selection that a call gives, checked within the whole operation and written anew, and the tools of the root fields
/// that it reaches.
fn selected(
    api: &Api,
    field: &Field,
    arguments: &Map<String, Value>,
    text: &str,
) -> Result<(String, Vec<String>), Refusal> {
    let gone = || format!("The field `{}` is not in the source's schema.", field.field);
    let root = api.tool(field.kind, &field.field).ok_or_else(gone)?;
    let (set, sources) = select::read(api, root.field.ty.inner_named_type(), text)?;
    let name = &root.field.name;
    let mut asked = executable::Field {
        selection_set: set.clone(),
        ..executable::Field::new(name.clone(), root.field.clone())
    };
    let mut variables = Vec::new();
    for argument in
        root.field.arguments.iter().filter(|argument| arguments.contains_key(argument.name.as_str()))
    {
        let value = Literal::Variable(argument.name.clone());
        asked.arguments.push(Node::new(Argument { name: argument.name.clone(), value: value.into() }));
        let (name, ty) = (argument.name.clone(), argument.ty.clone());
        let directives = Default::default();
        variables.push(VariableDefinition { name, ty, default_value: None, directives }.into());
    }
    let mut whole = SelectionSet::new(root.parent.clone());
    whole.push(asked);
    let mut document = ExecutableDocument { sources, ..ExecutableDocument::new() };
    document.operations.insert(executable::Operation {
        operation_type: root.kind.into(),
        name: Some(name.clone()),
        variables,
        directives: Default::default(),
        selection_set: whole,
    });
    let checked = document.validate(api.schema());
    checked.map_err(|invalid| problem::first(api, &invalid.errors, select::WHAT, select::LINES_BEFORE))?;
    let reached = reached::by(api, &set, &FragmentMap::default())?;
    let also = reached.tools.into_iter().map(str::to_owned).collect();
    Ok((set.serialize().no_indent().to_string(), also))
}

/// The field that a plan asks for, by its route: none where it is a whole document.
pub(super) fn field_of(route: &str) -> Option<&str> {
    route.split_once(' ').map(|(_, field)| field)
}

fn request(url: Url, route: String, body: &Request<'_>, also: Vec<String>) -> Result<Plan, Refusal> {
    let bytes =
        serde_json::to_vec(body).map_err(|error| format!("The arguments have no JSON form: {error}."))?;
    Ok(Plan {
        method: "POST".to_owned(),
        url,
        headers: vec![("accept".to_owned(), super::ACCEPT.to_owned())],
        body: Some(Body::new("application/json", bytes)),
        credentials: detect::credentials(),
        idempotency_header: None,
        answer_is_file: false,
        route,
        also,
    })
}

/// Where the requests of a tool go and what they carry. What tells one of them from another is not the address: it is the
/// kind of operation and the field.
pub(super) fn reach(operation: &Json, base_url: &str) -> Result<Reach, Failure> {
    let broken = |what: String| Failure::new(ErrorCode::Internal, what);
    let operation: Operation =
        operation.read().map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    let base = Url::parse(base_url).map_err(|error| broken(format!("The base URL is not one: {error}.")))?;
    let mut places = BTreeMap::new();
    let (kind, path) = match operation {
        Operation::Field(field) => {
            let arguments = field.arguments.into_iter();
            places.extend(arguments.map(|argument| {
                let place = format!("argument `{}` of type {}", argument.name, argument.ty);
                (argument.name, place)
            }));
            let selection = field.selection.map(|selection| selection.argument);
            places.extend(selection.map(|argument| (argument, "selection".to_owned())));
            (field.kind, field.field)
        }
        Operation::Raw { kind } => {
            let own =
                [("query", "document"), ("variables", "variables"), ("operationName", "operation name")];
            places.extend(own.map(|(argument, place)| (argument.to_owned(), place.to_owned())));
            (kind, "*".to_owned())
        }
    };
    Ok(Reach {
        method: kind.as_str().to_owned(),
        path,
        origin: base.origin().ascii_serialization(),
        credentials: detect::credentials(),
        places,
    })
}
