//! The parameters of a method.

use super::service::{Method, Service};
use crate::document::Node;
use crate::openapi::operation::Place;

/// A parameter before it has an argument's name.
pub(super) struct Declared<'d> {
    pub(super) name: &'d str,
    pub(super) place: Place,
    pub(super) required: bool,
    /// Whether its slashes stay in the path.
    pub(super) is_resource_name: bool,
    /// What the document says of it; nothing of a part of the path that it forgot to declare.
    pub(super) node: Option<Node<'d>>,
}

/// A path with its placeholders in braces and nothing else in them, and the names in it.
pub(super) struct Template<'d> {
    pub(super) path: String,
    /// Each with whether its slashes stay.
    placeholders: Vec<(&'d str, bool)>,
}

impl<'d> Template<'d> {
    /// The error is a reason as a sentence.
    pub(super) fn read(path: &'d str) -> Result<Self, String> {
        let mut template = Self { path: "/".to_owned(), placeholders: Vec::new() };
        let mut rest = path.trim_start_matches('/');
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, tail) = after.split_once('}').ok_or("A brace in its path is not closed.")?;
            let (name, keeps_slashes) = match inside.strip_prefix('+') {
                Some(name) => (name, true),
                None => (inside, false),
            };
            // What else RFC 6570 knows, as `{?name}` and `{name*}`, no document of Google's uses.
            if name.is_empty() || name.contains(|character: char| "#./;?&=,!@|*:{".contains(character)) {
                return Err(format!("The placeholder `{{{inside}}}` of its path is not supported."));
            }
            template.path.push_str(before);
            template.path.push_str(&format!("{{{name}}}"));
            template.placeholders.push((name, keeps_slashes));
            rest = tail;
        }
        template.path.push_str(rest);
        Ok(template)
    }

    /// Whether the other has all of its placeholders.
    pub(super) fn is_filled_by(&self, other: &Self) -> bool {
        let has = |name: &str| other.placeholders.iter().any(|(other, _)| *other == name);
        self.placeholders.iter().all(|(name, _)| has(name))
    }
}

/// The parameters of a method, those of the path first and in its order; and of the ones that all methods of the service
/// have, those that are of use to a caller: `fields`, and `alt` where a method can answer with a file.
pub(super) fn declared<'d>(
    service: &Service<'d>,
    method: &Method<'d>,
    template: &Template<'d>,
) -> Vec<Declared<'d>> {
    let own = method.node.get("parameters");
    let mut all: Vec<Declared<'d>> = Vec::new();
    for (name, is_resource_name) in &template.placeholders {
        if all.iter().any(|other| other.name == *name) {
            continue;
        }
        let node = own.and_then(|own| own.get(name));
        all.push(Declared {
            name,
            place: Place::Path,
            required: true,
            is_resource_name: *is_resource_name,
            node,
        });
    }
    for (name, node) in own.into_iter().flat_map(Node::members) {
        // One of the path that the path does not have goes nowhere.
        if node.text("location") != Some("path") && !all.iter().any(|other| other.name == name) {
            all.push(query(name, node));
        }
    }
    let is_useful = |name: &str| match name {
        "fields" => true,
        "alt" => method.node.flag("supportsMediaDownload"),
        _ => false,
    };
    let common = service.node.get("parameters").into_iter().flat_map(Node::members);
    for (name, node) in common.filter(|(name, _)| is_useful(name)) {
        if !all.iter().any(|other| other.name == name) {
            all.push(query(name, node));
        }
    }
    all
}

fn query<'d>(name: &'d str, node: Node<'d>) -> Declared<'d> {
    Declared {
        name,
        place: Place::Query,
        required: node.flag("required"),
        is_resource_name: false,
        node: Some(node),
    }
}
