//! A call as a request.
//!
//! The arguments may be anything: what does not fit is refused, and nothing that is not the value of a placeholder ends
//! up in the path.

mod body;
mod encode;
pub(crate) mod file;
mod form;
mod headers;
mod multipart;
mod path;
mod query;

use executor_core::tool::CredentialSlot;
use executor_core::{ErrorCode, ToolError};
use serde_json::{Map, Value};
use url::Url;

use super::operation::{Operation, Parameter, Place};
use super::pages::Cursor;
use crate::kind::Call;
use crate::plan::Plan;

/// What is wrong with an argument, as a sentence.
type Refusal = String;

/// The arguments of a call.
type Arguments = Map<String, Value>;

/// The request that a call makes.
pub(super) fn plan(call: &Call<'_>) -> Result<Plan, ToolError> {
    let broken = |what: String| ToolError::new(ErrorCode::Internal, call.path.as_str(), what);
    let operation = call.operation.read();
    let operation: Operation =
        operation.map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    request(operation, call)
}

/// The request that a call of that operation makes, wherever the operation was kept.
pub(crate) fn request(operation: Operation, call: &Call<'_>) -> Result<Plan, ToolError> {
    let broken = |what: String| ToolError::new(ErrorCode::Internal, call.path.as_str(), what);
    let base_url = operation.server.as_deref().unwrap_or(call.base_url);
    let base = Url::parse(base_url).map_err(|error| broken(format!("The base URL is not one: {error}.")))?;
    let refuse = |refusal| ToolError::new(ErrorCode::InvalidArguments, call.path.as_str(), refusal);
    let mut plan = assemble(operation, &base, call.arguments).map_err(refuse)?;
    if let Some(cursor) = call.cursor {
        let cursor = cursor.read::<Cursor>();
        cursor.map_err(|error| refuse(format!("This is no cursor: {error}.")))?.apply(&mut plan.url);
    }
    Ok(plan)
}

fn assemble(operation: Operation, base: &Url, arguments: &Arguments) -> Result<Plan, Refusal> {
    let url = path::url(&operation, base, arguments)?;
    let headers = headers::all(&operation, arguments)?;
    let body = match &operation.body {
        Some(body) => body::write(body, operation.choice.as_ref(), arguments)?,
        None => None,
    };
    let credentials = operation
        .credentials
        .into_iter()
        .map(|set| set.into_iter().map(|(name, placement)| CredentialSlot { name, placement }).collect());
    let idempotency_header =
        operation.idempotency_header.filter(|name| headers.iter().all(|(given, _)| given != name));
    Ok(Plan {
        answer_is_file: operation.answer_is_file,
        idempotency_header,
        url,
        headers,
        body,
        credentials: credentials.collect(),
        route: format!("{} {}", operation.method, operation.path),
        method: operation.method,
        also: Vec::new(),
    })
}

/// The parameters of a place that the call has a value for.
fn given<'a>(
    operation: &'a Operation,
    place: Place,
    arguments: &'a Arguments,
) -> impl Iterator<Item = (&'a Parameter, &'a Value)> {
    operation.parameters.iter().filter(move |parameter| parameter.place == place).filter_map(|parameter| {
        let value = arguments.get(&parameter.argument)?;
        (!value.is_null()).then_some((parameter, value))
    })
}
