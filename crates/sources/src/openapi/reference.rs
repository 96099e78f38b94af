//! References within a document: `#/components/schemas/Pet`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use percent_encoding::percent_decode_str;

use super::dialect::Dialect;
use super::external;
use super::family::Family;
use crate::document::{Document, Node};

/// The longest chain of references that lead to references.
const MAX_CHAIN: usize = 32;

/// Follows references and remembers where they lead.
pub(crate) struct References<'d> {
    root: Node<'d>,
    dialect: Dialect,
    known: RefCell<HashMap<&'d str, Option<Node<'d>>>>,
    family: Rc<Family<'d>>,
}

impl<'d> References<'d> {
    /// None if the document is of no dialect that is known.
    pub(super) fn new(document: &'d Document) -> Option<Self> {
        let root = document.root();
        let dialect = Dialect::of(root)?;
        Some(Self { root, dialect, known: RefCell::default(), family: Rc::new(Family::of(root)) })
    }

    /// References of which each begins at this node, as in a schema of 2020-12 that stands alone.
    pub(crate) fn within(root: Node<'d>) -> Self {
        Self { root, dialect: Dialect::V3_1, known: RefCell::default(), family: Rc::default() }
    }

    /// The outermost value of the document.
    pub(super) fn root(&self) -> Node<'d> {
        self.root
    }

    /// What the document is written in.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Which of its schemas inherit from which.
    pub(super) fn family(&self) -> Rc<Family<'d>> {
        self.family.clone()
    }

    /// Where a reference leads that the document need not have written, in one step.
    pub(super) fn target_of(&self, reference: &str) -> Option<Node<'d>> {
        self.walk(reference)
    }

    /// Where a reference leads, in one step. It may be another reference.
    pub(super) fn target(&self, reference: &'d str) -> Option<Node<'d>> {
        if let Some(known) = self.known.borrow().get(reference) {
            return *known;
        }
        let target = self.walk(reference);
        self.known.borrow_mut().insert(reference, target);
        target
    }

    /// The node itself, or what its `$ref` leads to in the end. The error is a reason as a sentence.
    pub(super) fn follow(&self, node: Node<'d>) -> Result<Node<'d>, String> {
        let mut node = node;
        for _ in 0..MAX_CHAIN {
            let Some(reference) = node.text("$ref") else { return Ok(node) };
            node = self.target(reference).ok_or_else(|| {
                if reference.starts_with('#') {
                    format!("The reference `{reference}` leads nowhere.")
                } else {
                    self.missing(reference)
                }
            })?;
        }
        Err("A reference leads in a circle.".to_owned())
    }

    /// Why a reference out of the document leads nowhere.
    fn missing(&self, reference: &str) -> String {
        let document = reference.split('#').next().unwrap_or_default();
        let reasons = self.root.get(external::MISSING);
        match reasons.and_then(|reasons| reasons.text(document)) {
            Some(reason) => format!("The reference `{reference}` leads nowhere: {reason}."),
            None => format!("The reference `{reference}` leads out of the document."),
        }
    }

    fn walk(&self, reference: &str) -> Option<Node<'d>> {
        let pointer = reference.strip_prefix('#')?;
        if pointer.is_empty() {
            return Some(self.root);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self.root, |node, segment| {
            let key = unescape(segment);
            match node.get(&key).or_else(|| node.get(segment)) {
                Some(member) => Some(member),
                None if node.is_list() => node.at(key.parse().ok()?),
                None => None,
            }
        })
    }
}

/// The name that a pointer's segment stands for: `%xx` first, then `~1` and `~0`.
pub(super) fn unescape(segment: &str) -> Cow<'_, str> {
    let decoded = percent_decode_str(segment).decode_utf8().unwrap_or(Cow::Borrowed(segment));
    if decoded.contains('~') { Cow::Owned(decoded.replace("~1", "/").replace("~0", "~")) } else { decoded }
}
