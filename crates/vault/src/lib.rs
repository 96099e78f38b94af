//! Secrets: envelope encryption at rest, the providers that keep credentials, and their way to the socket.
//!
//! What holds here:
//!
//! - Storage sees ciphertext only. Each secret has a key of its own, which is wrapped by a key-encryption key of the
//!   [`KeyRing`]; the ciphertext names that key, so keys can be rotated from the first day on.
//! - A ciphertext opens only in the [`Context`] that it was sealed for: tenant, connection and field. Moved to another
//!   row it is noise.
//! - Nothing that holds a plaintext shows or serializes it. The only way out is [`Credential::inject`], into an
//!   [`Injection`](executor_egress::Injection) that nobody can read either. A webhook's secret never leaves again after
//!   it was made: the [`KeyRing`] signs with it.
//! - A failure says what is wrong and what to do, never what the secret is.

mod authentication;
mod context;
mod credential;
mod envelope;
mod error;
mod key;
mod key_file;
mod key_ring;
mod provider;
mod sealed;
mod token;
mod vault;
mod webhook;

pub use context::{Context, Scope};
pub use credential::Credential;
pub use error::Error;
pub use key::KeyFingerprint;
pub use key_ring::{KeyRing, Keys};
pub use provider::{CredentialProvider, EnvironmentProvider, FileProvider, ManagedProvider};
pub use sealed::SealedSecret;
pub use secrecy::SecretString;
pub use token::random_token;
pub use vault::Vault;
