//! JSON that is carried but not looked into, its canonical form, and digests of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// A JSON text, known to be well formed, shared without copying. Two are equal if their texts are.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// Checks that `text` is one JSON value.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(|raw| Self(raw.into()))
    }

    /// The JSON of a value. Fails where serde does: a map with keys that are no strings, a number that is not finite.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(|raw| Self(raw.into()))
    }

    /// The canonical JSON of a value ([RFC 8785]): members sorted, numbers in their shortest form, no white space.
    ///
    /// [RFC 8785]: https://www.rfc-editor.org/rfc/rfc8785
    pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        let bytes = canonical_bytes(value)?;
        let text = String::from_utf8(bytes).map_err(serde::ser::Error::custom)?;
        Self::parse(text)
    }

    /// `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }

    /// `{}`.
    pub fn empty_object() -> Self {
        Self::from(&serde_json::Value::Object(serde_json::Map::new()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads the text into a typed value.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        // A `Value` has string keys and finite numbers only, so there is nothing that could fail.
        Self::from_serialize(value).unwrap_or_else(|_| Self::null())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.into()))
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a value's canonical JSON ([RFC 8785]). Fails where the value has no JSON form.
    ///
    /// [RFC 8785]: https://www.rfc-editor.org/rfc/rfc8785
    pub fn of_canonical<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::of(&canonical_bytes(value)?))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A text that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits")]
pub struct InvalidDigest;

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        // Digits only: the number's own parser would take a sign.
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidDigest);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| InvalidDigest)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The canonical JSON of a value ([RFC 8785]): members sorted, numbers in their shortest form, no white space.
///
/// [RFC 8785]: https://www.rfc-editor.org/rfc/rfc8785
pub fn canonical_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(&value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_digest_does_not_see_order_or_spelling() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b": 1.0, "a": [1e2, "é"]}"#).unwrap();
        let other = json!({"a": [100, "\u{e9}"], "b": 1});
        assert_eq!(Digest::of_canonical(&one).unwrap(), Digest::of_canonical(&other).unwrap());
        assert_ne!(Digest::of_canonical(&one).unwrap(), Digest::of_canonical(&json!({})).unwrap());
    }

    #[test]
    fn a_digest_survives_its_text() {
        let digest = Digest::of(b"executor");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("x".repeat(64).parse::<Digest>().is_err());
        assert!("é".repeat(32).parse::<Digest>().is_err());
        assert!("+1".repeat(32).parse::<Digest>().is_err());
    }

    #[test]
    fn json_keeps_its_text_within_a_larger_document() {
        #[derive(Serialize, Deserialize)]
        struct Holder {
            value: Json,
        }
        let text = r#"{"value":{"b": 1.50, "a": null}}"#;
        let holder: Holder = serde_json::from_str(text).unwrap();
        assert_eq!(holder.value.as_str(), r#"{"b": 1.50, "a": null}"#);
        assert_eq!(serde_json::to_string(&holder).unwrap(), text);
    }
}
