//! A credential in the clear, for as long as it takes to put it into a request.

use std::collections::BTreeMap;
use std::fmt;

use executor_core::tool::{CredentialSlot, Placement};
use executor_egress::{Injection, Origin};
use secrecy::SecretString;

use crate::error::Error;

const TOKEN: &str = "token";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";

/// The named values behind a connection: `token`, `username` and `password`, or one value a slot.
#[derive(Clone, Default)]
pub struct Credential(BTreeMap<String, SecretString>);

impl Credential {
    /// The value called `name`.
    fn value(&self, name: &str) -> Result<&SecretString, Error> {
        self.0.get(name).ok_or_else(|| Error::MissingValue(name.to_owned()))
    }

    /// Puts the values where `slots` want them, for requests to `origin` only.
    ///
    /// `Basic` takes `username` and `password`. Any other slot takes the value of its own name; where there is only one
    /// such slot, `token` will do.
    pub fn inject(&self, slots: &[CredentialSlot], origin: Origin) -> Result<Injection, Error> {
        let is_single = slots.iter().filter(|slot| slot.placement != Placement::Basic).count() == 1;
        let secret = |slot: &CredentialSlot| match self.0.get(&slot.name) {
            Some(value) => Ok(value),
            None if is_single => self.value(TOKEN),
            None => Err(Error::MissingValue(slot.name.clone())),
        };
        slots.iter().try_fold(Injection::new(origin), |injection, slot| {
            Ok(match &slot.placement {
                Placement::Bearer => injection.bearer(secret(slot)?)?,
                Placement::Basic => injection.basic(self.value(USERNAME)?, self.value(PASSWORD)?)?,
                Placement::Header(name) => injection.header(name, secret(slot)?.clone())?,
                Placement::Query(name) => injection.query(name, secret(slot)?.clone())?,
                Placement::Cookie(name) => injection.cookie(name, secret(slot)?.clone())?,
                Placement::Environment(name) => injection.environment(name, secret(slot)?.clone())?,
            })
        })
    }
}

impl FromIterator<(String, SecretString)> for Credential {
    fn from_iter<T: IntoIterator<Item = (String, SecretString)>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Shows the names of the values only.
impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Credential").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}
