//! Fills an arena from whatever serde can read.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use executor_core::{ErrorCode, Failure};

use super::arena::{Arena, Cell, Member, Span};
use super::{MAX_DEPTH, MAX_NODES};

/// Strings up to this length are kept once, however often they occur.
const INTERNED: usize = 96;

/// An arena that grows.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) arena: Arena,
    hasher: RandomState,
    /// Texts that have been seen, by their hash. A text whose hash another one has is merely stored again.
    seen: HashMap<u64, Span>,
    nodes: usize,
    /// Why the document is not taken, where it is not the parser that says so.
    pub(super) refusal: Option<Failure>,
}

impl Builder {
    /// Stops the parser, whose error says nothing that is worth showing.
    fn refuse<E: Error>(&mut self, code: ErrorCode, message: String) -> E {
        self.refusal = Some(Failure::new(code, message));
        E::custom("the document is not taken")
    }

    fn too_large<E: Error>(&mut self) -> E {
        self.refuse(ErrorCode::DocumentTooLarge, "The document holds more text than is taken.".to_owned())
    }

    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("The document has more than {MAX_NODES} values.");
        Err(self.refuse(ErrorCode::DocumentTooLarge, message))
    }

    fn intern<E: Error>(&mut self, text: &str) -> Result<Span, E> {
        let hash = (text.len() <= INTERNED).then(|| self.hasher.hash_one(text));
        if let Some(span) = hash.and_then(|hash| self.seen.get(&hash))
            && self.arena.text(*span) == text
        {
            return Ok(*span);
        }
        let end = self.arena.text.len() + text.len();
        u32::try_from(end).map_err(|_| self.too_large())?;
        let (start, length) = (self.arena.text.len() as u32, text.len() as u32);
        self.arena.text.push_str(text);
        let span = Span { start, length };
        if let Some(hash) = hash {
            self.seen.insert(hash, span);
        }
        Ok(span)
    }
}

/// Reads one value into the builder.
pub(super) struct ValueSeed<'b> {
    pub(super) builder: &'b mut Builder,
    pub(super) depth: usize,
}

impl<'b> ValueSeed<'b> {
    /// The depth of what is inside.
    fn deeper<E: Error>(&mut self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            return Ok(self.depth + 1);
        }
        let message = format!("The document is nested deeper than {MAX_DEPTH} levels.");
        Err(self.builder.refuse(ErrorCode::DocumentUnreadable, message))
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell, D::Error> {
        self.builder.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Cell;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Unsigned(value), Cell::Integer))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Cell, E> {
        Ok(Cell::Float(value as f64))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Cell, E> {
        Ok(Cell::Float(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell, E> {
        Ok(if value.is_finite() { Cell::Float(value) } else { Cell::Null })
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cell, E> {
        self.builder.intern(value).map(Cell::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Cell, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(ValueSeed { builder: &mut *self.builder, depth })? {
            items.push(item);
        }
        // The count of nodes keeps both far below what they may be.
        let (start, length) = (self.builder.arena.items.len() as u32, items.len() as u32);
        self.builder.arena.items.append(&mut items);
        Ok(Cell::List { start, length })
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Cell, A::Error> {
        let depth = self.deeper()?;
        let mut members = Vec::new();
        while let Some(key) = access.next_key_seed(KeySeed { builder: &mut *self.builder })? {
            let value = access.next_value_seed(ValueSeed { builder: &mut *self.builder, depth })?;
            members.push(Member { key, value });
        }
        let start = self.builder.arena.members.len() as u32;
        Ok(self.builder.arena.push_object(members, start))
    }
}

/// Reads a key. YAML's `200:`, `true:` and `null:` are taken as the texts they are written as.
struct KeySeed<'b> {
    builder: &'b mut Builder,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Span;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_none<E: Error>(self) -> Result<Span, E> {
        self.builder.intern("null")
    }

    fn visit_unit<E: Error>(self) -> Result<Span, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Span, E> {
        self.builder.intern(value)
    }
}
