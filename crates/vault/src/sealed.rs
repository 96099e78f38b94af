//! The form in which a secret is stored.
//!
//! `v1.<fingerprint>.<wrapped key>.<ciphertext>`: the two last in unpadded URL-safe Base64, each a 24-byte nonce and
//! what it encrypts. It is text, so that it fits any column, and it says by itself how and under which key it opens.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;
use crate::key::KeyFingerprint;

const FORMAT: &str = "v1";

/// An encrypted secret with everything but the key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    pub(crate) fingerprint: KeyFingerprint,
    pub(crate) wrapped_key: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
}

impl SealedSecret {
    /// The key under which it is sealed.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.fingerprint
    }
}

impl fmt::Display for SealedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [wrapped_key, ciphertext] =
            [&self.wrapped_key, &self.ciphertext].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        write!(formatter, "{FORMAT}.{}.{wrapped_key}.{ciphertext}", self.fingerprint)
    }
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealedSecret(key {})", self.fingerprint)
    }
}

impl FromStr for SealedSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (format, rest) = text.split_once('.').ok_or(Error::Malformed)?;
        if format != FORMAT {
            let is_a_format = format.len() <= 8 && format.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return Err(if is_a_format { Error::UnknownFormat(format.to_owned()) } else { Error::Malformed });
        }
        let parts: Vec<_> = rest.split('.').collect();
        let [fingerprint, wrapped_key, ciphertext] = parts[..] else { return Err(Error::Malformed) };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed);
        Ok(Self {
            fingerprint: fingerprint.parse()?,
            wrapped_key: decode(wrapped_key)?,
            ciphertext: decode(ciphertext)?,
        })
    }
}

impl Serialize for SealedSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SealedSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
