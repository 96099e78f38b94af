//! Asking a server for its own schema.

use std::time::Duration;

use bytes::Bytes;
use executor_core::{ErrorCode, Failure};
use executor_egress::{Client, HeaderValue, Limits, Method, Request, Response, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::query::{self, Form};
use crate::address::{Address, Fetched, refused, unreachable};
use crate::document::is_sdl;

/// How long asking for a schema may take, however often it is asked for.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The largest schema, which is far above the largest that is known.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The most characters of what the server says.
const MAX_MESSAGE: usize = 300;

/// An answer to the question for the schema.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
    #[serde(default)]
    errors: Option<Value>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default, rename = "__schema")]
    schema: Option<&'a RawValue>,
}

/// Asks the address for its schema. Where it has none to tell, the file there may be one.
pub(super) async fn fetch(client: &Client, address: &Address<'_>) -> Result<Fetched, Failure> {
    let asked = tokio::time::timeout(TIMEOUT, introspect(client, address)).await;
    let failure = match asked {
        Ok(Ok(bytes)) => return Ok(Fetched::Document { bytes, etag: None, ttl_ms: None }),
        Ok(Err(failure)) => failure,
        Err(_) => return Err(too_slow()),
    };
    match address.file(client).await {
        Ok(Fetched::Document { bytes, etag, ttl_ms }) if may_be_schema(&bytes) => {
            Ok(Fetched::Document { bytes, etag, ttl_ms })
        }
        Ok(Fetched::Unchanged) => Ok(Fetched::Unchanged),
        _ => Err(failure),
    }
}

/// The schema as a document that says where it was asked for.
async fn introspect(client: &Client, address: &Address<'_>) -> Result<Bytes, Failure> {
    let url = address.url()?;
    let mut refusal = None;
    for form in Form::ALL {
        let response = ask(client, address, url.clone(), form).await?;
        if matches!(response.status.as_u16(), 401 | 403) {
            return Err(refused(&response));
        }
        let answer = serde_json::from_slice::<Answer<'_>>(&response.body);
        let (data, errors) = match answer {
            Ok(answer) => (answer.data, answer.errors.filter(|errors| errors != &Value::Array(vec![]))),
            Err(_) => return Err(no_answer(&response)),
        };
        if let Some(schema) = data.and_then(|data| data.schema).filter(|schema| schema.get() != "null") {
            return document(&url, schema);
        }
        match errors {
            Some(errors) if wants_sign_in(&errors) => return Err(sign_in(&errors)),
            Some(errors) => refusal = Some(said(&errors)),
            None => return Err(no_answer(&response)),
        }
    }
    let message = format!("The server does not tell its schema: {}", refusal.unwrap_or_default());
    let hint = "Get the schema as a file, as GraphQL SDL or as an introspection result, and add it with the API's \
                address as its base URL.";
    Err(Failure::new(ErrorCode::SourceUnreachable, message).with_hint(hint))
}

async fn ask(client: &Client, address: &Address<'_>, url: Url, form: Form) -> Result<Response, Failure> {
    let mut request = Request::new(Method::POST, url);
    request.injection.clone_from(&address.injection);
    request.headers.insert("accept", HeaderValue::from_static(super::ACCEPT));
    request.headers.insert("content-type", HeaderValue::from_static("application/json"));
    let body = serde_json::json!({"query": query::text(form), "operationName": query::NAME});
    request.body = Bytes::from(body.to_string());
    let limits = Limits { max_body_bytes: MAX_BYTES, ..Limits::DOCUMENT };
    let response = client.download(request, limits, address.progress).await;
    response.map_err(|error| unreachable(&error))
}

fn document(url: &Url, schema: &RawValue) -> Result<Bytes, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        endpoint: &'a str,
        #[serde(rename = "__schema")]
        schema: &'a RawValue,
    }
    let document = Document { endpoint: url.as_str(), schema };
    let bytes = serde_json::to_vec(&document);
    bytes.map(Bytes::from).map_err(|error| Failure::new(ErrorCode::DocumentUnreadable, error.to_string()))
}

/// Whether a file looks like a schema, at little expense.
fn may_be_schema(bytes: &[u8]) -> bool {
    const START: usize = 64 * 1024;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(START)]);
    is_sdl(&start) || start.contains("\"__schema\"")
}

fn too_slow() -> Failure {
    let message = format!("The server did not tell its schema within {} s.", TIMEOUT.as_secs());
    Failure::new(ErrorCode::SourceUnreachable, message)
}

/// The answer is none of GraphQL.
fn no_answer(response: &Response) -> Failure {
    if !response.status.is_success() {
        return refused(response);
    }
    let is_page = response.body.trim_ascii_start().starts_with(b"<");
    let what = if is_page { "a web page" } else { "something else" };
    Failure::new(
        ErrorCode::DocumentUnreadable,
        format!("The server does not answer as GraphQL does, but with {what}."),
    )
}

/// Whether the server would tell its schema to somebody who has signed in, by the codes that servers give for it.
fn wants_sign_in(errors: &Value) -> bool {
    const CODES: [&str; 5] =
        ["UNAUTHENTICATED", "UNAUTHORIZED", "FORBIDDEN", "AUTHENTICATION_ERROR", "ACCESS_DENIED"];
    let code = errors.pointer("/0/extensions/code").and_then(Value::as_str);
    code.is_some_and(|code| CODES.contains(&code.to_ascii_uppercase().as_str()))
}

fn sign_in(errors: &Value) -> Failure {
    Failure::new(ErrorCode::SourceSignInRequired, format!("The server answered: {}", said(errors)))
}

fn said(errors: &Value) -> String {
    let message = errors.pointer("/0/message").and_then(Value::as_str).map(str::trim);
    let message = message.filter(|message| !message.is_empty()).unwrap_or("It gives no reason.");
    message.chars().take(MAX_MESSAGE).collect()
}
