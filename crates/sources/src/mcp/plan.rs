//! A call as a request, and where the requests of a tool go.
//!
//! The body is the parameters of the JSON-RPC request; the SDK adds the envelope to it: a number, the session and the
//! protocol version.

use executor_core::{ErrorCode, Failure, Json, ToolError};

use super::endpoint::Endpoint;
use super::operation::Operation;
use super::signing;
use crate::body::Body;
use crate::kind::Call;
use crate::plan::{Plan, Reach};

/// The request that a call makes.
pub(super) fn plan(call: &Call<'_>) -> Result<Plan, ToolError> {
    let broken = |what: String| ToolError::new(ErrorCode::Internal, call.path.as_str(), what);
    let operation: Operation = call
        .operation
        .read()
        .map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    let place = Endpoint::url_of(call.base_url).and_then(|url| Ok((Endpoint::of_url(&url)?, url)));
    let (endpoint, url) = place.map_err(|failure| broken(failure.message))?;
    let params = operation.params(call.arguments).to_string();
    Ok(Plan {
        method: "POST".to_owned(),
        headers: operation.headers(call.arguments),
        body: Some(Body::new("application/json", params)),
        credentials: signing::credentials(&endpoint),
        idempotency_header: None,
        answer_is_file: false,
        route: operation.route(),
        also: Vec::new(),
        url,
    })
}

/// Where the requests of an operation go and what they carry, whatever the arguments.
pub(super) fn reach(operation: &Json, base_url: &str) -> Result<Reach, Failure> {
    let operation: Operation = operation.read().map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("The tool's operation cannot be read: {error}."))
    })?;
    let url = Endpoint::url_of(base_url)?;
    let endpoint = Endpoint::of_url(&url)?;
    let path = if url.cannot_be_a_base() { "" } else { url.path() };
    let place = |argument: String| (argument.clone(), format!("argument `{argument}`"));
    Ok(Reach {
        method: "POST".to_owned(),
        path: format!("{path} {}", operation.route()).trim_start().to_owned(),
        origin: crate::plan::origin(&url),
        credentials: signing::credentials(&endpoint),
        places: operation.arguments().into_iter().map(place).collect(),
    })
}
