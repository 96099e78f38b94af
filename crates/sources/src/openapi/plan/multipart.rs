//! A body of parts.

use executor_core::Digest;
use serde_json::Value;

use super::file::{self, File};
use super::{Refusal, encode, form};
use crate::body::{Body, Piece};
use crate::http::media_type::{self, MediaType};
use crate::openapi::operation::{Member, Style};

/// One part.
struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Piece,
    /// Whether its content is base64, which the part then says.
    base64: bool,
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
    let text = |text: String| Piece::from(text.into_bytes());
    let mut pieces = Vec::new();
    for part in parts {
        pieces.push(text(format!("--{boundary}\r\n{}\r\n", part.head(is_form))));
        pieces.extend([part.content, text("\r\n".to_owned())]);
    }
    pieces.push(text(format!("--{boundary}--\r\n")));
    Ok(Body::joined(format!("{essence}; boundary={boundary}"), pieces))
}

/// The parts of a member.
fn add(name: &str, value: &Value, member: &Member, parts: &mut Vec<Part>) -> Result<(), Refusal> {
    let declared = member.content_type.as_deref().and_then(concrete);
    let mut push = |content_type: Option<&str>, text: String| {
        let content_type = content_type.map(str::to_owned);
        parts.push(Part { content_type, ..Part::of_text(name.to_owned(), text) });
    };
    match (value, member.style) {
        (Value::Null, _) => {}
        (Value::Array(items), _) if member.file => {
            items.iter().try_for_each(|item| add(name, item, member, parts))?;
        }
        (value, _) if member.file => {
            parts.push(Part::of_file(member, name, file::read(name, value)?, declared))
        }
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
        Self { name, file_name: None, content_type: None, content: text.into_bytes().into(), base64: false }
    }

    fn of_file(member: &Member, name: &str, mut file: File, declared: Option<&str>) -> Self {
        let usual = declared.unwrap_or(file.usual_type());
        let content_type = file.mime_type.take().unwrap_or_else(|| usual.to_owned());
        Self {
            name: name.to_owned(),
            file_name: Some(file.name.take().unwrap_or_else(|| name.to_owned())),
            content_type: Some(content_type),
            content: file.written(member.base64),
            base64: member.base64,
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
        if self.base64 {
            head.push_str("content-transfer-encoding: base64\r\n");
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
        digests.extend_from_slice(part.content.digest().as_bytes());
    }
    Digest::of(&digests).to_string()[..40].to_owned()
}
