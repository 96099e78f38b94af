//! A body of parts.

use executor_core::Digest;
use serde_json::Value;

use super::file::{self, File};
use super::{Refusal, encode, form};
use crate::http::media_type::{self, MediaType};
use crate::openapi::operation::{Member, Style};
use crate::plan::Body;

/// One part.
struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: Vec<u8>,
}

/// Writes each member as a part, or as several.
pub(super) fn write<'v>(
    content_type: &str,
    members: impl Iterator<Item = (&'v str, &'v Value)>,
    written: &[Member],
) -> Result<Body, Refusal> {
    let mut parts = Vec::new();
    for (name, value) in members {
        match written.iter().find(|member| member.name == name) {
            Some(member) => add(name, value, member, &mut parts)?,
            None => add(name, value, &Member::default(), &mut parts)?,
        }
    }
    let boundary = boundary(&parts);
    let essence = content_type.split(';').next().unwrap_or(content_type).trim();
    let is_form = essence.eq_ignore_ascii_case("multipart/form-data");
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n{}\r\n", part.head(is_form)).as_bytes());
        bytes.extend_from_slice(&part.bytes);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Body { content_type: format!("{essence}; boundary={boundary}"), bytes: bytes.into() })
}

/// The parts of a member.
fn add(name: &str, value: &Value, member: &Member, parts: &mut Vec<Part>) -> Result<(), Refusal> {
    let declared = member.content_type.as_deref().and_then(concrete);
    let mut push = |content_type: Option<&str>, text: String| {
        let content_type = content_type.map(str::to_owned);
        parts.push(Part { name: name.to_owned(), file_name: None, content_type, bytes: text.into_bytes() });
    };
    match (value, member.style) {
        (Value::Null, _) => {}
        (Value::Array(items), _) if member.file => {
            items.iter().try_for_each(|item| add(name, item, member, parts))?;
        }
        (value, _) if member.file => parts.push(Part::of_file(name, file::read(name, value)?, declared)),
        (value, Some(Style::DeepObject)) => {
            let mut pairs = Vec::new();
            form::members(name, value, &mut pairs);
            parts.extend(pairs.into_iter().map(|(name, text)| Part::of_text(name, text)));
        }
        (Value::Array(items), Some(style)) => {
            let border = match style {
                Style::SpaceDelimited => " ",
                Style::TabDelimited => "\t",
                Style::PipeDelimited => "|",
                _ => ",",
            };
            push(declared, items.iter().map(encode::plain).collect::<Vec<_>>().join(border));
        }
        (value, _) if declared.is_some_and(|declared| media_type::parse(declared) == MediaType::Json) => {
            push(declared, value.to_string());
        }
        (Value::Array(items), None) => {
            items.iter().try_for_each(|item| add(name, item, &Member::default(), parts))?;
        }
        (Value::Object(_), _) => push(declared.or(Some("application/json")), value.to_string()),
        (scalar, _) => push(declared, encode::plain(scalar)),
    }
    Ok(())
}

/// The first of several media types that is one.
fn concrete(declared: &str) -> Option<&str> {
    declared.split(',').map(str::trim).find(|one| one.contains('/') && !one.contains('*'))
}

impl Part {
    fn of_text(name: String, text: String) -> Self {
        Self { name, file_name: None, content_type: None, bytes: text.into_bytes() }
    }

    fn of_file(name: &str, file: File, declared: Option<&str>) -> Self {
        let usual = if file.is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
        let content_type = file.mime_type.unwrap_or_else(|| declared.unwrap_or(usual).to_owned());
        Self {
            name: name.to_owned(),
            file_name: Some(file.name.unwrap_or_else(|| name.to_owned())),
            content_type: Some(content_type),
            bytes: file.bytes,
        }
    }

    fn head(&self, is_form: bool) -> String {
        let mut head = String::new();
        let kind = if is_form { Some("form-data") } else { self.file_name.as_ref().map(|_| "attachment") };
        if let Some(kind) = kind {
            head.push_str(&format!("content-disposition: {kind}"));
            if is_form {
                head.push_str(&format!("; name=\"{}\"", quoted(&self.name)));
            }
            if let Some(file_name) = &self.file_name {
                head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
            }
            head.push_str("\r\n");
        }
        if let Some(content_type) = &self.content_type {
            head.push_str(&format!("content-type: {content_type}\r\n"));
        }
        head
    }
}

/// What could end a quoted name, written as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands between the parts: their digest, so that the same parts are the same bytes. A part that contains it would
/// have to contain a digest of itself.
fn boundary(parts: &[Part]) -> String {
    let mut digests = Vec::with_capacity(parts.len() * 64);
    for part in parts {
        digests.extend_from_slice(Digest::of(part.head(true).as_bytes()).as_bytes());
        digests.extend_from_slice(Digest::of(&part.bytes).as_bytes());
    }
    Digest::of(&digests).to_string()[..40].to_owned()
}
