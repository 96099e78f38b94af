//! The secrets of a connection on their way to the socket. Nobody here can read them.

use executor_core::tool::CredentialSlot;
use executor_egress::{Injection, Origin};
use executor_store::Connection;
use executor_vault::Scope as SecretScope;

use crate::Inner;

impl Inner {
    /// The connection's secrets where `slots` want them, for that origin only; none where nothing is wanted. The error is
    /// a sentence.
    pub(crate) async fn injection(
        &self,
        connection: &Connection,
        slots: &[CredentialSlot],
        origin: Origin,
    ) -> Result<Option<Injection>, String> {
        if slots.is_empty() {
            return Ok(None);
        }
        let unavailable = |error: &dyn std::fmt::Display| {
            format!("The secret of the connection `{}` cannot be used: {error}.", connection.name)
        };
        let references = connection.secret.as_deref().or(connection.reference.as_deref()).unwrap_or("{}");
        let references = serde_json::from_str(references).map_err(|error| unavailable(&error))?;
        let scope = secret_scope(connection);
        let secret = self.vault.fetch(&connection.provider, &references, &scope).await;
        let secret = secret.map_err(|error| unavailable(&error))?;
        secret.inject(slots, origin).map(Some).map_err(|error| unavailable(&error))
    }
}

/// What a connection's sealed secret is bound to.
pub(crate) fn secret_scope(connection: &Connection) -> SecretScope {
    SecretScope {
        organization: connection.organization,
        workspace: connection.workspace,
        connection: connection.id,
    }
}
