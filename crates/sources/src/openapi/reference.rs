//! References within a document: `#/components/schemas/Pet`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::document::{Document, Node};

/// The longest chain of references that lead to references.
const MAX_CHAIN: usize = 32;

/// Follows references and remembers where they lead.
pub(crate) struct References<'d> {
    root: Node<'d>,
    known: RefCell<HashMap<&'d str, Option<Node<'d>>>>,
}

impl<'d> References<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self::within(document.root())
    }

    /// References of which each begins at this node, as in a schema that stands alone.
    pub(crate) fn within(root: Node<'d>) -> Self {
        Self { root, known: RefCell::default() }
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
                    format!("The reference `{reference}` leads out of the document.")
                }
            })?;
        }
        Err("A reference leads in a circle.".to_owned())
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
