//! A place in a document.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::arena::{Arena, Cell};

/// A value of a document. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Node<'d> {
    arena: &'d Arena,
    cell: Cell,
}

impl<'d> Node<'d> {
    pub(super) fn new(arena: &'d Arena, cell: Cell) -> Self {
        Self { arena, cell }
    }

    /// The member of that name, if this is an object and has one.
    pub(crate) fn get(self, key: &str) -> Option<Node<'d>> {
        match self.cell {
            Cell::Object { start, length } => {
                self.arena.member(start, length, key).map(|cell| Node::new(self.arena, cell))
            }
            _ => None,
        }
    }

    /// The item at that position, if this is a list and has one.
    pub(crate) fn at(self, index: usize) -> Option<Node<'d>> {
        self.items().nth(index)
    }

    /// The members in document order; none if this is no object.
    pub(crate) fn members(self) -> impl ExactSizeIterator<Item = (&'d str, Node<'d>)> {
        let (start, length) = match self.cell {
            Cell::Object { start, length } => (start, length),
            _ => (0, 0),
        };
        let arena = self.arena;
        let members = arena.members(start, length).iter();
        members.map(move |member| (arena.text(member.key), Node::new(arena, member.value)))
    }

    /// The items; none if this is no list.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        let (start, length) = match self.cell {
            Cell::List { start, length } => (start, length),
            _ => (0, 0),
        };
        let arena = self.arena;
        arena.items(start, length).iter().map(move |cell| Node::new(arena, *cell))
    }

    pub(crate) fn is_object(self) -> bool {
        matches!(self.cell, Cell::Object { .. })
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self.cell, Cell::List { .. })
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self.cell, Cell::Integer(_) | Cell::Unsigned(_) | Cell::Float(_))
    }

    /// Whether this is a whole number that is not negative.
    pub(crate) fn is_count(self) -> bool {
        match self.cell {
            Cell::Integer(number) => number >= 0,
            Cell::Unsigned(_) => true,
            _ => false,
        }
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match self.cell {
            Cell::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'d str> {
        match self.cell {
            Cell::Text(span) => Some(self.arena.text(span)),
            _ => None,
        }
    }

    /// The text of a scalar: YAML makes a number of a version that is written `1.0`.
    pub(crate) fn as_text(self) -> Option<Cow<'d, str>> {
        match self.cell {
            Cell::Text(span) => Some(Cow::Borrowed(self.arena.text(span))),
            Cell::Bool(value) => Some(Cow::Owned(value.to_string())),
            Cell::Integer(value) => Some(Cow::Owned(value.to_string())),
            Cell::Unsigned(value) => Some(Cow::Owned(value.to_string())),
            Cell::Float(value) => Some(Cow::Owned(format!("{value:?}"))),
            _ => None,
        }
    }

    /// The text member of that name.
    pub(crate) fn text(self, key: &str) -> Option<&'d str> {
        self.get(key).and_then(Node::as_str)
    }

    /// Whether the member of that name is `true`.
    pub(crate) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Whether both say the same in the same order. It says no once so many values have been compared.
    pub(crate) fn equals(self, other: Node<'d>, budget: &mut usize) -> bool {
        // What lies in the same place is the same, whatever its size.
        if std::ptr::eq(self.arena, other.arena) && self.cell == other.cell {
            return true;
        }
        match budget.checked_sub(1) {
            Some(left) => *budget = left,
            None => return false,
        }
        match (self.cell, other.cell) {
            (Cell::Text(_), Cell::Text(_)) => self.as_str() == other.as_str(),
            (Cell::List { length, .. }, Cell::List { length: others, .. }) => {
                length == others
                    && self.items().zip(other.items()).all(|(one, other)| one.equals(other, budget))
            }
            (Cell::Object { length, .. }, Cell::Object { length: others, .. }) => {
                length == others
                    && self
                        .members()
                        .zip(other.members())
                        .all(|(one, other)| one.0 == other.0 && one.1.equals(other.1, budget))
            }
            (one, other) => one == other,
        }
    }

    /// The same value, owned.
    pub(crate) fn to_value(self) -> serde_json::Value {
        // Every value of a document has a JSON form: keys are texts and numbers are finite.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.cell {
            Cell::Null => serializer.serialize_unit(),
            Cell::Bool(value) => serializer.serialize_bool(value),
            Cell::Integer(value) => serializer.serialize_i64(value),
            Cell::Unsigned(value) => serializer.serialize_u64(value),
            Cell::Float(value) => serializer.serialize_f64(value),
            Cell::Text(span) => serializer.serialize_str(self.arena.text(span)),
            Cell::List { length, .. } => {
                let mut list = serializer.serialize_seq(Some(length as usize))?;
                self.items().try_for_each(|item| list.serialize_element(&item))?;
                list.end()
            }
            Cell::Object { length, .. } => {
                let mut map = serializer.serialize_map(Some(length as usize))?;
                self.members().try_for_each(|(key, value)| map.serialize_entry(key, &value))?;
                map.end()
            }
        }
    }
}
