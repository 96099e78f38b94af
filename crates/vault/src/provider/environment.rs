//! `env`: the reference is the name of an environment variable.

use std::collections::BTreeMap;
use std::fmt;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::context::Context;
use crate::error::Error;
use crate::provider::CredentialProvider;

/// Gives out the environment variables that begin with the operator's prefix. It never holds any other.
#[derive(Clone)]
pub struct EnvironmentProvider {
    prefix: String,
    variables: BTreeMap<String, SecretString>,
}

impl EnvironmentProvider {
    /// Takes from `environment` what begins with `prefix`, which may not be empty.
    pub fn new(prefix: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        if prefix.is_empty() {
            let reason = "the prefix of the variables that may be used is empty".to_owned();
            return Err(Error::Reference { reference: prefix.to_owned(), reason });
        }
        let ours = environment.into_iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(Self {
            prefix: prefix.to_owned(),
            variables: ours.map(|(name, value)| (name, value.into())).collect(),
        })
    }
}

impl CredentialProvider for EnvironmentProvider {
    fn name(&self) -> &'static str {
        "env"
    }

    fn fetch<'a>(&'a self, reference: &'a str, _: &'a Context) -> BoxFuture<'a, Result<SecretString, Error>> {
        let found = if reference.starts_with(&self.prefix) {
            self.variables.get(reference).cloned().ok_or_else(|| Error::Absent(reference.to_owned()))
        } else {
            let reason = format!("only variables that begin with `{}` may be used", self.prefix);
            Err(Error::Reference { reference: reference.to_owned(), reason })
        };
        std::future::ready(found).boxed()
    }
}

/// Shows the names of the variables only.
impl fmt::Debug for EnvironmentProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("EnvironmentProvider")
            .field(&self.variables.keys().collect::<Vec<_>>())
            .finish()
    }
}
