//! The vault: all providers behind one door.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use crate::context::{Context, Scope};
use crate::credential::Credential;
use crate::error::Error;
use crate::key_ring::KeyRing;
use crate::provider::{CredentialProvider, ManagedProvider};
use crate::sealed::SealedSecret;

/// Keeps and fetches credentials. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    ring: KeyRing,
    providers: Arc<BTreeMap<&'static str, Box<dyn CredentialProvider>>>,
}

impl Vault {
    /// A vault with the provider `managed` and those of `others`.
    #[must_use]
    pub fn new(ring: KeyRing, others: Vec<Box<dyn CredentialProvider>>) -> Self {
        let managed: Box<dyn CredentialProvider> = Box::new(ManagedProvider::new(ring.clone()));
        let providers =
            others.into_iter().chain([managed]).map(|provider| (provider.name(), provider)).collect();
        Self { ring, providers: Arc::new(providers) }
    }

    /// The names of the providers, in order.
    pub fn providers(&self) -> impl Iterator<Item = &'static str> {
        self.providers.keys().copied()
    }

    /// The key ring, for secrets that belong to no connection and for rotation.
    #[must_use]
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Seals the values of a credential for the provider `managed`. The result holds the references to store.
    pub fn seal(
        &self,
        values: &BTreeMap<String, SecretString>,
        scope: &Scope,
    ) -> Result<BTreeMap<String, SealedSecret>, Error> {
        let sealed = values.iter().map(|(field, value)| {
            Ok((field.clone(), self.ring.seal(value, &Context::credential(scope, field))?))
        });
        sealed.collect()
    }

    /// Fetches the values of a connection's credential from their provider.
    pub async fn fetch(
        &self,
        provider: &str,
        references: &BTreeMap<String, String>,
        scope: &Scope,
    ) -> Result<Credential, Error> {
        let provider =
            self.providers.get(provider).ok_or_else(|| Error::UnknownProvider(provider.to_owned()))?;
        let mut values = Vec::with_capacity(references.len());
        for (field, reference) in references {
            values
                .push((field.clone(), provider.fetch(reference, &Context::credential(scope, field)).await?));
        }
        Ok(values.into_iter().collect())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("ring", &self.ring)
            .field("providers", &self.providers().collect::<Vec<_>>())
            .finish()
    }
}
