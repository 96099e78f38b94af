//! The body of an operation's request: what it may be, and whether its members can be arguments of their own.

use indexmap::IndexMap;

use super::dialect::Dialect;
use super::media::{self, Media};
use super::one_way;
use super::operation::{Format, Member, Style};
use super::reference::References;
use super::swagger;
use crate::document::Node;

/// How deep combinations of objects are merged.
const MAX_MERGE: usize = 24;
/// The most parts of one combination that are looked at.
const MAX_PARTS: usize = 1_000;

/// The most members that are told apart.
const MAX_MEMBERS: usize = 2_000;
/// The most values of two schemas that are compared.
const MAX_COMPARED: usize = 2_000;

/// A body before its arguments have names.
pub(super) struct Declared<'d> {
    pub(super) required: bool,
    pub(super) description: Option<&'d str>,
    /// What it may be, the preferred one first. Each of the others says something that those before it cannot.
    pub(super) alternatives: Vec<Alternative<'d>>,
}

/// A body in one media type.
pub(super) struct Alternative<'d> {
    pub(super) content_type: &'d str,
    pub(super) format: Format,
    pub(super) schema: Option<Node<'d>>,
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
    /// The reference to the schema whose members they are, if it has one.
    pub(super) owner: Option<&'d str>,
    /// How many parts of a combination they are from.
    parts: usize,
}

/// The body of an operation, if it takes one.
pub(super) fn declared<'d>(
    references: &References<'d>,
    item: Node<'d>,
    operation: Node<'d>,
) -> Result<Option<Declared<'d>>, String> {
    if references.dialect() == Dialect::Swagger {
        return swagger::body(references, item, operation);
    }
    let Some(body) = operation.get("requestBody") else { return Ok(None) };
    let body = references.follow(body)?;
    let content = body.get("content").map(media::content).unwrap_or_default();
    Declared::of(references, &content, body)
}

impl<'d> Declared<'d> {
    /// The best of these types, and those that say something else.
    pub(super) fn of(
        references: &References<'d>,
        content: &[Media<'d>],
        owner: Node<'d>,
    ) -> Result<Option<Self>, String> {
        let mut alternatives: Vec<_> =
            content.iter().map(|media| Alternative::of(references, media)).collect();
        alternatives.sort_by_key(|one| one.rank(references));
        let mut kept: Vec<Alternative<'d>> = Vec::new();
        for one in alternatives {
            if !kept.iter().any(|other| one.says_the_same(other, references)) {
                kept.push(one);
            }
        }
        let (required, description) = (owner.flag("required"), owner.text("description"));
        Ok((!kept.is_empty()).then_some(Self { required, description, alternatives: kept }))
    }
}

impl<'d> Alternative<'d> {
    fn of(references: &References<'d>, media: &Media<'d>) -> Self {
        let format = format(references, media);
        let mut members = Members::default();
        let is_closed = matches!(format, Format::Json | Format::Form | Format::Multipart)
            && media.schema.is_some_and(|schema| merge(references, schema, &mut members, 0).is_some())
            && !members.properties.is_empty();
        Self {
            content_type: match format {
                Format::Json if media.name.contains('*') => "application/json",
                _ => media.name,
            },
            format,
            schema: media.schema,
            encoding: media.encoding,
            members: is_closed.then_some(members),
        }
    }

    /// The order in which media types are preferred, least first. JSON cannot carry a file.
    fn rank(&self, references: &References<'d>) -> u8 {
        let has_files = || self.members.iter().flat_map(|all| all.properties.values()).flatten();
        match self.format {
            Format::Json if has_files().any(|one| media::is_file(references, *one)) => 3,
            Format::Json if self.content_type.starts_with("application/json") => 0,
            Format::Json => 1,
            Format::Form | Format::Multipart => 2,
            Format::Text => 4,
            Format::Binary => 5,
        }
    }

    /// Whether a caller has nothing to choose between the two.
    fn says_the_same(&self, preferred: &Self, references: &References<'d>) -> bool {
        let is_of_members =
            |one: &Self| matches!(one.format, Format::Json | Format::Form | Format::Multipart);
        match (is_of_members(self), is_of_members(preferred)) {
            (true, true) => same_schema(self.schema, preferred.schema, references),
            // XML and the like of what can be given member by member.
            (false, true) => self.format == Format::Text,
            (true, false) => false,
            (false, false) => media::essence(self.content_type) == media::essence(preferred.content_type),
        }
    }

    /// Whether the file that it is goes as base64.
    pub(super) fn is_base64(&self, references: &References<'d>) -> bool {
        self.format == Format::Binary
            && self.schema.is_some_and(|schema| media::is_base64(references, schema))
    }

    /// How its members are written, those of which that is not the usual way.
    pub(super) fn written(&self, references: &References<'d>) -> Vec<Member> {
        if !matches!(self.format, Format::Form | Format::Multipart) {
            return Vec::new();
        }
        let written = |name: &str, schemas: &[Node<'d>]| {
            let member = self.member(references, name, schemas);
            let usual = Member { name: name.to_owned(), ..Member::default() };
            (member != usual).then_some(member)
        };
        if let Some(members) = &self.members {
            return members.properties.iter().filter_map(|(name, schemas)| written(name, schemas)).collect();
        }
        let mut known = IndexMap::new();
        if let Some(schema) = self.schema {
            gather(references, schema, &mut known, &mut { MAX_PARTS });
        }
        known.into_iter().filter_map(|(name, schema)| written(name, &[schema])).collect()
    }

    fn member(&self, references: &References<'d>, name: &str, schemas: &[Node<'d>]) -> Member {
        let encoding = self.encoding.and_then(|encoding| encoding.get(name));
        let content_type = encoding.and_then(|encoding| encoding.text("contentType"));
        let one_of = |schema: &Node<'d>| {
            let list = references.follow(*schema).ok().filter(|schema| schema.text("type") == Some("array"));
            list.and_then(|list| list.get("items")).unwrap_or(*schema)
        };
        let is_multipart = self.format == Format::Multipart;
        let base64 =
            is_multipart && schemas.iter().any(|schema| media::is_base64(references, one_of(schema)));
        let is_file = |schema: &Node<'d>| media::is_file(references, one_of(schema));
        let is_binary =
            |types: &str| types.split(',').any(|one| one.contains('/') && media::is_binary(one.trim()));
        Member {
            name: name.to_owned(),
            style: match encoding {
                Some(encoding) => member_style(encoding),
                None => schemas.iter().find_map(|schema| form_data_style(references, *schema)),
            },
            file: is_multipart
                && (base64 || schemas.iter().any(is_file) || content_type.is_some_and(is_binary)),
            base64,
            content_type: content_type.map(str::to_owned),
        }
    }
}

/// The members that an open object is known to have, in any part of a combination.
fn gather<'d>(
    references: &References<'d>,
    schema: Node<'d>,
    members: &mut IndexMap<&'d str, Node<'d>>,
    budget: &mut usize,
) {
    let (Ok(schema), Some(left)) = (references.follow(schema), budget.checked_sub(1)) else { return };
    *budget = left;
    for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
        if members.len() < MAX_MEMBERS {
            members.entry(name).or_insert(property);
        }
    }
    for part in ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)) {
        part.items().for_each(|part| gather(references, part, members, budget));
    }
}

fn member_style(encoding: Node<'_>) -> Option<Style> {
    let explode = encoding.get("explode").and_then(Node::as_bool);
    match encoding.text("style") {
        Some("deepObject") => Some(Style::DeepObject),
        Some("spaceDelimited") if explode != Some(true) => Some(Style::SpaceDelimited),
        Some("pipeDelimited") if explode != Some(true) => Some(Style::PipeDelimited),
        Some("form") | None if explode == Some(false) => Some(Style::Form),
        _ => None,
    }
}

/// Swagger joins the items of a list unless it says `multi`.
fn form_data_style(references: &References<'_>, parameter: Node<'_>) -> Option<Style> {
    if references.dialect() != Dialect::Swagger || parameter.text("type") != Some("array") {
        return None;
    }
    let (style, is_apart) = swagger::style(parameter, Style::Form);
    (!is_apart).then_some(style)
}

fn format<'d>(references: &References<'d>, media: &Media<'d>) -> Format {
    let essence = media::essence(media.name);
    match essence.as_str() {
        _ if media::is_json(&essence) => Format::Json,
        "application/x-www-form-urlencoded" => Format::Form,
        _ if essence.starts_with("multipart/") => Format::Multipart,
        _ if media.schema.is_some_and(|schema| media::is_file(references, schema)) => Format::Binary,
        "*/*" | "application/*" => Format::Json,
        _ if media::is_binary(&essence) => Format::Binary,
        _ => Format::Text,
    }
}

/// Whether two types have the same members. Where only one has a schema, somebody has written it once for all of them.
fn same_schema<'d>(one: Option<Node<'d>>, other: Option<Node<'d>>, references: &References<'d>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    match (references.follow(one), references.follow(other)) {
        (Ok(one), Ok(other)) => one.equals(other, &mut { MAX_COMPARED }),
        _ => false,
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
    let reference = schema.text("$ref");
    if depth == 0 {
        members.owner = reference;
    }
    // What may be any of several is not closed. An heir takes over the members of its base only.
    let (family, owner) = (references.family(), members.owner.unwrap_or_default());
    if reference
        .is_some_and(|base| family.base(base).is_some() && (depth == 0 || !family.inherits(owner, base)))
    {
        return None;
    }
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
    // A combination that doubles at each level would grow without end.
    members.parts += 1;
    if members.parts > MAX_PARTS {
        return None;
    }
    let parts = schema.get("allOf").map(Node::items);
    if parts.is_none() && schema.get("properties").is_none() && depth == 0 {
        return None;
    }
    parts.into_iter().flatten().try_for_each(|part| merge(references, part, members, depth + 1))?;
    for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
        if !one_way::is(references, property, one_way::FROM_API) {
            members.properties.entry(name).or_default().push(property);
        }
    }
    let required = schema.get("required").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    members.required.extend(required);
    (members.properties.len() < MAX_MEMBERS && members.required.len() < 10_000).then_some(())
}
