//! What an answer brings: the value of the field that was asked for, or what went wrong.

use std::collections::HashMap;

use executor_core::{ErrorCode, Json, ToolError, ToolPath};
use serde::Deserialize;

use crate::perform::{Answer, Payload, Performed};

/// Where errors beside a value are told.
const ERRORS_HEADER: &str = "graphql-errors";
/// The most bytes of errors that are told.
const MAX_ERRORS: usize = 64 * 1024;
/// The most characters of the API's own messages.
const MAX_MESSAGE: usize = 500;

/// An answer in the form that GraphQL has.
#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    data: Option<Json>,
    #[serde(default)]
    errors: Option<Json>,
}

/// An error, as far as it is understood.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    message: String,
}

/// Reads a good answer. `field` is the one that was asked for; the answer to a whole document is given as it is.
pub(super) fn read(path: &ToolPath, field: Option<&str>, answer: Answer) -> Performed {
    let invalid = |what: &str| {
        let message = format!("The API's answer is not one of GraphQL: {what}.");
        Performed::Failed(
            ToolError::new(ErrorCode::UpstreamInvalid, path.as_str(), message).with_status(answer.status),
        )
    };
    let Payload::Json(whole) = &answer.payload else { return invalid("it is no JSON") };
    let Ok(response) = whole.read::<Response>() else { return invalid("it is no object with `data`") };
    let errors = response.errors.filter(|errors| !matches!(errors.as_str().trim(), "[]" | "null"));
    let value = match (response.data.filter(|data| data.as_str() != "null"), field) {
        (None, _) => None,
        (Some(_), None) => return Performed::Completed(answer),
        (Some(data), Some(field)) => {
            let Ok(mut fields) = data.read::<HashMap<String, Json>>() else {
                return invalid("its `data` is no object");
            };
            fields.remove(field)
        }
    };
    match (value, errors) {
        (value, Some(errors)) if value.as_ref().is_none_or(|value| value.as_str() == "null") => {
            let message = message(&errors);
            let error = ToolError::new(ErrorCode::UpstreamError, path.as_str(), message);
            Performed::Failed(error.with_status(answer.status).with_details(bounded(errors)))
        }
        (None, _) => invalid("it has neither `data` nor `errors`"),
        (Some(value), errors) => {
            let mut answer = Answer { payload: Payload::Json(value), ..answer };
            let told = errors.map(|errors| bounded(errors).as_str().to_owned());
            answer.headers.extend(told.map(|errors| (ERRORS_HEADER.to_owned(), errors)));
            Performed::Completed(answer)
        }
    }
}

/// All of the errors, or as much as fits of what they say.
fn bounded(errors: Json) -> Json {
    match errors.as_str().len() <= MAX_ERRORS {
        true => errors,
        false => Json::from(&serde_json::json!([{ "message": message(&errors) }])),
    }
}

/// What the API says, in its own words.
fn message(errors: &Json) -> String {
    let problems: Vec<Problem> = errors.read().unwrap_or_default();
    let said: Vec<_> =
        problems.iter().map(|problem| problem.message.trim()).filter(|said| !said.is_empty()).collect();
    match said.is_empty() {
        true => "The API answered with errors.".to_owned(),
        false => {
            let said: String = said.join("; ").chars().take(MAX_MESSAGE).collect();
            format!("The API answered with an error: {said}")
        }
    }
}
