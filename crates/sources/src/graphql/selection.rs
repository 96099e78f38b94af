//! What is asked of a root field's value where the call does not say: enough to know the thing by, and little enough to
//! read.
//!
//! What holds: each selection is valid, and its size does not depend on the schema's. Fields that want arguments are left
//! out, for nobody could give them; so are deprecated ones, lists in pages within a thing, which many servers refuse without
//! a size, and whatever has a tool of its own.

use std::collections::HashMap;

use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::executable::{Field, InlineFragment, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, name};

use super::api::Api;

/// How many leaves are asked for: all telling ones up to the most, and others until there are enough.
#[derive(Debug, Clone, Copy)]
struct Size {
    most: usize,
    enough: usize,
}

/// Of the value itself.
const WHOLE: Size = Size { most: 16, enough: 12 };
/// Of each thing within it: what tells it from others.
const IDENTIFYING: Size = Size { most: 4, enough: 3 };
/// The same where the value is little more than a wrapping: what a mutation gives back, a page of a list.
const WRAPPED: Size = Size { most: 10, enough: 6 };
/// Of a page: how many there are, and where the next one begins.
const PAGE: Size = Size { most: 4, enough: 4 };
/// A value with no more leaves than this is a wrapping of what is in it.
const FEW_LEAVES: usize = 2;
/// The most things within a value of which something is asked.
const MAX_OBJECTS: usize = 8;
/// The most fields that are looked at to find them.
const MAX_LOOKED_AT: usize = 500;
/// The most kinds of thing that are told apart.
const MAX_KINDS: usize = 10;

/// The names of leaves that say most, in the order in which they do.
const TELLING: [&str; 26] = [
    "id",
    "number",
    "identifier",
    "key",
    "slug",
    "login",
    "username",
    "handle",
    "name",
    "nameWithOwner",
    "fullName",
    "displayName",
    "title",
    "label",
    "message",
    "code",
    "field",
    "success",
    "ok",
    "state",
    "status",
    "url",
    "description",
    "body",
    "createdAt",
    "updatedAt",
];

/// The selections of a schema, each of which is made once however many fields have its type.
pub(super) struct Selections<'a> {
    api: &'a Api,
    known: HashMap<Name, SelectionSet>,
}

impl<'a> Selections<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, known: HashMap::new() }
    }

    /// The selection for a value of that type; `None` where it has no parts.
    pub(super) fn default(&mut self, ty: &Type) -> Option<SelectionSet> {
        let name = ty.inner_named_type();
        let definition = self.api.definition(name).filter(|definition| !definition.is_leaf())?;
        let known = self.known.entry(name.clone());
        Some(known.or_insert_with(|| default(self.api, definition)).clone())
    }
}

fn default(api: &Api, definition: &ExtendedType) -> SelectionSet {
    let mut set = SelectionSet::new(definition.name().clone());
    let fields = fields(api, definition);
    match page(api, &fields) {
        Some(page) => page.select(api, &mut set),
        None => value(api, definition, &mut set),
    }
    filled(set)
}

/// A selection set must have something in it.
fn filled(mut set: SelectionSet) -> SelectionSet {
    if set.is_empty() {
        set.push(Field::new(TYPENAME, typename()));
    }
    set
}

const TYPENAME: Name = name!("__typename");

fn typename() -> Node<FieldDefinition> {
    Node::new(FieldDefinition {
        description: None,
        name: TYPENAME,
        arguments: Vec::new(),
        ty: Type::NonNullNamed(name!("String")),
        directives: Default::default(),
    })
}

/// The fields that may be asked for without saying more. Those of a root type have tools of their own: where a value leads
/// back to it, none of them is asked for.
fn fields<'a>(api: &Api, definition: &'a ExtendedType) -> Vec<&'a Node<FieldDefinition>> {
    let is_behind_root = api.roots_behind(definition.name()).next().is_some();
    let fields = match definition {
        _ if is_behind_root => return Vec::new(),
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        _ => return Vec::new(),
    };
    let is_free = |field: &&Node<FieldDefinition>| {
        !field.arguments.iter().any(|argument| argument.is_required())
            && !field.directives.has("deprecated")
            && !field.name.starts_with("__")
    };
    fields.values().map(|field| &field.node).filter(is_free).collect()
}

/// A value that is no page: its leaves, and what tells apart the things in it; for an abstract type what tells apart the
/// things that it may be.
fn value(api: &Api, definition: &ExtendedType, set: &mut SelectionSet) {
    let mut taken = HashMap::new();
    let fields = fields(api, definition);
    let leaves = leaves(api, &fields, WHOLE);
    let size = if leaves.len() <= FEW_LEAVES { WRAPPED } else { IDENTIFYING };
    if !definition.is_object() {
        add(set, &mut taken, Field::new(TYPENAME, typename()));
    }
    leaves.into_iter().for_each(|leaf| add(set, &mut taken, Field::new(leaf.name.clone(), leaf.clone())));
    for field in objects(api, &fields) {
        let within = of_thing(api, field.ty.inner_named_type(), size);
        add(
            set,
            &mut taken,
            Field { selection_set: within, ..Field::new(field.name.clone(), field.clone()) },
        );
    }
    for kind in api.possible_types(definition.name()).iter().take(MAX_KINDS) {
        let Some(object) = api.definition(kind) else { continue };
        let mut fragment = InlineFragment::with_type_condition(kind.clone());
        for leaf in self::leaves(api, &self::fields(api, object), size) {
            if set.fields().all(|common| common.name != leaf.name) {
                add(&mut fragment.selection_set, &mut taken, Field::new(leaf.name.clone(), leaf.clone()));
            }
        }
        if !fragment.selection_set.is_empty() {
            set.push(fragment);
        }
    }
}

/// Asks for a field, unless another of this name has been asked for that may not stand beside it: the kinds of thing that
/// a value may be have fields of one name and different types.
fn add(set: &mut SelectionSet, taken: &mut HashMap<Name, Type>, field: Field) {
    let known = taken.entry(field.name.clone()).or_insert_with(|| field.definition.ty.clone());
    if *known == field.definition.ty {
        set.push(field);
    }
}

/// The most telling leaves.
fn leaves<'a>(api: &Api, fields: &[&'a Node<FieldDefinition>], size: Size) -> Vec<&'a Node<FieldDefinition>> {
    let is_leaf = |field: &&Node<FieldDefinition>| {
        api.definition(field.ty.inner_named_type()).is_some_and(ExtendedType::is_leaf)
    };
    let mut leaves: Vec<_> = fields.iter().copied().filter(is_leaf).collect();
    let rank = |field: &&Node<FieldDefinition>| {
        TELLING.iter().position(|name| field.name == *name).unwrap_or(TELLING.len())
    };
    leaves.sort_by_key(rank);
    let telling = leaves.partition_point(|field| rank(field) < TELLING.len());
    leaves.truncate(telling.clamp(size.enough, size.most));
    leaves
}

/// The fields that hold things of which something can be asked, without those that hold pages of them.
fn objects<'a>(api: &Api, fields: &[&'a Node<FieldDefinition>]) -> Vec<&'a Node<FieldDefinition>> {
    let is_thing = |field: &&Node<FieldDefinition>| {
        let definition = api.definition(field.ty.inner_named_type());
        definition.filter(|definition| !definition.is_leaf()).is_some_and(|definition| {
            let within = self::fields(api, definition);
            let is_empty = definition.is_object() && leaves(api, &within, IDENTIFYING).is_empty();
            !is_empty && page(api, &within).is_none()
        })
    };
    fields.iter().copied().take(MAX_LOOKED_AT).filter(is_thing).take(MAX_OBJECTS).collect()
}

/// What tells a thing from others.
fn of_thing(api: &Api, name: &Name, size: Size) -> SelectionSet {
    let mut set = SelectionSet::new(name.clone());
    let Some(definition) = api.definition(name) else { return filled(set) };
    if !definition.is_object() {
        set.push(Field::new(TYPENAME, typename()));
    }
    for leaf in leaves(api, &fields(api, definition), size) {
        set.push(Field::new(leaf.name.clone(), leaf.clone()));
    }
    filled(set)
}

/// A part of a list that is given in pages, as most APIs write it.
struct Page<'a> {
    /// The things, or else what holds each of them.
    things: &'a Node<FieldDefinition>,
    /// The thing, where it is held by an edge.
    of_edge: Option<Node<FieldDefinition>>,
    about: Option<&'a Node<FieldDefinition>>,
    leaves: Vec<&'a Node<FieldDefinition>>,
}

/// The fields as those of a page, if they are.
fn page<'a>(api: &Api, fields: &[&'a Node<FieldDefinition>]) -> Option<Page<'a>> {
    let of_name = |name: &str| fields.iter().copied().find(|field| field.name == name);
    let has_parts = |field: &&Node<FieldDefinition>| {
        api.definition(field.ty.inner_named_type()).is_some_and(|definition| !definition.is_leaf())
    };
    let about = of_name("pageInfo").filter(has_parts);
    let leaves = leaves(api, fields, PAGE);
    let is_list = |field: &&Node<FieldDefinition>| field.ty.is_list();
    if let Some(things) = of_name("nodes").filter(has_parts).filter(is_list) {
        return Some(Page { things, of_edge: None, about, leaves });
    }
    let things = of_name("edges").filter(has_parts).filter(is_list)?;
    let edge = api.definition(things.ty.inner_named_type())?;
    let node = self::fields(api, edge).into_iter().find(|field| field.name == "node").filter(has_parts)?;
    Some(Page { things, of_edge: Some(node.clone()), about, leaves })
}

impl Page<'_> {
    fn select(self, api: &Api, set: &mut SelectionSet) {
        let thing = self.of_edge.as_ref().unwrap_or(self.things);
        let mut within = SelectionSet::new(thing.ty.inner_named_type().clone());
        if let Some(definition) = api.definition(&within.ty.clone()) {
            value(api, definition, &mut within);
        }
        let within = filled(within);
        let within = match &self.of_edge {
            None => within,
            Some(node) => {
                let mut edge = SelectionSet::new(self.things.ty.inner_named_type().clone());
                edge.push(Field { selection_set: within, ..Field::new(node.name.clone(), node.clone()) });
                edge
            }
        };
        set.push(Field {
            selection_set: within,
            ..Field::new(self.things.name.clone(), self.things.clone())
        });
        if let Some(about) = self.about {
            let within = of_thing(api, about.ty.inner_named_type(), PAGE);
            set.push(Field { selection_set: within, ..Field::new(about.name.clone(), about.clone()) });
        }
        self.leaves.into_iter().for_each(|leaf| set.push(Field::new(leaf.name.clone(), leaf.clone())));
    }
}
