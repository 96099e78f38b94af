//! The body of a planned request: bytes, and stored files in between.
//!
//! A plan knows a stored file by its digest alone. That is enough to bind it: the same digest is the same content, so what
//! was judged and approved is what is sent, and nothing has to be read before it is.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use executor_core::Digest;

/// The contents of stored files, by their digest.
pub type Files = HashMap<Digest, Bytes>;

/// A body as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its media type.
    pub content_type: String,
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Bytes),
    /// What is stored.
    Stored(StoredFile),
}

/// A file that an earlier call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The argument that names it.
    pub argument: String,
    /// The digest under which it is stored.
    pub blob: Digest,
    /// How many bytes it has: what the argument says, until whoever can read it has said so.
    pub size: Option<u64>,
    /// Whether it is sent as base64.
    pub base64: bool,
}

impl Body {
    /// A body of bytes.
    pub fn new(content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { content_type: content_type.into(), pieces: vec![Piece::Bytes(bytes.into())] }
    }

    /// A body of pieces. Bytes that follow each other become one.
    pub(crate) fn joined(content_type: String, pieces: impl IntoIterator<Item = Piece>) -> Self {
        let (mut joined, mut bytes) = (Vec::new(), BytesMut::new());
        for piece in pieces {
            match piece {
                Piece::Bytes(more) => bytes.extend_from_slice(&more),
                stored => joined.extend([Piece::Bytes(bytes.split().freeze()), stored]),
            }
        }
        joined.push(Piece::Bytes(bytes.freeze()));
        Self { content_type, pieces: joined }
    }

    /// The stored files in it.
    pub fn stored(&self) -> impl Iterator<Item = &StoredFile> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Stored(file) => Some(file),
            Piece::Bytes(_) => None,
        })
    }

    /// The same, to say what they are.
    pub fn stored_mut(&mut self) -> impl Iterator<Item = &mut StoredFile> {
        self.pieces.iter_mut().filter_map(|piece| match piece {
            Piece::Stored(file) => Some(file),
            Piece::Bytes(_) => None,
        })
    }

    /// How many bytes it has, as far as the sizes of its files are known.
    #[must_use]
    pub fn size(&self) -> u64 {
        let sizes = self.pieces.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::Stored(StoredFile { size, base64: false, .. }) => size.unwrap_or_default(),
            Piece::Stored(StoredFile { size, base64: true, .. }) => size.unwrap_or_default().div_ceil(3) * 4,
        });
        sizes.sum()
    }

    /// All its bytes; none if a file in it is not among these.
    #[must_use]
    pub fn bytes(&self, files: &Files) -> Option<Bytes> {
        if let [Piece::Bytes(bytes)] = self.pieces.as_slice() {
            return Some(bytes.clone());
        }
        let mut all = BytesMut::new();
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => all.extend_from_slice(bytes),
                Piece::Stored(file) => {
                    let content = files.get(&file.blob)?;
                    match file.base64 {
                        true => all.extend_from_slice(STANDARD.encode(content).as_bytes()),
                        false => all.extend_from_slice(content),
                    }
                }
            }
        }
        Some(all.freeze())
    }

    /// Gives each part of what the body is to whoever makes a digest of it.
    pub(crate) fn digested(&self, part: &mut impl FnMut(&[u8])) {
        part(self.content_type.as_bytes());
        if let [Piece::Bytes(bytes)] = self.pieces.as_slice() {
            return part(bytes);
        }
        // Each piece says what it is, so that a digest within bytes is not taken for a file.
        for piece in &self.pieces {
            part(piece.sort());
            match piece {
                Piece::Bytes(bytes) => part(bytes),
                Piece::Stored(file) => part(file.blob.as_bytes()),
            }
        }
    }
}

impl Piece {
    /// A digest of what it is.
    pub(crate) fn digest(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::of(bytes),
            Self::Stored(file) => file.blob,
        }
    }

    fn sort(&self) -> &'static [u8] {
        match self {
            Self::Bytes(_) => b"bytes",
            Self::Stored(StoredFile { base64: false, .. }) => b"stored",
            Self::Stored(StoredFile { base64: true, .. }) => b"stored base64",
        }
    }
}

impl From<Vec<u8>> for Piece {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}
