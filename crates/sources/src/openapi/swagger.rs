//! Swagger 2.0, where it says the same as OpenAPI 3 in another place.
//!
//! Nothing is converted: a parameter is its own schema, and what takes a whole `content` in OpenAPI 3 is a list of types
//! for the whole document or an operation. Its bodies are parameters as well, and are read in [`super::body`] from here.

use super::body::{Alternative, Declared, Members};
use super::media::{self, Media};
use super::operation::{Format, Style};
use super::reference::References;
use crate::document::Node;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// How a list is written, and whether each item is written by itself.
pub(super) fn style(parameter: Node<'_>, usual: Style) -> (Style, bool) {
    match parameter.text("collectionFormat") {
        Some("multi") => (Style::Form, true),
        Some("ssv") => (Style::SpaceDelimited, false),
        Some("tsv") => (Style::TabDelimited, false),
        Some("pipes") => (Style::PipeDelimited, false),
        _ => (usual, false),
    }
}

/// The types of that list: the operation's, else the document's.
fn types<'d>(references: &References<'d>, operation: Node<'d>, list: &str) -> Vec<&'d str> {
    let own = operation.get(list).filter(|types| types.is_list());
    let types = own.or_else(|| references.root().get(list));
    types.into_iter().flat_map(Node::items).filter_map(Node::as_str).collect()
}

/// What a response may be.
pub(super) fn content<'d>(
    references: &References<'d>,
    operation: Node<'d>,
    response: Node<'d>,
) -> Vec<Media<'d>> {
    let Some(schema) = response.get("schema") else { return Vec::new() };
    let types = types(references, operation, "produces");
    let or_json = types.is_empty().then_some("application/json");
    media::each(types.into_iter().chain(or_json), Some(schema))
}

/// The body of an operation, if it takes one.
pub(super) fn body<'d>(
    references: &References<'d>,
    item: Node<'d>,
    operation: Node<'d>,
) -> Result<Option<Declared<'d>>, String> {
    let mut whole = None;
    let mut members = Members::default();
    for list in [item, operation].into_iter().filter_map(|owner| owner.get("parameters")) {
        for node in list.items() {
            let parameter = references.follow(node)?;
            match (parameter.text("in"), parameter.text("name")) {
                (Some("body"), _) => whole = Some(parameter),
                (Some("formData"), Some(name)) => {
                    members.properties.insert(name, vec![parameter]);
                    members.required.retain(|required| *required != name);
                    members.required.extend(parameter.flag("required").then_some(name));
                }
                _ => {}
            }
        }
    }
    let types = types(references, operation, "consumes");
    if let Some(parameter) = whole {
        // A form has no whole: where one is declared beside a body, somebody has listed too much.
        let types =
            types.into_iter().filter(|name| !matches!(media::essence(name).as_str(), FORM | MULTIPART));
        let mut content = media::each(types, parameter.get("schema"));
        if content.is_empty() {
            content = media::each(std::iter::once("application/json"), parameter.get("schema"));
        }
        return Declared::of(references, &content, parameter);
    }
    if members.properties.is_empty() {
        return Ok(None);
    }
    let has_files = members.properties.values().flatten().any(|part| media::is_file(references, *part));
    let names = |wanted: &str| types.iter().any(|name| media::essence(name) == wanted);
    let is_multipart = has_files || names(MULTIPART) && !names(FORM);
    let required = !members.required.is_empty();
    let form = Alternative {
        content_type: if is_multipart { MULTIPART } else { FORM },
        format: if is_multipart { Format::Multipart } else { Format::Form },
        schema: None,
        encoding: None,
        members: Some(members),
    };
    Ok(Some(Declared { required, description: None, alternatives: vec![form] }))
}

/// Where the API is: each scheme with the host and the base path. What is missing is the document's own, as in a relative
/// URL.
pub(super) fn servers(root: Node<'_>) -> Vec<String> {
    let path = root.text("basePath").unwrap_or_default().trim_start_matches('/');
    let schemes = root.get("schemes").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let mut schemes: Vec<_> = schemes.filter(|scheme| matches!(*scheme, "https" | "http")).collect();
    schemes.sort_by_key(|scheme| *scheme != "https");
    match (root.text("host").filter(|host| !host.is_empty()), schemes.as_slice()) {
        (Some(host), []) => vec![format!("//{host}/{path}")],
        (Some(host), schemes) => schemes.iter().map(|scheme| format!("{scheme}://{host}/{path}")).collect(),
        (None, _) => vec![format!("/{path}")],
    }
}
