//! The headers, cookies among them.

use executor_egress::{HeaderName, HeaderValue};

use super::{Arguments, Refusal, encode, given};
use crate::openapi::operation::{Operation, Place, Style};

/// The headers in the clear, in the order of the document.
pub(super) fn all(operation: &Operation, arguments: &Arguments) -> Result<Vec<(String, String)>, Refusal> {
    let mut headers = vec![("accept".to_owned(), operation.accept.clone())];
    for (parameter, value) in given(operation, Place::Header, arguments) {
        let text = match parameter.style {
            Style::Json => value.to_string(),
            _ => encode::simple(value, parameter.explode, &str::to_owned),
        };
        let is_name = HeaderName::try_from(&parameter.name).is_ok();
        if !is_name || HeaderValue::from_str(&text).is_err() {
            return Err(format!("`{}` has characters that a header cannot have.", parameter.argument));
        }
        headers.push((parameter.name.to_ascii_lowercase(), text));
    }
    let mut cookies = Vec::new();
    for (parameter, value) in given(operation, Place::Cookie, arguments) {
        let text = match parameter.style {
            Style::Json => encode::strict(&value.to_string()),
            _ => encode::simple(value, false, &encode::strict),
        };
        cookies.push(format!("{}={text}", encode::strict(&parameter.name)));
    }
    if !cookies.is_empty() {
        headers.push(("cookie".to_owned(), cookies.join("; ")));
    }
    Ok(headers)
}
