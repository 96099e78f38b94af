//! The connection that a source is added with: its credential also reads the document.

use executor_core::tool::{CredentialSlot, Placement};
use executor_core::{AuditAction, AuditEntry, ConnectionId, Failure, SourceId};
use executor_egress::{Injection, Url};
use executor_store::{Connection, Source};

use super::Workspace;
use super::connections::view;
use crate::Inner;
use crate::import::json;
use crate::view::{AuthenticationMethod, ConnectionOwner, NewSourceConnection};

/// A connection to a source that is not there yet.
pub(super) struct FirstConnection {
    connection: Connection,
    /// Where its secret goes while nothing is known of the source.
    slot: CredentialSlot,
}

impl FirstConnection {
    pub(super) fn new(
        workspace: &Workspace,
        source: SourceId,
        wanted: NewSourceConnection,
    ) -> Result<Self, Failure> {
        let slot = CredentialSlot {
            name: "token".to_owned(),
            placement: wanted.placement.unwrap_or(Placement::Bearer),
        };
        let method = method_of(&slot);
        let owner = ConnectionOwner::Workspace;
        let name = wanted.name.unwrap_or_else(|| "default".to_owned());
        let provider = wanted.provider;
        let mut connection = workspace.new_connection(source, name, owner, provider)?;
        workspace.give_secret(&mut connection, Some(&method), &wanted.values, wanted.reference)?;
        Ok(Self { connection, slot })
    }

    /// Its credential, for the address of the document.
    pub(super) async fn injection(&self, engine: &Inner, url: &str) -> Result<Option<Injection>, Failure> {
        match Url::parse(url) {
            Ok(url) => {
                engine.document_injection(&self.connection, std::slice::from_ref(&self.slot), &url).await
            }
            // The address is refused where it is asked.
            Err(_) => Ok(None),
        }
    }

    /// Makes it a connection to the source, which is known now: by the method that has its place, or by one of its own
    /// where the document states none.
    pub(super) fn join(&mut self, workspace: &Workspace, source: &mut Source) -> Result<AuditEntry, Failure> {
        let methods: Vec<AuthenticationMethod> = source.methods.read().unwrap_or_default();
        let fits = |method: &&AuthenticationMethod| matches!(method.slots.as_slice(), [only] if only.placement == self.slot.placement);
        let method = match methods.iter().find(fits) {
            Some(method) => method.name.clone(),
            None => {
                let own = method_of(&self.slot);
                let name = own.name.clone();
                source.methods = json(&methods.into_iter().chain([own]).collect::<Vec<_>>())?;
                name
            }
        };
        self.connection.method = Some(method);
        source.reads_with = Some(self.connection.id);
        let shown = view(&self.connection, source);
        let id: ConnectionId = self.connection.id;
        Ok(workspace.audit(AuditAction::ConnectionAdded).on(id).with(&shown))
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}

fn method_of(slot: &CredentialSlot) -> AuthenticationMethod {
    AuthenticationMethod {
        name: slot.name.clone(),
        description: "As the source was added.".to_owned(),
        slots: vec![slot.clone()],
    }
}
