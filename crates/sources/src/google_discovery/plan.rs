//! A call as a request.

use std::borrow::Cow;

use executor_core::{ErrorCode, Failure, Json, ToolError};
use serde_json::{Map, Value};
use url::Url;

use super::operation::{Stored, Upload};
use super::{media, resource_name};
use crate::kind::Call;
use crate::openapi;
use crate::openapi::plan::file;
use crate::plan::{Plan, Reach};

/// The request that a call makes.
pub(super) fn plan(call: &Call<'_>) -> Result<Plan, ToolError> {
    let broken = |what: String| ToolError::new(ErrorCode::Internal, call.path.as_str(), what);
    let refused = |refusal: String| ToolError::new(ErrorCode::InvalidArguments, call.path.as_str(), refusal);
    let stored: Stored = call
        .operation
        .read()
        .map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    check_names(&stored, call.arguments).map_err(refused)?;
    let mut request = stored.request;
    let file = match stored.upload.as_ref().and_then(|upload| given(upload, call.arguments)) {
        Some((upload, value)) => {
            let base_url = request.server.as_deref().unwrap_or(call.base_url);
            request.server = Some(root(base_url).map_err(broken)?);
            request.path.clone_from(&upload.path);
            Some(file::read(&upload.argument, value).map_err(refused)?)
        }
        None => None,
    };
    let mut plan = openapi::plan::request(request, call)?;
    if let Some(file) = file {
        media::attach(&mut plan, file);
    }
    Ok(plan)
}

/// Fails where the operation is none of ours.
pub(super) fn reach(operation: &Json, base_url: &str) -> Result<Reach, Failure> {
    let stored: Stored = operation.read().map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("The tool's operation cannot be read: {error}."))
    })?;
    let mut reach = openapi::reach::of(stored.request, base_url)?;
    if let Some(upload) = stored.upload {
        reach.places.insert(upload.argument, format!("body of a request to `{}`", upload.path));
    }
    Ok(reach)
}

fn check_names(stored: &Stored, arguments: &Map<String, Value>) -> Result<(), String> {
    for (argument, shape) in &stored.resource_names {
        let name = match arguments.get(argument) {
            None | Some(Value::Null) => return Err(format!("`{argument}` is missing.")),
            Some(Value::String(name)) => Cow::Borrowed(name.as_str()),
            Some(other) => Cow::Owned(other.to_string()),
        };
        if !resource_name::fits(&name, shape) {
            return Err(format!("`{argument}` has to look like `{shape}`."));
        }
    }
    Ok(())
}

fn given<'a>(upload: &'a Upload, arguments: &'a Map<String, Value>) -> Option<(&'a Upload, &'a Value)> {
    arguments.get(&upload.argument).filter(|value| !value.is_null()).map(|value| (upload, value))
}

/// The root of the host that a URL is on.
fn root(base_url: &str) -> Result<String, String> {
    let broken = |error| format!("The base URL is not one: {error}.");
    Url::parse(base_url).and_then(|url| url.join("/")).map(String::from).map_err(broken)
}
