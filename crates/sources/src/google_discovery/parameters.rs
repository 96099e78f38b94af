//! The parameters of a method.

use serde_json::{Value, json};

use super::service::{Method, Service};
use crate::document::Node;
use crate::openapi::operation::Place;

/// The most placeholders of a path.
const MAX_PLACEHOLDERS: usize = 64;

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
            if template.placeholders.len() == MAX_PLACEHOLDERS {
                return Err(format!("Its path has more than {MAX_PLACEHOLDERS} placeholders."));
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

/// The parameters of a method, those of the path first and in its order.
///
/// Of the ones that all methods of a service have, [`Common`] are of use to a caller.
pub(super) fn declared<'d>(
    service: &Service<'d>,
    method: &Method<'d>,
    template: &Template<'d>,
) -> Vec<Declared<'d>> {
    let own = method.node.get("parameters");
    let mut all: Vec<Declared<'d>> = Vec::new();
    for (name, is_resource_name) in &template.placeholders {
        if !all.iter().any(|other| other.name == *name) {
            let node = own.and_then(|own| own.get(name));
            let is_resource_name = *is_resource_name;
            all.push(Declared { name, place: Place::Path, required: true, is_resource_name, node });
        }
    }
    let in_path = all.len();
    for (name, node) in own.into_iter().flat_map(Node::members) {
        // One of the path that the path does not have goes nowhere, and credentials are no arguments.
        let is_left_out = node.text("location") == Some("path") || has(service, name);
        if !is_left_out && !all[..in_path].iter().any(|other| other.name == name) {
            let (required, node) = (node.flag("required"), Some(node));
            all.push(Declared { name, place: Place::Query, required, is_resource_name: false, node });
        }
    }
    all
}

/// A parameter that all methods of a service have, and that is of use to a caller.
pub(super) struct Common {
    pub(super) name: &'static str,
    pub(super) schema: Value,
}

/// Whether all methods of a service have that parameter.
fn has(service: &Service<'_>, name: &str) -> bool {
    service.node.get("parameters").is_some_and(|all| all.get(name).is_some())
}

/// Those that a method takes besides its own. What documents say of them would be repeated with each method.
pub(super) fn common(service: &Service<'_>, method: &Method<'_>) -> impl Iterator<Item = Common> {
    let fields = json!({
        "type": "string",
        "description": "Which members the answer has, as `nextPageToken,items(id,name)`; all of them if not given.",
    });
    let alt = json!({
        "type": "string",
        "enum": ["json", "media"],
        "description": "`media` answers with the file itself, `json` with what is known of it.",
    });
    let fields = has(service, "fields").then(|| Common { name: "fields", schema: fields });
    let alt = (has(service, "alt") && method.node.flag("supportsMediaDownload"))
        .then(|| Common { name: "alt", schema: alt });
    fields.into_iter().chain(alt)
}
