//! Fills an arena from whatever serde can read.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::MAX_DEPTH;
use super::arena::{Arena, Cell, Member, Span};

/// Strings up to this length are kept once, however often they occur.
const INTERNED: usize = 96;

/// An arena that grows.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) arena: Arena,
    hasher: RandomState,
    /// Texts that have been seen, by their hash. A text whose hash another one has is merely stored again.
    seen: HashMap<u64, Span>,
}

impl Builder {
    fn intern<E: Error>(&mut self, text: &str) -> Result<Span, E> {
        let too_large = || E::custom("the document is too large");
        let hash = (text.len() <= INTERNED).then(|| self.hasher.hash_one(text));
        if let Some(span) = hash.and_then(|hash| self.seen.get(&hash))
            && self.arena.text(*span) == text
        {
            return Ok(*span);
        }
        let start = u32::try_from(self.arena.text.len()).map_err(|_| too_large())?;
        let length = u32::try_from(text.len()).map_err(|_| too_large())?;
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
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            return Ok(self.depth + 1);
        }
        Err(E::custom(format_args!("it is nested deeper than {MAX_DEPTH} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell, D::Error> {
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Cell, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(ValueSeed { builder: &mut *self.builder, depth })? {
            items.push(item);
        }
        let start = position(self.builder.arena.items.len())?;
        let length = position(items.len())?;
        self.builder.arena.items.append(&mut items);
        Ok(Cell::List { start, length })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Cell, A::Error> {
        let depth = self.deeper()?;
        let mut members = Vec::new();
        while let Some(key) = access.next_key_seed(KeySeed { builder: &mut *self.builder })? {
            let value = access.next_value_seed(ValueSeed { builder: &mut *self.builder, depth })?;
            members.push(Member { key, value });
        }
        let start = position(self.builder.arena.members.len())?;
        position::<A::Error>(members.len())?;
        Ok(self.builder.arena.push_object(members, start))
    }
}

fn position<E: Error>(length: usize) -> Result<u32, E> {
    u32::try_from(length).map_err(|_| E::custom("the document is too large"))
}

/// Reads a key. YAML's `200:` and `true:` are taken as the texts they are written as.
struct KeySeed<'b> {
    builder: &'b mut Builder,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Span;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Span, E> {
        self.builder.intern(value)
    }
}
