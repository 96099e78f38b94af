//! What keeps a credential.
//!
//! A connection stores one *reference* for each value of its credential; what a reference means is the provider's own
//! affair. Providers give access to what the operator has opened for it, never to all that this process could read.

mod environment;
mod file;
mod managed;

use futures::future::BoxFuture;
use secrecy::SecretString;

pub use environment::EnvironmentProvider;
pub use file::FileProvider;
pub use managed::ManagedProvider;

use crate::context::Context;
use crate::error::Error;

/// A keeper of secrets.
pub trait CredentialProvider: Send + Sync + 'static {
    /// The name by which a connection refers to it.
    fn name(&self) -> &'static str;

    /// The secret at `reference`, for use in `context`.
    fn fetch<'a>(
        &'a self,
        reference: &'a str,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<SecretString, Error>>;
}
