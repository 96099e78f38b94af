//! Which root fields a selection reaches.
//!
//! A root type is a type like any other: some schemas let a value lead back to it, as Relay's `relay { … }` and the
//! `query { … }` of what a mutation gives back do. So a root field is looked for wherever it may be asked for, at any depth
//! and through an interface of its type too.

use std::collections::{HashSet, VecDeque};

use apollo_compiler::Name;
use apollo_compiler::executable::{Field, FragmentMap, Selection, SelectionSet};

use super::api::Api;

/// What a selection reaches.
#[derive(Default)]
pub(super) struct Reached<'a> {
    /// The names of the tools of the root fields, each once.
    pub(super) tools: Vec<&'a str>,
    /// The fragments, each of which is looked into once.
    pub(super) fragments: HashSet<Name>,
}

/// Looks through a selection. A root field that is no tool is refused with a sentence.
pub(super) fn by<'a>(
    api: &'a Api,
    set: &SelectionSet,
    fragments: &FragmentMap,
) -> Result<Reached<'a>, String> {
    let mut reached = Reached::default();
    let mut waiting = VecDeque::from([set]);
    while let Some(set) = waiting.pop_front() {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    reached.field(api, &set.ty, field)?;
                    waiting.push_back(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => waiting.push_back(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let is_new = reached.fragments.insert(spread.fragment_name.clone());
                    let fragment = fragments.get(&spread.fragment_name).filter(|_| is_new);
                    waiting.extend(fragment.map(|fragment| &fragment.selection_set));
                }
            }
        }
    }
    Ok(reached)
}

impl<'a> Reached<'a> {
    fn field(&mut self, api: &'a Api, owner: &Name, field: &Field) -> Result<(), String> {
        // What a schema says of itself may be read by anybody.
        if field.name.starts_with("__") {
            return Ok(());
        }
        for kind in api.roots_behind(owner) {
            let tool = api.tool(kind, &field.name);
            let tool =
                tool.ok_or_else(|| format!("The field `{}` is no tool of this source.", field.name))?;
            if !self.tools.contains(&tool.name.as_str()) {
                self.tools.push(&tool.name);
            }
        }
        Ok(())
    }
}
