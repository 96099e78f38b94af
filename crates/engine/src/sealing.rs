//! Encrypts what is sensitive in the store, with the vault's key.

use executor_store::Sealer;
use executor_vault::{Context, KeyRing, SealedSecret};
use secrecy::{ExposeSecret, SecretString};

/// Seals rows under the key that seals credentials.
pub(crate) struct VaultSealer(pub(crate) KeyRing);

impl Sealer for VaultSealer {
    fn seal(&self, place: &[&str], text: &str) -> Result<String, String> {
        let sealed = self.0.seal(&SecretString::from(text), &Context::row(place));
        sealed.map(|sealed| sealed.to_string()).map_err(|error| error.to_string())
    }

    fn open(&self, place: &[&str], sealed: &str) -> Result<String, String> {
        let sealed: SealedSecret =
            sealed.parse().map_err(|error: executor_vault::Error| error.to_string())?;
        let opened = self.0.open(&sealed, &Context::row(place)).map_err(|error| error.to_string())?;
        Ok(opened.expose_secret().to_owned())
    }
}
