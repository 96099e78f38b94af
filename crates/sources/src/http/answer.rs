//! A good answer.

use std::collections::BTreeMap;

use bytes::Bytes;
use executor_core::{ErrorCode, Json, ToolError, ToolPath};
use executor_egress::{HeaderMap, Response};
use url::Url;

use super::failure::details;
use super::file_name;
use super::media_type::{self, MediaType};
use crate::perform::{Answer, Payload, Performed};

/// Reads an answer whose status says that all is well.
pub(super) fn read(
    path: &ToolPath,
    url: &Url,
    response: Response,
    is_head: bool,
    is_file: bool,
) -> Performed {
    let status = response.status.as_u16();
    match payload(url, &response, is_head, is_file) {
        Ok(payload) => Performed::Completed(Answer { payload, status, headers: headers(&response.headers) }),
        Err(problem) => {
            let message = format!("The API's answer is not the JSON that it says it is: {problem}.");
            let error =
                ToolError::new(ErrorCode::UpstreamInvalid, path.as_str(), message).with_status(status);
            Performed::Failed(match details(&response.body) {
                Some(details) => error.with_details(details),
                None => error,
            })
        }
    }
}

fn payload(url: &Url, response: &Response, is_head: bool, is_file: bool) -> Result<Payload, String> {
    let body = &response.body;
    if is_head || body.is_empty() || matches!(response.status.as_u16(), 204 | 205) {
        return Ok(Payload::Empty);
    }
    let binary = |mime_type: String| Payload::Binary {
        bytes: Bytes::clone(body),
        mime_type,
        name: file_name::of(&response.headers, url),
    };
    if is_file {
        return Ok(binary(media_type::stated(&response.headers, body)));
    }
    Ok(match media_type::of(&response.headers) {
        MediaType::Json if body.trim_ascii().is_empty() => Payload::Empty,
        MediaType::Json => Payload::Json(json(body)?),
        MediaType::Text { is_latin: true } => {
            Payload::Text(body.iter().map(|byte| char::from(*byte)).collect())
        }
        MediaType::Text { is_latin: false } => Payload::Text(String::from_utf8_lossy(body).into_owned()),
        MediaType::Other(_) => binary(media_type::stated(&response.headers, body)),
        MediaType::Unstated => match (json(body), std::str::from_utf8(body)) {
            (Ok(json), _) => Payload::Json(json),
            (Err(_), Ok(text)) => Payload::Text(text.to_owned()),
            (Err(_), Err(_)) => binary(media_type::stated(&response.headers, body)),
        },
    })
}

/// The body as JSON, in the API's own spelling.
pub(super) fn json(body: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    Json::parse(text.to_owned()).map_err(|error| error.to_string())
}

/// The headers by name. Cookies are left out: they are secrets, and nobody here keeps them.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != "set-cookie") {
        let value = String::from_utf8_lossy(value.as_bytes());
        all.entry(name.as_str().to_owned())
            .and_modify(|before| {
                before.push_str(", ");
                before.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    all
}
