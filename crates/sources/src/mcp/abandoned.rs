//! A request whose answer nobody waits for any more: the server is told, and what carries the answer is closed.

use rmcp::model::{CancelledNotificationParam, RequestId};
use rmcp::{Peer, RoleClient};
use tokio::runtime::Handle;

/// Tells the server when it is dropped before the answer has come.
pub(super) struct Abandoned {
    peer: Peer<RoleClient>,
    request: Option<RequestId>,
}

impl Abandoned {
    pub(super) fn unless_answered(peer: &Peer<RoleClient>, request: &RequestId) -> Self {
        Self { peer: peer.clone(), request: Some(request.clone()) }
    }

    /// The answer has come.
    pub(super) fn answered(mut self) {
        self.request = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        let (Some(request), Ok(runtime)) = (self.request.take(), Handle::try_current()) else { return };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            let reason = Some("nobody waits for the answer any more".to_owned());
            let told = peer.notify_cancelled(CancelledNotificationParam::new(Some(request), reason)).await;
            if let Err(error) = told {
                tracing::debug!(%error, "a server could not be told that nobody waits");
            }
        });
    }
}
