//! A key-encryption key and its fingerprint.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hkdf::Hkdf;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::Error;

/// What 256 random bits come to in the densest text that people paste.
const MINIMUM_CHARACTERS: usize = 32;

/// Eight bytes that tell keys apart and say nothing about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; 8]);

/// A key-encryption key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) fingerprint: KeyFingerprint,
    pub(crate) cipher: XChaCha20Poly1305,
    /// Another key, made of this one, that only authenticates.
    pub(crate) authentication: Zeroizing<[u8; 32]>,
}

impl Key {
    /// The key that `text` stands for. Any long text will do, because it is hashed; it has to be random.
    pub(crate) fn parse(text: &SecretString) -> Result<Self, Error> {
        let text = text.expose_secret().trim();
        if text.chars().count() < MINIMUM_CHARACTERS {
            return Err(Error::KeyTooShort { minimum: MINIMUM_CHARACTERS });
        }
        if text.contains(|character: char| character == ',' || character.is_whitespace()) {
            return Err(Error::KeyCharacters);
        }
        let key = Zeroizing::new(hash("executor key-encryption key v1", text.as_bytes()));
        let [a, b, c, d, e, f, g, h, ..] = hash("executor key fingerprint v1", key.as_slice());
        let mut authentication = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, key.as_slice())
            .expand(b"executor authentication key v1", authentication.as_mut_slice())
            .map_err(|_| Error::Malformed)?;
        Ok(Self {
            fingerprint: KeyFingerprint([a, b, c, d, e, f, g, h]),
            cipher: XChaCha20Poly1305::new((&*key).into()),
            authentication,
        })
    }

    /// The text of a new random key.
    pub(crate) fn generate() -> Result<SecretString, Error> {
        let bytes = random::<32>()?;
        Ok(URL_SAFE_NO_PAD.encode(bytes.as_slice()).into())
    }
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| Error::Randomness)?;
    Ok(bytes)
}

/// SHA-256 with a label, so that no two uses of it can meet.
fn hash(label: &str, bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update([0]).chain_update(bytes).finalize().into()
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for KeyFingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_canonical =
            text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match u64::from_str_radix(text, 16) {
            Ok(number) if is_canonical => Ok(Self(number.to_be_bytes())),
            _ => Err(Error::Malformed),
        }
    }
}
