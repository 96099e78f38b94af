//! What a server may say unasked, and what is made of it.
//!
//! We declare no capability, so a server has nothing to ask: sampling, elicitation and roots are answered as unknown. Of
//! its notifications only those count that say that its lists have changed.

use rmcp::handler::client::ClientHandler;
use rmcp::model::{ClientCapabilities, ClientConfig, Implementation, ProtocolVersion, SubscriptionFilter};
use rmcp::service::NotificationContext;
use rmcp::{Peer, RoleClient};
use tokio::sync::broadcast;

/// Tells everyone who wants to know that what an address offers has changed.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    address: String,
    changes: broadcast::Sender<String>,
}

impl Listener {
    pub(super) fn new(address: String, changes: broadcast::Sender<String>) -> Self {
        Self { address, changes }
    }

    /// Tells it. A message that nobody waits for is lost, and that is as well.
    pub(super) fn changed(&self) {
        let _ = self.changes.send(self.address.clone());
    }

    /// Since 2026-07-28 a server tells only who has asked for it. Ends with the session.
    pub(super) async fn subscribe(self, peer: Peer<RoleClient>) {
        let filter = SubscriptionFilter::builder()
            .tools_list_changed()
            .prompts_list_changed()
            .resources_list_changed()
            .build();
        let Ok(mut subscription) = peer.listen(filter).await else { return };
        while let Ok(Some(_)) = subscription.next().await {
            self.changed();
        }
    }
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let us = Implementation::new("executor", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), us)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed();
    }

    async fn on_prompt_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed();
    }

    async fn on_resource_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed();
    }
}
