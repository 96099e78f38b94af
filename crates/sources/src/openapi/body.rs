//! The body of an operation's request, and whether its members can be arguments of their own.

use indexmap::IndexMap;

use super::operation::Format;
use super::reference::References;
use crate::document::Node;

/// How deep combinations of objects are merged.
const MAX_MERGE: usize = 24;

/// A body before its arguments have names.
pub(super) struct Declared<'d> {
    pub(super) content_type: &'d str,
    pub(super) format: Format,
    pub(super) required: bool,
    pub(super) description: Option<&'d str>,
    pub(super) schema: Option<Node<'d>>,
    /// How a form writes the members, where it is not the usual way.
    pub(super) encoding: Option<Node<'d>>,
    /// The members, where the body is a closed object.
    pub(super) members: Option<Members<'d>>,
}

/// The members of a closed object.
#[derive(Default)]
pub(super) struct Members<'d> {
    /// Their schemas by name; a member of several parts of a combination has several.
    pub(super) properties: IndexMap<&'d str, Vec<Node<'d>>>,
    pub(super) required: Vec<&'d str>,
}

/// The body of an operation, if it takes one.
pub(super) fn declared<'d>(
    references: &References<'d>,
    operation: Node<'d>,
) -> Result<Option<Declared<'d>>, String> {
    let Some(body) = operation.get("requestBody") else { return Ok(None) };
    let body = references.follow(body)?;
    let types: Vec<(&str, Node<'d>)> = body.get("content").into_iter().flat_map(Node::members).collect();
    let required = body.flag("required");
    let chosen = types.iter().filter_map(|(name, media)| Some((format(name)?, *name, *media)));
    let Some((_, (format, content_type, media))) =
        chosen.map(|one| (rank(one.0, one.1), one)).min_by_key(|(rank, _)| *rank)
    else {
        return match types.first() {
            Some((name, _)) if required => Err(format!("Its body is `{name}`, which is not supported.")),
            _ => Ok(None),
        };
    };
    let schema = media.get("schema");
    let mut members = Members::default();
    let is_closed = format != Format::Text
        && schema.is_some_and(|schema| merge(references, schema, &mut members, 0).is_some())
        && !members.properties.is_empty();
    Ok(Some(Declared {
        content_type: if content_type.contains('*') { "application/json" } else { content_type },
        format,
        required,
        description: body.text("description"),
        schema,
        encoding: media.get("encoding"),
        members: is_closed.then_some(members),
    }))
}

fn format(content_type: &str) -> Option<Format> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" | "*/*" | "application/*" => Some(Format::Json),
        "application/x-www-form-urlencoded" => Some(Format::Form),
        // Parts need a border that no part contains, and mostly carry files, which arguments cannot.
        essence if essence.starts_with("multipart/") => None,
        essence if essence.ends_with("+json") || essence.ends_with("/json") => Some(Format::Json),
        _ => Some(Format::Text),
    }
}

/// The order in which media types are preferred, least first.
fn rank(format: Format, content_type: &str) -> u8 {
    match format {
        Format::Json if content_type.starts_with("application/json") => 0,
        Format::Json => 1,
        Format::Form => 2,
        Format::Text => 3,
    }
}

impl Declared<'_> {
    /// Whether a form writes that member as `name[key]`.
    pub(super) fn is_deep(&self, name: &str) -> bool {
        let encoding = self.encoding.and_then(|encoding| encoding.get(name));
        encoding.is_some_and(|encoding| encoding.text("style") == Some("deepObject"))
    }
}

/// Adds the members of a closed object; `None` if it is not one.
fn merge<'d>(
    references: &References<'d>,
    schema: Node<'d>,
    members: &mut Members<'d>,
    depth: usize,
) -> Option<()> {
    const OPEN: [&str; 9] =
        ["oneOf", "anyOf", "not", "if", "patternProperties", "dependentSchemas", "enum", "const", "items"];
    let schema = references.follow(schema).ok().filter(|schema| schema.is_object())?;
    let is_object = match schema.get("type") {
        None => true,
        Some(kind) => {
            kind.as_str() == Some("object")
                || (kind.items().len() == 1 && kind.at(0)?.as_str() == Some("object"))
        }
    };
    let is_closed = schema.get("additionalProperties").is_none_or(|more| more.as_bool() == Some(false));
    let is_open = OPEN.iter().any(|keyword| schema.get(keyword).is_some()) || schema.flag("nullable");
    if !is_object || !is_closed || is_open || depth > MAX_MERGE {
        return None;
    }
    let parts = schema.get("allOf").map(Node::items);
    if parts.is_none() && schema.get("properties").is_none() && depth == 0 {
        return None;
    }
    parts.into_iter().flatten().try_for_each(|part| merge(references, part, members, depth + 1))?;
    for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
        if !property.flag("readOnly") {
            members.properties.entry(name).or_default().push(property);
        }
    }
    let required = schema.get("required").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    members.required.extend(required);
    // A combination that doubles at each level would grow without end.
    (members.properties.len() < 2_000 && members.required.len() < 10_000).then_some(())
}
