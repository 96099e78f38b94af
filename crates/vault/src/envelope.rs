//! Sealing and opening: XChaCha20-Poly1305 twice, a fresh content key around the secret and the ring's key around that.
//!
//! The context is authenticated with the secret, the fingerprint with the content key. That split lets a rotation wrap
//! the content key anew without knowing any context and without ever seeing the secret.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::Error;
use crate::key::{Key, KeyFingerprint, random};
use crate::key_ring::KeyRing;
use crate::sealed::SealedSecret;

const NONCE_BYTES: usize = 24;

impl KeyRing {
    /// Encrypts `secret` under the current key so that it opens in `context` only.
    pub fn seal(&self, secret: &SecretString, context: &Context) -> Result<SealedSecret, Error> {
        let content_key = random::<32>()?;
        let content = XChaCha20Poly1305::new((&*content_key).into());
        let ciphertext = encrypt(&content, secret.expose_secret().as_bytes(), context.as_bytes())?;
        wrap(self.current(), content_key.as_slice(), ciphertext)
    }

    /// Decrypts what was sealed for `context` under any key of the ring.
    pub fn open(&self, sealed: &SealedSecret, context: &Context) -> Result<SecretString, Error> {
        let content_key = unwrap(self.find(sealed.fingerprint)?, sealed)?;
        let content = XChaCha20Poly1305::new_from_slice(&content_key).map_err(|_| Error::Refused)?;
        let plaintext = decrypt(&content, &sealed.ciphertext, context.as_bytes())?;
        std::str::from_utf8(&plaintext).map(SecretString::from).map_err(|_| Error::NotText)
    }

    /// Moves a secret under the current key; `None` where it is there already.
    pub fn rewrap(&self, sealed: &SealedSecret) -> Result<Option<SealedSecret>, Error> {
        if sealed.fingerprint == self.current().fingerprint {
            return Ok(None);
        }
        let content_key = unwrap(self.find(sealed.fingerprint)?, sealed)?;
        wrap(self.current(), &content_key, sealed.ciphertext.clone()).map(Some)
    }
}

fn wrap(key: &Key, content_key: &[u8], ciphertext: Vec<u8>) -> Result<SealedSecret, Error> {
    let wrapped_key = encrypt(&key.cipher, content_key, &header(key.fingerprint))?;
    Ok(SealedSecret { fingerprint: key.fingerprint, wrapped_key, ciphertext })
}

fn unwrap(key: &Key, sealed: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, Error> {
    decrypt(&key.cipher, &sealed.wrapped_key, &header(key.fingerprint))
}

/// What is authenticated with a wrapped key.
fn header(fingerprint: KeyFingerprint) -> Vec<u8> {
    format!("executor wrapped key v1 {fingerprint}").into_bytes()
}

/// A random nonce and the ciphertext behind it. 24 random bytes do not repeat.
fn encrypt(cipher: &XChaCha20Poly1305, plaintext: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = random::<NONCE_BYTES>()?;
    let payload = Payload { msg: plaintext, aad: bound_to };
    let ciphertext = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| Error::Refused)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

fn decrypt(cipher: &XChaCha20Poly1305, sealed: &[u8], bound_to: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Malformed)?;
    let payload = Payload { msg: ciphertext, aad: bound_to };
    cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| Error::Refused)
}
