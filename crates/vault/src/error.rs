//! What can go wrong with a secret. No variant carries one.

use std::path::PathBuf;

use executor_egress::InjectionError;

use crate::key::KeyFingerprint;

/// A secret that cannot be kept, opened, fetched or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key is shorter than a random key would be.
    #[error("a secret key needs at least {minimum} characters; `openssl rand -base64 32` makes a good one")]
    KeyTooShort {
        /// The least number of characters.
        minimum: usize,
    },
    /// The key contains what separates keys in a list of keys.
    #[error("a secret key may not contain commas or white space")]
    KeyCharacters,
    /// Others than its owner may read the file.
    #[error("{} can be read by others (mode {mode:o}); run `chmod 600` on it", .path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or written. The cause names it.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    Randomness,
    /// Not the text of a sealed secret.
    #[error("the stored secret is damaged: it does not have the form of a sealed secret")]
    Malformed,
    /// Sealed by a newer version.
    #[error("the stored secret has the format `{0}`, which this version does not know")]
    UnknownFormat(String),
    /// Sealed under a key that the ring does not have.
    #[error(
        "the stored secret is sealed under key {0}, which is not at hand; list that key in EXECUTOR_SECRET_KEY_PREVIOUS"
    )]
    UnknownKey(KeyFingerprint),
    /// Altered, or sealed for another tenant, connection or field.
    #[error("the stored secret does not open: it was altered, or it belongs to another place")]
    Refused,
    /// The plaintext is not text.
    #[error("the secret is not UTF-8 text")]
    NotText,
    /// The secret is too large for a credential.
    #[error("the secret is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// A connection names a provider that is not set up.
    #[error("the credential provider `{0}` is not set up on this server")]
    UnknownProvider(String),
    /// The operator has not opened this place to credentials.
    #[error("the reference `{reference}` is refused: {reason}")]
    Reference {
        /// The reference as the connection has it.
        reference: String,
        /// Why, and what is allowed.
        reason: String,
    },
    /// There is nothing at the reference.
    #[error("there is no secret at `{0}`")]
    Absent(String),
    /// The request needs a value that the connection does not have.
    #[error("the connection has no value for `{0}`")]
    MissingValue(String),
    /// The secret does not fit where the request carries it.
    #[error(transparent)]
    Injection(#[from] InjectionError),
}
