//! The services of a document: one, or those of a bundle.

use std::collections::HashMap;
use std::fmt;

use url::Url;

use crate::document::Node;
use crate::openapi::naming::{Naming, segment};
use crate::openapi::servers;

/// What a Discovery document says it is.
const KIND: &str = "discovery#restDescription";

/// A Discovery document.
#[derive(Clone)]
pub(super) struct Service<'d> {
    pub(super) node: Node<'d>,
    /// What Google calls it: `calendar`.
    pub(super) name: &'d str,
    /// What its tools and schemas begin with, if it is one of several.
    pub(super) prefix: Option<String>,
}

/// A method where it stands in its document.
pub(super) struct Method<'d> {
    /// Which of the services it belongs to.
    pub(super) service: usize,
    /// Its id, or the names that lead to it.
    pub(super) id: String,
    pub(super) node: Node<'d>,
}

/// The services of a document; none if it is not of this kind. A bundle is a list of them, or an object whose `items` are.
pub(super) fn all(root: Node<'_>) -> Vec<Service<'_>> {
    if is_description(root) {
        return vec![Service { node: root, name: root.text("name").unwrap_or_default(), prefix: None }];
    }
    let items = if root.is_list() { Some(root) } else { root.get("items") };
    let items = items.into_iter().flat_map(Node::items).filter(|item| is_description(*item));
    let mut services: Vec<_> = items
        .map(|node| Service { node, name: node.text("name").unwrap_or_default(), prefix: None })
        .collect();
    let mut versions: HashMap<&str, usize> = HashMap::new();
    services.iter().for_each(|service| *versions.entry(service.name).or_default() += 1);
    for service in &mut services {
        let is_alone = versions.get(service.name) == Some(&1);
        service.prefix = Some(service.label(is_alone));
    }
    services
}

fn is_description(node: Node<'_>) -> bool {
    node.text("kind") == Some(KIND)
}

impl<'d> Service<'d> {
    /// `calendar`, or `calendar_v3` beside another version of it.
    fn label(&self, is_alone: bool) -> String {
        let version = self.node.text("version").filter(|_| !is_alone).unwrap_or_default();
        let name = segment(self.name).unwrap_or_else(|| "api".to_owned());
        match segment(version) {
            Some(version) => format!("{name}_{version}"),
            None => name,
        }
    }

    /// Where it is, as an absolute URL.
    pub(super) fn base_url(&self) -> Option<String> {
        let root = self.node.text("rootUrl").or_else(|| self.node.text("baseUrl"))?;
        let path = self.node.text("servicePath").filter(|_| self.node.text("rootUrl").is_some());
        let root = Url::parse(root).ok()?;
        servers::absolute(path.unwrap_or_default(), Some(root.as_str()))
    }

    /// Its methods, in document order.
    pub(super) fn methods(&self, number: usize) -> Vec<Method<'d>> {
        let mut methods = Vec::new();
        below(self.node, &mut Vec::new(), number, &mut methods);
        methods
    }
}

/// The methods of a resource and of those in it. The document is only so deep.
fn below<'d>(owner: Node<'d>, names: &mut Vec<&'d str>, service: usize, methods: &mut Vec<Method<'d>>) {
    for (name, node) in owner.get("methods").into_iter().flat_map(Node::members) {
        let id = match node.text("id") {
            Some(id) => id.to_owned(),
            None => [names.as_slice(), &[name]].concat().join("."),
        };
        methods.push(Method { service, id, node });
    }
    for (name, resource) in owner.get("resources").into_iter().flat_map(Node::members) {
        names.push(name);
        below(resource, names, service, methods);
        names.pop();
    }
}

impl Method<'_> {
    /// The name of its tool, which another one may have as well: its id without the service, `events.insert`.
    pub(super) fn tool_name(&self, service: &Service<'_>) -> String {
        let own = self.id.strip_prefix(service.name).and_then(|rest| rest.strip_prefix('.'));
        let own = own.unwrap_or(&self.id);
        let prefixed = service.prefix.as_ref().map(|prefix| format!("{prefix}.{own}"));
        Naming {
            tag: None,
            operation_id: Some(prefixed.as_deref().unwrap_or(own)),
            method: &self.http_method().to_ascii_lowercase(),
            path: self.path(),
        }
        .name()
    }

    pub(super) fn http_method(&self) -> &str {
        self.node.text("httpMethod").unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.node.text("path").unwrap_or_default()
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.http_method(), self.path())
    }
}
