//! What a request's or a response's body may be, type by type.

use executor_egress::HeaderValue;

use super::reference::References;
use crate::document::Node;
use crate::http::media_type::{self, MediaType};

/// The most media types of one body that are looked at.
const MAX_TYPES: usize = 32;

/// A media type that a body may have, and what the body then is.
#[derive(Clone, Copy)]
pub(super) struct Media<'d> {
    pub(super) name: &'d str,
    pub(super) schema: Option<Node<'d>>,
    /// How the members are written, where it is not the usual way.
    pub(super) encoding: Option<Node<'d>>,
}

/// The media types of a `content`, without those that no header could carry.
pub(super) fn content(content: Node<'_>) -> Vec<Media<'_>> {
    content
        .members()
        // What has no type is what most bodies are.
        .map(|(name, media)| (if name.is_empty() { "application/json" } else { name }, media))
        .filter(|(name, _)| is_usable(name))
        .map(|(name, media)| Media { name, schema: media.get("schema"), encoding: media.get("encoding") })
        .take(MAX_TYPES)
        .collect()
}

/// The same schema in each of these types.
pub(super) fn each<'d>(names: impl Iterator<Item = &'d str>, schema: Option<Node<'d>>) -> Vec<Media<'d>> {
    names
        .filter(|name| is_usable(name))
        .map(|name| Media { name, schema, encoding: None })
        .take(MAX_TYPES)
        .collect()
}

fn is_usable(name: &str) -> bool {
    name.contains('/') && HeaderValue::from_str(name).is_ok()
}

/// The type alone, in lower case: `text/csv` of `Text/CSV; charset=utf-8`.
pub(super) fn essence(name: &str) -> String {
    name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(super) fn is_json(name: &str) -> bool {
    media_type::parse(name) == MediaType::Json
}

/// Whether a body of that type is bytes that mean nothing as text. Nothing is known of `*/*`.
pub(super) fn is_binary(name: &str) -> bool {
    let essence = essence(name);
    let is_anything = matches!(essence.as_str(), "*/*" | "application/*" | "text/*");
    !is_anything && matches!(media_type::parse(&essence), MediaType::Other(_))
}

/// Whether the schema stands for a file that is sent as base64, outside of JSON.
pub(super) fn is_base64<'d>(references: &References<'d>, schema: Node<'d>) -> bool {
    let of_text = |kind: Node<'_>| match kind.is_list() {
        true => kind.items().any(|one| one.as_str() == Some("string")),
        false => kind.as_str() == Some("string"),
    };
    references.follow(schema).is_ok_and(|schema| {
        schema.text("contentEncoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
            && schema.get("type").is_none_or(of_text)
    })
}

/// Whether the schema stands for the bytes of a file.
pub(super) fn is_file<'d>(references: &References<'d>, schema: Node<'d>) -> bool {
    let Ok(schema) = references.follow(schema) else { return false };
    let types = schema.get("type");
    let is = |name: &str| match types {
        Some(types) if types.is_list() => types.items().any(|one| one.as_str() == Some(name)),
        Some(types) => types.as_str() == Some(name),
        None => false,
    };
    if is("file") {
        return true;
    }
    let is_text = is("string") || types.is_none();
    let of_bytes = schema.text("format") == Some("binary")
        || schema.text("contentMediaType").is_some_and(is_binary) && schema.get("contentEncoding").is_none();
    is_text && of_bytes
}
