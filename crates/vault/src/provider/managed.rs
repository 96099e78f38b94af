//! `managed`: the reference is the secret itself, sealed.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::context::Context;
use crate::error::Error;
use crate::key_ring::KeyRing;
use crate::provider::CredentialProvider;

/// Keeps secrets sealed in our own database.
#[derive(Debug, Clone)]
pub struct ManagedProvider(KeyRing);

impl ManagedProvider {
    /// Opens what `ring` can open.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(ring)
    }
}

impl CredentialProvider for ManagedProvider {
    fn name(&self) -> &'static str {
        "managed"
    }

    fn fetch<'a>(
        &'a self,
        reference: &'a str,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<SecretString, Error>> {
        async move { self.0.open(&reference.parse()?, context) }.boxed()
    }
}
