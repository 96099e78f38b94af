//! The schemas that are referred to: each gets a name and is stored once.

use std::collections::HashMap;

use executor_core::Json;
use executor_core::tool::SharedSchema;

use super::schema::{Converter, Side};
use super::service::Service;
use crate::document::Node;

/// The longest chain of references that lead to references.
const MAX_CHAIN: usize = 32;

/// A schema that something refers to.
struct Definition<'d> {
    service: usize,
    node: Node<'d>,
    name: String,
}

/// What an import's schemas refer to, as far as it is known. Each service has names of its own.
pub(super) struct Shared<'d> {
    /// By service, what its schemas' names begin with, and the schemas.
    services: Vec<(Option<String>, Option<Node<'d>>)>,
    definitions: Vec<Definition<'d>>,
    by_name: HashMap<(usize, &'d str), Option<usize>>,
    /// Each name that is taken, with the number that was last put to it.
    names: HashMap<String, u64>,
}

impl<'d> Shared<'d> {
    pub(super) fn new(services: &[Service<'d>]) -> Self {
        let schemas = services.iter().map(|service| (service.prefix.clone(), service.node.get("schemas")));
        Self {
            services: schemas.collect(),
            definitions: Vec::new(),
            by_name: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// The node itself, or what its `$ref` leads to in the end; none if that is nowhere.
    pub(super) fn follow(&self, service: usize, node: Node<'d>) -> Option<Node<'d>> {
        let mut node = node;
        for _ in 0..MAX_CHAIN {
            let Some(name) = node.text("$ref") else { return Some(node) };
            node = self.services.get(service)?.1?.get(name)?;
        }
        None
    }

    /// The reference to the schema of that name, if the service has it.
    pub(super) fn pointer(&mut self, service: usize, name: &'d str) -> Option<String> {
        let number = match self.by_name.get(&(service, name)) {
            Some(known) => *known,
            None => {
                let number = self.define(service, name);
                self.by_name.insert((service, name), number);
                number
            }
        };
        Some(format!("#/$defs/{}", self.definitions.get(number?)?.name))
    }

    fn define(&mut self, service: usize, name: &'d str) -> Option<usize> {
        let (prefix, schemas) = self.services.get(service)?;
        let node = self.follow(service, schemas.as_ref()?.get(name)?)?;
        let name = match prefix {
            Some(prefix) => format!("{prefix}_{name}"),
            None => name.to_owned(),
        };
        let name = self.free_name(&name);
        self.definitions.push(Definition { service, node, name });
        Some(self.definitions.len() - 1)
    }

    /// Converts all that is referred to, and what that refers to.
    pub(super) fn finish(mut self) -> Vec<SharedSchema> {
        let mut schemas = Vec::new();
        while let Some(definition) = self.definitions.get(schemas.len()) {
            let (service, node) = (definition.service, definition.node);
            schemas.push(Json::from(&Converter::new(&mut self, service, Side::Both).convert(node)));
        }
        let names = self.definitions.into_iter().map(|definition| definition.name);
        let mut shared: Vec<_> =
            names.zip(schemas).map(|(name, schema)| SharedSchema { name, schema }).collect();
        shared.sort_by(|one, other| one.name.cmp(&other.name));
        shared
    }

    /// A name in the characters that it may have, which no other schema has.
    fn free_name(&mut self, name: &str) -> String {
        let is_allowed =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
        let name: String =
            name.chars().map(|character| if is_allowed(character) { character } else { '_' }).collect();
        let mut free = name.clone();
        while self.names.contains_key(&free) {
            let number = self.names.entry(name.clone()).or_insert(1);
            *number += 1;
            free = format!("{name}_{number}");
        }
        self.names.insert(free.clone(), 1);
        free
    }
}
