//! The schemas that are referred to: each gets a name and is stored once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use executor_core::Json;
use executor_core::tool::SharedSchema;

use super::external;
use super::reference::{References, unescape};
use super::schema::{Converter, Side};

/// A schema that something refers to.
struct Definition<'d> {
    reference: Cow<'d, str>,
    role: Role,
    name: String,
}

/// What a schema is referred to as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// What it is to others: itself or, where it is a base, what may stand in its place.
    Value,
    /// What its heirs take over: its own members.
    Base,
}

/// What an import's schemas refer to, as far as it is known.
pub(crate) struct Shared<'d> {
    pub(super) references: References<'d>,
    definitions: Vec<Definition<'d>>,
    by_reference: HashMap<(Cow<'d, str>, Role), Option<usize>>,
    names: HashSet<String>,
}

impl<'d> Shared<'d> {
    pub(crate) fn new(references: References<'d>) -> Self {
        Self { references, definitions: Vec::new(), by_reference: HashMap::new(), names: HashSet::new() }
    }

    /// The same beside others whose schemas have these names.
    pub(crate) fn beside(references: References<'d>, names: HashSet<String>) -> Self {
        Self { names, ..Self::new(references) }
    }

    /// The number of the schema that a reference leads to, if it leads to one.
    pub(super) fn number(&mut self, reference: Cow<'d, str>, role: Role) -> Option<usize> {
        let key = (reference, role);
        if let Some(known) = self.by_reference.get(&key) {
            return *known;
        }
        let target = self.references.target_of(&key.0);
        let number = target.filter(|target| self.references.follow(*target).is_ok()).map(|_| {
            let name = self.free_name(&key.0, role);
            self.definitions.push(Definition { reference: key.0.clone(), role, name });
            self.definitions.len() - 1
        });
        self.by_reference.insert(key, number);
        number
    }

    /// The reference to the schema of that number.
    pub(super) fn pointer(&self, number: usize) -> String {
        let name = self.definitions.get(number).map_or("", |definition| definition.name.as_str());
        format!("#/$defs/{name}")
    }

    /// Converts all that is referred to, and what that refers to.
    pub(super) fn finish(self) -> Vec<SharedSchema> {
        self.finish_beside().0
    }

    /// The same, with the names that are taken now.
    pub(crate) fn finish_beside(mut self) -> (Vec<SharedSchema>, HashSet<String>) {
        let mut schemas = Vec::new();
        let mut edges = Vec::new();
        while schemas.len() < self.definitions.len() {
            let number = schemas.len();
            let (schema, in_place) = self.convert(number, HashSet::new());
            schemas.push(schema);
            edges.push(in_place);
        }
        for (number, broken) in endless(&edges) {
            schemas[number] = self.convert(number, broken).0;
        }
        let names = self.definitions.into_iter().map(|definition| definition.name);
        let mut shared: Vec<_> =
            names.zip(schemas).map(|(name, schema)| SharedSchema { name, schema }).collect();
        shared.sort_by(|one, other| one.name.cmp(&other.name));
        (shared, self.names)
    }

    fn convert(&mut self, number: usize, broken: HashSet<usize>) -> (Json, Vec<usize>) {
        let Definition { reference, role, .. } = &self.definitions[number];
        let (reference, role) = (reference.clone(), *role);
        let Some(node) = self.references.target_of(&reference) else { return (Json::null(), Vec::new()) };
        let mut converter = Converter::new(self, Side::Both).without(broken);
        let schema = converter.definition(reference, role, node);
        let in_place = converter.into_in_place();
        (Json::from(&schema), in_place)
    }

    /// The name for a reference: the last part that says what it is, in the characters that a name may have.
    fn free_name(&mut self, reference: &str, role: Role) -> String {
        let pointer = reference.trim_start_matches("#/");
        let pointer = external::within(pointer).unwrap_or(pointer);
        let pointer = ["components/schemas/", "components/", "$defs/", "definitions/", "paths/"]
            .iter()
            .find_map(|prefix| pointer.strip_prefix(prefix))
            .unwrap_or(pointer);
        let text: Vec<_> = pointer.split('/').map(unescape).collect();
        let is_allowed =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
        let name: String = text
            .join("_")
            .chars()
            .map(|character| if is_allowed(character) { character } else { '_' })
            .collect();
        let mut name = if name.is_empty() { "document".to_owned() } else { name };
        if role == Role::Base && self.references.family().base(reference).is_some() {
            name.push_str("Base");
        }
        let numbered = (2_u64..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| self.names.insert(name.clone()));
        free.unwrap_or_default()
    }
}

/// The references that lead in a circle without going into the value, by the schema that makes them.
///
/// A validator would follow them for ever: `A` is all of `B`, and `B` is all of `A`.
fn endless(edges: &[Vec<usize>]) -> Vec<(usize, HashSet<usize>)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        Not,
        Under,
        Done,
    }
    let mut visits = vec![Visit::Not; edges.len()];
    let mut broken: HashMap<usize, HashSet<usize>> = HashMap::new();
    for start in 0..edges.len() {
        let mut stack = vec![(start, 0)];
        while let Some((number, next)) = stack.pop() {
            if next == 0 {
                if visits[number] != Visit::Not {
                    continue;
                }
                visits[number] = Visit::Under;
            }
            let Some(target) = edges[number].get(next) else {
                visits[number] = Visit::Done;
                continue;
            };
            stack.push((number, next + 1));
            match visits[*target] {
                Visit::Not => stack.push((*target, 0)),
                Visit::Under => {
                    broken.entry(number).or_default().insert(*target);
                }
                Visit::Done => {}
            }
        }
    }
    let mut broken: Vec<_> = broken.into_iter().collect();
    broken.sort_by_key(|(number, _)| *number);
    broken
}
