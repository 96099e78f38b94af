//! One sane schema from a tool's input schema and the shared schemas that it refers to.
//!
//! Only keywords that are understood and well formed are taken over, so that a strange one loosens the check and
//! cannot spoil it. What would make checking expensive is cut: too many or too large shared schemas, references
//! that lead back to themselves without going into the value, and long chains of them. What is cut accepts anything.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use executor_core::Json;
use serde_json::{Value, json};

use super::dialect;
use crate::{Resolve, schema};

/// How many shared schemas are taken, nearest first.
const MAX_SCHEMAS: usize = 256;
/// How much text they may have together.
const MAX_BYTES: usize = 1024 * 1024;
/// How many schemas may have to be applied to one value within each other. Bounds the stack that checking takes.
const MAX_IN_PLACE: usize = 24;

/// A schema that stands alone.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The schema, its references all `#/$defs/<number>` into its own `$defs`.
    pub(super) schema: Value,
}

/// References that a schema applies to the value itself: how deep they stand, and what to.
pub(super) type InPlace = Vec<(usize, String)>;

/// Gathers shared schemas, nearest first, and gives them short names.
pub(super) struct Gatherer<'a> {
    input: &'a Value,
    resolve: Resolve<'a>,
    numbers: BTreeMap<String, Option<String>>,
    waiting: VecDeque<(String, Value)>,
    bytes: usize,
}

impl Gatherer<'_> {
    /// The short name of a shared schema; nothing if there is none or there is no room for it.
    pub(super) fn name(&mut self, reference: &str) -> Option<String> {
        let name = schema::reference_name(reference)?;
        if let Some(known) = self.numbers.get(&*name) {
            return known.clone();
        }
        let number = self.take(&name);
        self.numbers.insert(name.into_owned(), number.clone());
        number
    }

    fn take(&mut self, name: &str) -> Option<String> {
        if self.numbers.len() >= MAX_SCHEMAS {
            return None;
        }
        let found = match schema::own_definition(self.input, name) {
            Some(own) => own.clone(),
            None => {
                let text = (self.resolve)(name)?;
                self.bytes += text.as_str().len();
                if self.bytes > MAX_BYTES {
                    return None;
                }
                text.read().ok()?
            }
        };
        let number = format!("s{}", self.numbers.len());
        self.waiting.push_back((number.clone(), found));
        Some(number)
    }
}

/// Makes the schema. Fails if the input is nested too deeply to be read.
pub(super) fn bundle(input: &Json, resolve: Resolve<'_>) -> Result<Bundle, serde_json::Error> {
    let input: Value = input.read()?;
    let mut gatherer =
        Gatherer { input: &input, resolve, numbers: BTreeMap::new(), waiting: VecDeque::new(), bytes: 0 };
    let (mut root, root_in_place) = dialect::translate(&input, &mut gatherer);
    let mut definitions = BTreeMap::new();
    let mut in_place = BTreeMap::new();
    while let Some((number, found)) = gatherer.waiting.pop_front() {
        let (translated, references) = dialect::translate(&found, &mut gatherer);
        in_place.insert(number.clone(), references);
        definitions.insert(number, translated);
    }
    let mut heights = Heights { in_place: &in_place, known: BTreeMap::new(), cut: BTreeSet::new() };
    heights.of_all(&root_in_place);
    for (number, definition) in &mut definitions {
        for (of, target) in &heights.cut {
            if of == number {
                dialect::cut_in_place(definition, target);
            }
        }
    }
    if let Value::Object(root) = &mut root
        && !definitions.is_empty()
    {
        root.insert("$defs".to_owned(), json!(definitions));
    }
    Ok(Bundle { schema: root })
}

/// Finds which references have to be cut so that no chain of them is too long or endless.
struct Heights<'a> {
    in_place: &'a BTreeMap<String, InPlace>,
    /// How many schemas a schema applies within each other; nothing while it is being found out.
    known: BTreeMap<String, Option<usize>>,
    cut: BTreeSet<(String, String)>,
}

impl Heights<'_> {
    fn of_all(&mut self, root: &InPlace) {
        for (_, target) in root {
            self.of(target, 0);
        }
        let all: Vec<String> = self.in_place.keys().cloned().collect();
        for number in all {
            self.of(&number, 0);
        }
    }

    /// Goes no deeper than the number of schemas, and that is bounded.
    fn of(&mut self, number: &str, depth: usize) -> Option<usize> {
        if let Some(known) = self.known.get(number) {
            return *known;
        }
        if depth > MAX_SCHEMAS {
            return None;
        }
        self.known.insert(number.to_owned(), None);
        let mut height = 1;
        let in_place = self.in_place;
        for (inline, target) in in_place.get(number).into_iter().flatten() {
            match self.of(target, depth + 1) {
                Some(below) if inline + 1 + below <= MAX_IN_PLACE => height = height.max(inline + 1 + below),
                _ => {
                    self.cut.insert((number.to_owned(), target.clone()));
                }
            }
        }
        self.known.insert(number.to_owned(), Some(height));
        Some(height)
    }
}
