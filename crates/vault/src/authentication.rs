//! Authenticating what is stored in the open: whoever has the storage but not the key cannot write such a tag.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::Error;
use crate::key::{Key, KeyFingerprint};
use crate::key_ring::KeyRing;

impl KeyRing {
    /// A tag of `text` under the current key. It names the key, so that a tag outlives a rotation.
    pub fn authenticate(&self, text: &str) -> Result<String, Error> {
        let key = self.current();
        let tag = code(key, key.fingerprint, text)?.finalize().into_bytes();
        let digits: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("v1.{}.{digits}", key.fingerprint))
    }

    /// Whether any key of the ring made `tag` for `text`. [`Error::UnknownKey`] if another one may have.
    pub fn is_authentic(&self, text: &str, tag: &str) -> Result<bool, Error> {
        let mut parts = tag.split('.');
        let (Some("v1"), Some(fingerprint), Some(digits), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Ok(false);
        };
        let (Ok(fingerprint), Some(bytes)) = (fingerprint.parse::<KeyFingerprint>(), bytes(digits)) else {
            return Ok(false);
        };
        let key = self.find(fingerprint)?;
        Ok(code(key, fingerprint, text)?.verify_slice(&bytes).is_ok())
    }
}

fn code(key: &Key, fingerprint: KeyFingerprint, text: &str) -> Result<Hmac<Sha256>, Error> {
    let mut code =
        Hmac::<Sha256>::new_from_slice(key.authentication.as_slice()).map_err(|_| Error::Malformed)?;
    code.update(format!("executor tag v1 {fingerprint} ").as_bytes());
    code.update(text.as_bytes());
    Ok(code)
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let is_canonical =
        digits.len() == 64 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let byte = |index: usize| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).ok();
    is_canonical.then(|| (0..32).filter_map(byte).collect())
}
