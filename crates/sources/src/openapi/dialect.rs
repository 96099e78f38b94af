//! Which OpenAPI a document is written in.

use crate::document::Node;

/// A line of versions of which each says the same things in the same places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Swagger 2.0.
    Swagger,
    /// OpenAPI 3.0, with a JSON Schema of its own.
    V3_0,
    /// OpenAPI 3.1 and 3.2, with JSON Schema 2020-12.
    V3_1,
}

impl Dialect {
    /// The document's dialect, if it is one that can be imported.
    pub(super) fn of(root: Node<'_>) -> Option<Self> {
        if root.get("swagger").and_then(Node::as_text).is_some_and(|version| version.starts_with('2')) {
            return Some(Self::Swagger);
        }
        let version = root.get("openapi").and_then(Node::as_text)?;
        let known = [("3.0", Self::V3_0), ("3.1", Self::V3_1), ("3.2", Self::V3_1)];
        known.into_iter().find(|(start, _)| version.starts_with(start)).map(|(_, dialect)| dialect)
    }

    /// Whether a schema may say more beside its `$ref`.
    pub(super) fn reads_beside_references(self) -> bool {
        self == Self::V3_1
    }
}
