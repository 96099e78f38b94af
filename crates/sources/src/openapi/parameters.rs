//! The parameters of an operation, as the document declares them.

use super::dialect::Dialect;
use super::operation::{Place, Style};
use super::reference::References;
use super::swagger;
use crate::document::Node;

/// A parameter before it has an argument's name.
pub(super) struct Declared<'d> {
    pub(super) name: &'d str,
    pub(super) place: Place,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) allow_reserved: bool,
    pub(super) required: bool,
    pub(super) description: Option<&'d str>,
    /// The schema; none for a part of the path that the document forgot to declare.
    pub(super) schema: Option<Node<'d>>,
}

impl Declared<'_> {
    /// Whether it is the key by which the API knows a repeated request (draft-ietf-httpapi-idempotency-key-header).
    pub(super) fn is_idempotency_key(&self) -> bool {
        self.place == Place::Header && self.name.eq_ignore_ascii_case("idempotency-key")
    }
}

/// The path's parameters and the operation's, which come before them where they are the same, each once.
///
/// Each placeholder of the path has one, and no other path parameter is left.
pub(super) fn declared<'d>(
    references: &References<'d>,
    item: Node<'d>,
    operation: Node<'d>,
    path: &'d str,
) -> Result<Vec<Declared<'d>>, String> {
    let mut all: Vec<Declared<'d>> = Vec::new();
    for list in [item, operation].into_iter().filter_map(|owner| owner.get("parameters")) {
        for node in list.items() {
            let Some(parameter) = one(references, references.follow(node)?)? else { continue };
            let same = |other: &Declared<'d>| other.name == parameter.name && other.place == parameter.place;
            match all.iter_mut().find(|other| same(other)) {
                Some(other) => *other = parameter,
                None => all.push(parameter),
            }
        }
    }
    let placeholders: Vec<&str> = placeholders(path).collect();
    all.retain(|parameter| parameter.place != Place::Path || placeholders.contains(&parameter.name));
    for name in placeholders {
        if !all.iter().any(|parameter| parameter.place == Place::Path && parameter.name == name) {
            all.push(undeclared(name));
        }
    }
    Ok(all)
}

fn one<'d>(references: &References<'d>, node: Node<'d>) -> Result<Option<Declared<'d>>, String> {
    let name = node.text("name").ok_or("A parameter has no name.")?;
    let place = match node.text("in") {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        Some("cookie") => Place::Cookie,
        // These are the body.
        Some("body" | "formData") if references.dialect() == Dialect::Swagger => return Ok(None),
        _ => return Err(format!("The parameter `{name}` is nowhere.")),
    };
    if place == Place::Header && is_set_elsewhere(name) {
        return Ok(None);
    }
    let style = match (node.text("style"), place) {
        (None, Place::Path | Place::Header) | (Some("simple"), _) => Style::Simple,
        (None, Place::Query | Place::Cookie) | (Some("form"), _) => Style::Form,
        (Some("label"), Place::Path) => Style::Label,
        (Some("matrix"), Place::Path) => Style::Matrix,
        (Some("deepObject"), Place::Query) => Style::DeepObject,
        (Some("spaceDelimited"), Place::Query) => Style::SpaceDelimited,
        (Some("pipeDelimited"), Place::Query) => Style::PipeDelimited,
        (Some(style), _) => {
            return Err(format!("The parameter `{name}` has the style `{style}`, which is not supported."));
        }
    };
    if references.dialect() == Dialect::Swagger {
        let (style, explode) = swagger::style(node, style);
        let required = place == Place::Path || node.flag("required");
        let description = node.text("description");
        let schema = Some(node);
        return Ok(Some(Declared {
            name,
            place,
            style,
            explode,
            required,
            description,
            schema,
            allow_reserved: false,
        }));
    }
    let content = node.get("content").and_then(|content| content.members().next());
    let explode = node.get("explode").and_then(Node::as_bool).unwrap_or(style == Style::Form);
    let schema = match content {
        Some((_, media)) => references.follow(media)?.get("schema"),
        None => node.get("schema"),
    };
    Ok(Some(Declared {
        name,
        place,
        style: if content.is_some() { Style::Json } else { style },
        explode,
        allow_reserved: node.flag("allowReserved"),
        required: place == Place::Path || node.flag("required"),
        description: node.text("description"),
        schema,
    }))
}

fn undeclared(name: &str) -> Declared<'_> {
    Declared {
        name,
        place: Place::Path,
        style: Style::Simple,
        explode: false,
        allow_reserved: false,
        required: true,
        description: None,
        schema: None,
    }
}

/// Headers that belong to the body, the credentials or the connection; OpenAPI says to ignore the first three.
fn is_set_elsewhere(name: &str) -> bool {
    const ELSEWHERE: [&str; 13] = [
        "accept",
        "content-type",
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    ELSEWHERE.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// The names in braces in a path.
pub(super) fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}
