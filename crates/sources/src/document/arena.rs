//! Where the values of a document lie.

use std::collections::HashMap;

/// Objects up to this size are searched from the front; larger ones have an index.
const SMALL: usize = 24;

/// A piece of the arena's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Text(Span),
    /// A range of `Arena::items`.
    List {
        start: u32,
        length: u32,
    },
    /// A range of `Arena::members`.
    Object {
        start: u32,
        length: u32,
    },
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: Span,
    pub(super) value: Cell,
}

/// Everything that a document holds.
#[derive(Debug, Default)]
pub(super) struct Arena {
    pub(super) text: String,
    pub(super) items: Vec<Cell>,
    pub(super) members: Vec<Member>,
    /// For each large object, by its start: its members' positions, sorted by their keys.
    sorted: HashMap<u32, Box<[u32]>>,
}

impl Arena {
    pub(super) fn text(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.text.get(start..start + span.length as usize).unwrap_or_default()
    }

    pub(super) fn items(&self, start: u32, length: u32) -> &[Cell] {
        let start = start as usize;
        self.items.get(start..start + length as usize).unwrap_or_default()
    }

    pub(super) fn members(&self, start: u32, length: u32) -> &[Member] {
        let start = start as usize;
        self.members.get(start..start + length as usize).unwrap_or_default()
    }

    /// The member of that name.
    pub(super) fn member(&self, start: u32, length: u32, key: &str) -> Option<Cell> {
        let members = self.members(start, length);
        // An empty object begins where the next one does, whose index is none of its own.
        let order = if length as usize > SMALL { self.sorted.get(&start) } else { None };
        match order {
            Some(order) => {
                let of = |position: &u32| self.text(members[*position as usize].key);
                let found = order.binary_search_by(|position| of(position).cmp(key)).ok()?;
                Some(members[order[found] as usize].value)
            }
            None => members.iter().find(|member| self.text(member.key) == key).map(|member| member.value),
        }
    }

    /// Appends an object's members, of which the last of several with the same key counts.
    pub(super) fn push_object(&mut self, mut members: Vec<Member>, start: u32) -> Cell {
        if members.len() <= SMALL {
            let mut position = 0;
            while position < members.len() {
                let key = self.text(members[position].key);
                if members[position + 1..].iter().any(|later| self.text(later.key) == key) {
                    members.remove(position);
                } else {
                    position += 1;
                }
            }
        } else {
            let latest: HashMap<&str, usize> =
                members.iter().enumerate().map(|(index, member)| (self.text(member.key), index)).collect();
            if latest.len() < members.len() {
                let mut keep = vec![false; members.len()];
                latest.values().for_each(|index| keep[*index] = true);
                let mut kept = keep.iter();
                members.retain(|_| kept.next().copied().unwrap_or(false));
            }
            let mut order: Box<[u32]> = (0..members.len() as u32).collect();
            order.sort_unstable_by_key(|position| self.text(members[*position as usize].key));
            self.sorted.insert(start, order);
        }
        let length = members.len() as u32;
        self.members.append(&mut members);
        Cell::Object { start, length }
    }
}
