//! Seals the audit log as it grows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use executor_core::OrganizationId;
use executor_core::audit::verify::HeadProof;
use executor_store::{Error, HeadTags, Sealed};
use executor_vault::KeyRing;

use crate::Inner;

/// How often entries are looked for. Each is sealed within a second.
const INTERVAL: Duration = Duration::from_millis(500);

/// How soon a process looks again whether another has sealed.
const ELSEWHERE: Duration = Duration::from_millis(50);

/// Tags heads with a key that is made of the vault's and never in the database.
pub(crate) struct VaultTags(pub(crate) KeyRing);

impl HeadTags for VaultTags {
    fn tag(&self, head: &str) -> Result<String, String> {
        self.0.authenticate(head).map_err(|error| error.to_string())
    }

    fn check(&self, head: &str, tag: &str) -> HeadProof {
        match self.0.is_authentic(head, tag) {
            Ok(true) => HeadProof::Authentic,
            Ok(false) => HeadProof::Forged,
            Err(_) => HeadProof::KeyUnknown,
        }
    }
}

/// Seals until the engine closes.
pub(crate) async fn serve(engine: Arc<Inner>) {
    let mut refused = BTreeSet::new();
    loop {
        tokio::select! {
            () = engine.scheduler.closing() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        if let Err(error) = engine.seal_audit(&mut refused).await {
            tracing::error!(%error, "the audit log cannot be sealed");
        }
    }
}

impl Inner {
    /// Seals what every organization has. Those whose chain is refused are remembered, so that each is told of once.
    pub(crate) async fn seal_audit(&self, refused: &mut BTreeSet<OrganizationId>) -> Result<(), Error> {
        for organization in self.store.unsealed().await? {
            match self.seal_organization(organization).await? {
                Sealed::Refused(proof) => {
                    if refused.insert(organization) {
                        tracing::error!(
                            %organization,
                            ?proof,
                            "the head of an audit log is not ours; nothing is sealed behind it: executor audit verify"
                        );
                    }
                }
                _ => {
                    refused.remove(&organization);
                }
            }
        }
        Ok(())
    }

    /// Seals all that an organization has, unless another process is at it.
    pub(crate) async fn seal_organization(&self, organization: OrganizationId) -> Result<Sealed, Error> {
        loop {
            let sealed = self.store.seal(organization, self.head_tags.clone(), self.clock.now()).await?;
            match sealed {
                Sealed::Some(_) => {}
                other => return Ok(other),
            }
        }
    }

    /// Waits until everything that an organization has is sealed. Says whether it could be.
    pub(crate) async fn settle_audit(&self, organization: OrganizationId) -> Result<bool, Error> {
        for _ in 0..100 {
            match self.seal_organization(organization).await? {
                Sealed::Elsewhere => tokio::time::sleep(ELSEWHERE).await,
                Sealed::Refused(_) => return Ok(false),
                _ => return Ok(true),
            }
        }
        Ok(false)
    }
}
