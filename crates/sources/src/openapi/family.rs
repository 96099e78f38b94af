//! Who inherits from whom: schemas that take over a base with a discriminator by `allOf`.
//!
//! Wherever such a base is wanted, any of its heirs will do, and each heir has its own value of the discriminator.

use std::collections::{HashMap, HashSet};

use super::discriminator::Discriminator;
use crate::document::Node;

/// The most heirs that stand in the place of a base. Of one with more, each heir still has its own value.
const MAX_ARMS: usize = 20;
/// How often a schema is looked at in all. A chain of bases is looked at again from each of them.
const MAX_STEPS: usize = 500_000;

/// The family of a document's named schemas. Schemas go by the references to them.
#[derive(Debug, Default)]
pub(super) struct Family<'d> {
    bases: HashMap<String, Base<'d>>,
    heirs: HashMap<String, Heir<'d>>,
}

/// A base of few enough heirs.
#[derive(Debug)]
pub(super) struct Base<'d> {
    /// The discriminator.
    pub(super) property: &'d str,
    /// What may stand in its place, itself perhaps among them, and the values that stand for each.
    pub(super) arms: Vec<(String, Vec<String>)>,
}

/// What takes over a base.
#[derive(Debug)]
pub(super) struct Heir<'d> {
    /// The discriminator.
    pub(super) property: &'d str,
    /// The values that stand for it or for its own heirs.
    pub(super) values: Vec<String>,
}

/// By the reference to a schema, those that take it over.
type Children<'d> = HashMap<&'d str, Vec<String>>;

impl<'d> Family<'d> {
    /// Reads it from a document's outermost value.
    pub(super) fn of(root: Node<'d>) -> Self {
        let (start, schemas) = match root.get("components") {
            Some(components) => ("#/components/schemas/", components.get("schemas")),
            None => ("#/definitions/", root.get("definitions")),
        };
        let named = || schemas.into_iter().flat_map(Node::members);
        let bases: Vec<_> = named()
            .filter(|(_, schema)| schema.get("oneOf").is_none() && schema.get("anyOf").is_none())
            .filter_map(|(name, schema)| Some((format!("{start}{name}"), Discriminator::of(schema)?)))
            .collect();
        let mut family = Self::default();
        if bases.is_empty() {
            return family;
        }
        let mut children = Children::new();
        for (name, schema) in named() {
            let parts = schema.get("allOf").into_iter().flat_map(Node::items);
            for parent in parts.filter_map(|part| part.text("$ref")) {
                children.entry(parent).or_default().push(format!("{start}{name}"));
            }
        }
        let mut steps = MAX_STEPS;
        for (reference, discriminator) in bases {
            family.add(reference, &discriminator, &children, &mut steps);
        }
        family
    }

    /// The base behind a reference, if it is one for which others may stand.
    pub(super) fn base(&self, reference: &str) -> Option<&Base<'d>> {
        self.bases.get(reference)
    }

    /// What is known of an heir.
    pub(super) fn heir(&self, reference: &str) -> Option<&Heir<'d>> {
        self.heirs.get(reference)
    }

    /// Whether one schema takes over the other.
    pub(super) fn inherits(&self, heir: &str, base: &str) -> bool {
        self.base(base).is_some_and(|base| base.arms.iter().any(|(arm, _)| arm == heir))
    }

    fn add(
        &mut self,
        base: String,
        discriminator: &Discriminator<'d>,
        children: &Children<'d>,
        steps: &mut usize,
    ) {
        let Some(below) = descendants(&base, children, steps) else { return };
        for heir in &below {
            let Some(of_heir) = descendants(heir, children, steps) else { return };
            let values: Vec<_> =
                std::iter::once(heir).chain(&of_heir).flat_map(|heir| discriminator.values(heir)).collect();
            // The nearest of several bases knows it best, and has the fewest heirs.
            let known = self.heirs.get(heir).is_some_and(|known| known.values.len() <= values.len());
            if !known {
                self.heirs.insert(heir.clone(), Heir { property: discriminator.property, values });
            }
        }
        if below.is_empty() || below.len() >= MAX_ARMS {
            return;
        }
        let own = discriminator.tells(&base).then(|| base.clone());
        let arms = own.into_iter().chain(below).map(|arm| {
            let values = discriminator.values(&arm);
            (arm, values)
        });
        let arms = arms.collect();
        self.bases.insert(base, Base { property: discriminator.property, arms });
    }
}

/// All that take over a schema, and what takes over those, each once; none if that takes too many steps.
fn descendants(reference: &str, children: &Children<'_>, steps: &mut usize) -> Option<Vec<String>> {
    let mut seen = HashSet::from([reference]);
    let mut found: Vec<String> = Vec::new();
    let mut waiting = vec![reference];
    while let Some(at) = waiting.pop() {
        for child in children.get(at).into_iter().flatten() {
            *steps = steps.checked_sub(1)?;
            if seen.insert(child) {
                found.push(child.clone());
                waiting.push(child);
            }
        }
    }
    Some(found)
}
