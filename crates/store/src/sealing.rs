//! Columns that are encrypted because what they hold is sensitive.
//!
//! Whoever opens the store may give it a [`Sealer`]; without one nothing sensitive is written. A sealed text says so by
//! how it begins, which no JSON does, and opens only in the row and column that it was sealed for.

use std::sync::Arc;

use crate::Store;
use crate::error::Error;

/// Encrypts what is sensitive, with keys that are not in the database.
pub trait Sealer: Send + Sync {
    /// Encrypts a text so that it opens in that place only: table, workspace, row, column.
    fn seal(&self, place: &[&str], text: &str) -> Result<String, String>;

    /// Decrypts what was sealed for that place.
    fn open(&self, place: &[&str], sealed: &str) -> Result<String, String>;
}

/// What a sealed text begins with.
const MARK: &str = "sealed:";

/// The store's own [`Sealer`], if it has one.
#[derive(Clone, Default)]
pub(crate) struct Sealing(Option<Arc<dyn Sealer>>);

impl Sealing {
    pub(crate) fn seal(&self, place: &[&str], text: &str) -> Result<String, Error> {
        let sealer = self.0.as_ref().ok_or_else(|| {
            Error::Other("what is sensitive cannot be written: the store has no key".to_owned())
        })?;
        let sealed = sealer.seal(place, text).map_err(Error::Other)?;
        Ok(format!("{MARK}{sealed}"))
    }

    /// Seals if it is sensitive, else gives the text as it is.
    pub(crate) fn seal_if(&self, is_sensitive: bool, place: &[&str], text: String) -> Result<String, Error> {
        if is_sensitive { self.seal(place, &text) } else { Ok(text) }
    }

    /// A text of ours that may be sealed. Not for texts of others, which may begin with anything.
    pub(crate) fn open(&self, place: &[&str], text: String) -> Result<String, Error> {
        let Some(sealed) = text.strip_prefix(MARK) else { return Ok(text) };
        let table = "sealed rows";
        let sealer = self.0.as_ref().ok_or_else(|| Error::corrupt(table, "the store has no key"))?;
        sealer.open(place, sealed).map_err(|reason| Error::corrupt(table, format!("{place:?}: {reason}")))
    }
}

/// Whether a text of ours is sealed.
pub(crate) fn is_sealed(text: &str) -> bool {
    text.starts_with(MARK)
}

impl Store {
    /// The same database, with what encrypts sensitive rows.
    #[must_use]
    pub fn with_sealer(self, sealer: Arc<dyn Sealer>) -> Self {
        Self { sealing: Sealing(Some(sealer)), ..self }
    }
}
