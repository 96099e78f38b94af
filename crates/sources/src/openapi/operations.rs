//! The operations of a document, in its order.

use super::reference::References;
use super::tool::Route;
use crate::document::Node;
use crate::import::Skipped;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document's version of OpenAPI, if it is one that can be imported.
pub(super) fn version(root: Node<'_>) -> Option<String> {
    let version = root.get("openapi").and_then(Node::as_text)?;
    ["3.0", "3.1"].iter().any(|known| version.starts_with(known)).then(|| version.into_owned())
}

/// Every operation, and the paths that cannot be read.
pub(super) fn all<'d>(references: &References<'d>, root: Node<'d>) -> (Vec<Route<'d>>, Vec<Skipped>) {
    let (mut routes, mut skipped) = (Vec::new(), Vec::new());
    for (path, item) in root.get("paths").into_iter().flat_map(Node::members) {
        if !path.starts_with('/') {
            continue;
        }
        match references.follow(item) {
            Ok(item) => routes.extend(of_path(path, item)),
            Err(reason) => skipped.push(Skipped { operation: path.to_owned(), reason }),
        }
    }
    (routes, skipped)
}

fn of_path<'d>(path: &'d str, item: Node<'d>) -> impl Iterator<Item = Route<'d>> {
    item.members().filter_map(move |(key, node)| {
        let method = METHODS.into_iter().find(|method| *method == key)?;
        node.is_object().then_some(Route { method, path, item, node })
    })
}
