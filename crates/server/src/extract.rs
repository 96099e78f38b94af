//! Typed values out of requests. What does not fit is `invalid_request` and names the member.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use executor_core::{ErrorCode, Failure};
use executor_engine::{Organization, Workspace};
use serde::de::DeserializeOwned;

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::{MOST_BODY_BYTES, MOST_DOCUMENT_BYTES};
use crate::state::Shared;

/// The JSON of a request's body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::<T>::from_request(request, state).await;
        read.map(|axum::Json(value)| Self(value)).map_err(|rejection| bad_body(&rejection))
    }
}

/// The JSON of a request's body, or its type's default if there is no body.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        use axum::body::HttpBody;
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        Body::from_request(request, state).await.map(|Body(value)| Self(value))
    }
}

/// The parameters after a request's question mark.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(invalid(described(&rejection.body_text()))),
        }
    }
}

/// The workspace that the path names, entered in the sender's name.
pub(crate) struct Entered(pub(crate) Workspace);

impl FromRequestParts<Shared> for Entered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let Caller(principal) = Caller::from_request_parts(parts, state).await?;
        let workspace = path_parameter(parts, state, "workspace").await?.unwrap_or_default();
        Ok(Self(state.executor.enter(&principal, &workspace).await?))
    }
}

/// The organization of the sender, which is also the only one that the path may name.
pub(crate) struct EnteredOrganization(pub(crate) Organization);

impl FromRequestParts<Shared> for EnteredOrganization {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let Caller(principal) = Caller::from_request_parts(parts, state).await?;
        let named = path_parameter(parts, state, "organization").await?;
        let own = principal.organization.to_string();
        match named {
            Some(other) if other != own && other != "default" => {
                let message = format!("There is no organization `{other}`.");
                Err(Failure::new(ErrorCode::NotFound, message).into())
            }
            _ => Ok(Self(state.executor.organization(&principal).await?)),
        }
    }
}

/// What stands in the place `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr<Err: Display>> FromRequestParts<Shared> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let text = path_parameter(parts, state, "id").await?.unwrap_or_default();
        text.parse().map(Self).map_err(|error: T::Err| invalid(format!("`id`: {error}.")))
    }
}

async fn path_parameter(parts: &mut Parts, state: &Shared, name: &str) -> Result<Option<String>, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|rejection| invalid(rejection.body_text()))?;
    Ok(parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()))
}

/// A request that is not as described.
pub(crate) fn invalid(message: impl Into<String>) -> Problem {
    Failure::new(ErrorCode::InvalidRequest, message).into()
}

fn bad_body(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!(
                "The body is larger than {} MiB, or {} MiB where it may bring a document.",
                MOST_BODY_BYTES >> 20,
                MOST_DOCUMENT_BYTES >> 20
            );
            Failure::new(ErrorCode::PayloadTooLarge, message).into()
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => invalid("The body has to be JSON, sent as `application/json`."),
        _ => invalid(described(&rejection.body_text())),
    }
}

/// What a rejection says, without the words that are the same in all of them.
fn described(text: &str) -> String {
    let said = text.split_once(": ").map_or(text, |(_, said)| said);
    format!("The request does not fit: {said}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use executor_engine::Submission;

    async fn refused(body: &'static str) -> Problem {
        let request =
            Request::post("/").header("content-type", "application/json").body(body.into()).unwrap();
        match Body::<Submission>::from_request(request, &()).await {
            Ok(_) => panic!("{body} was taken"),
            Err(problem) => problem,
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_fit_is_an_invalid_request_that_names_the_member() {
        for (body, named) in [
            (r#"{"code": "1", "waitms": 5}"#, "waitMs"),
            (r#"{"code": "1", "waitMs": "five"}"#, "waitMs"),
            (r#"{"waitMs": 5}"#, "code"),
            (r#"{"code": "#, "EOF"),
        ] {
            let problem = refused(body).await;
            assert_eq!((problem.code, problem.status), (ErrorCode::InvalidRequest, 400), "{body}");
            assert!(problem.detail.contains(named), "{body}: {}", problem.detail);
        }
    }

    #[tokio::test]
    async fn a_body_of_another_type_is_refused() {
        let request = Request::post("/").header("content-type", "text/plain").body("{}".into()).unwrap();
        let problem = Body::<Submission>::from_request(request, &()).await.err().unwrap();
        assert!(problem.detail.contains("application/json"), "{}", problem.detail);
    }
}
