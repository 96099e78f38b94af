//! The key-encryption keys at hand: one to seal with, and the earlier ones that still open.

use std::fmt;
use std::path::Path;

use secrecy::SecretString;

use crate::error::Error;
use crate::key::{Key, KeyFingerprint};
use crate::key_file;

/// The keys that the operator has configured.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// `EXECUTOR_SECRET_KEY`; unset for the generated key in the data directory.
    pub current: Option<SecretString>,
    /// `EXECUTOR_SECRET_KEY_PREVIOUS`: keys that were current once.
    pub previous: Vec<SecretString>,
}

/// One key that seals, and every key that opens.
#[derive(Clone)]
pub struct KeyRing {
    current: Key,
    previous: Vec<Key>,
}

impl KeyRing {
    /// The ring of the configured keys and of the key file at `path`, which is made when there is no key at all.
    ///
    /// Where a key is configured and the file exists, the file's key is one of the previous ones: a deployment that
    /// moves its key into the environment can go on reading what it has.
    pub fn load_or_create(path: &Path, keys: &Keys) -> Result<Self, Error> {
        let stored = key_file::read(path)?;
        let mut previous = keys.previous.clone();
        let current = match (&keys.current, stored) {
            (Some(configured), stored) => {
                previous.extend(stored);
                configured.clone()
            }
            (None, Some(stored)) => stored,
            (None, None) => {
                tracing::info!(path = %path.display(), "made a secret key");
                key_file::create(path)?
            }
        };
        Self::new(&current, &previous)
    }

    /// The ring of keys that are already at hand.
    pub fn new(current: &SecretString, previous: &[SecretString]) -> Result<Self, Error> {
        Ok(Self {
            current: Key::parse(current)?,
            previous: previous.iter().map(Key::parse).collect::<Result<_, _>>()?,
        })
    }

    /// The fingerprint of the key that seals.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.current.fingerprint
    }

    pub(crate) fn current(&self) -> &Key {
        &self.current
    }

    pub(crate) fn find(&self, fingerprint: KeyFingerprint) -> Result<&Key, Error> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|key| key.fingerprint == fingerprint)
            .ok_or(Error::UnknownKey(fingerprint))
    }
}

/// Shows fingerprints only.
impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let previous: Vec<_> = self.previous.iter().map(|key| key.fingerprint.to_string()).collect();
        formatter
            .debug_struct("KeyRing")
            .field("current", &self.current.fingerprint.to_string())
            .field("previous", &previous)
            .finish()
    }
}
