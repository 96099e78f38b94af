//! Keys and scopes for the tests.

use executor_core::{ConnectionId, OrganizationId, WorkspaceId};
use executor_vault::{KeyRing, Scope, SecretString};
use uuid::Uuid;

/// A value whose appearance anywhere is a leak.
pub(crate) const SECRET: &str = "s3cr3t-canary";

/// A key's text, told apart by `letter`.
pub(crate) fn key(letter: char) -> SecretString {
    letter.to_string().repeat(32).into()
}

/// A ring that seals with the first of `letters`.
pub(crate) fn ring(letters: &str) -> KeyRing {
    let mut keys = letters.chars().map(key);
    let current = keys.next().unwrap();
    KeyRing::new(&current, &keys.collect::<Vec<_>>()).unwrap()
}

/// A connection of an organization, and of a workspace unless that is 0.
pub(crate) fn scope(organization: u128, workspace: u128, connection: u128) -> Scope {
    Scope {
        organization: OrganizationId::from(Uuid::from_u128(organization)),
        workspace: (workspace > 0).then(|| WorkspaceId::from(Uuid::from_u128(workspace))),
        connection: ConnectionId::from(Uuid::from_u128(connection)),
    }
}
