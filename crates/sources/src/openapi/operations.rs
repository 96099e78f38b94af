//! The operations of a document, in its order.

use super::reference::References;
use super::tool::Route;
use crate::document::Node;
use crate::import::Skipped;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The most calls of the API to us that are listed.
const MAX_INCOMING: usize = 1_000;

/// Every operation, and the paths that cannot be read.
pub(super) fn all<'d>(references: &References<'d>) -> (Vec<Route<'d>>, Vec<Skipped>) {
    let (mut routes, mut skipped) = (Vec::new(), Vec::new());
    for (path, item) in references.root().get("paths").into_iter().flat_map(Node::members) {
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

/// What the document says that the API will call: its webhooks and the callbacks of its operations.
pub(super) fn incoming(references: &References<'_>, routes: &[Route<'_>]) -> Vec<Skipped> {
    let reason = "It is called by the API, not by us.";
    let skipped = |operation: String| Skipped { operation, reason: reason.to_owned() };
    let webhooks = references.root().get("webhooks").into_iter().flat_map(Node::members);
    let webhooks = webhooks.map(|(name, _)| skipped(format!("webhook {name}")));
    let callbacks = routes.iter().flat_map(|route| {
        let callbacks = route.node.get("callbacks").into_iter().flat_map(Node::members);
        callbacks.map(move |(name, _)| skipped(format!("callback {name} of {route}")))
    });
    webhooks.chain(callbacks).take(MAX_INCOMING).collect()
}

fn of_path<'d>(path: &'d str, item: Node<'d>) -> impl Iterator<Item = Route<'d>> {
    item.members().filter_map(move |(key, node)| {
        let method = METHODS.into_iter().find(|method| *method == key)?;
        node.is_object().then_some(Route { method, path, item, node })
    })
}
