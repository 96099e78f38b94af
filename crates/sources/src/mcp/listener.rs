//! What a server may say unasked, and what is made of it.
//!
//! It may ask a person something in the middle of a call: that goes to whoever waits for the call. Sampling and roots we
//! do not declare, and answer as unknown. Of its notifications those count that say how far a call is, and that its lists
//! have changed.

use std::sync::Arc;

use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ErrorData, FormElicitationCapability, Implementation, ProgressNotificationParam,
    ProtocolVersion, SubscriptionFilter, UrlElicitationCapability,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{Peer, RoleClient};
use tokio::sync::{broadcast, oneshot};

use super::inbox::{Inboxes, Said};

/// Hears what one server says. Everyone who wants to know is told that what its address offers has changed.
#[derive(Clone)]
pub(super) struct Listener {
    address: String,
    changes: broadcast::Sender<String>,
    inboxes: Arc<Inboxes>,
}

impl Listener {
    pub(super) fn new(address: String, changes: broadcast::Sender<String>) -> Self {
        Self { address, changes, inboxes: Arc::default() }
    }

    /// Where the messages about calls go.
    pub(super) fn inboxes(&self) -> &Arc<Inboxes> {
        &self.inboxes
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
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(
            ElicitationCapability::new()
                .with_form(FormElicitationCapability::default())
                .with_url(UrlElicitationCapability::default()),
        );
        ClientConfig::new(capabilities, us).with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }

    async fn create_elicitation(
        &self,
        params: ElicitRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let cancelled = || ElicitResult::new(ElicitationAction::Cancel);
        let Some(inbox) = self.inboxes.asked_by(&context.id) else { return Ok(cancelled()) };
        let (reply, answer) = oneshot::channel();
        if inbox.send(Said::Question(params, reply)).await.is_err() {
            return Ok(cancelled());
        }
        tokio::select! {
            answer = answer => Ok(answer.unwrap_or_else(|_| cancelled())),
            // The server takes it back. So does whoever was asked, as nobody waits for the answer.
            () = context.ct.cancelled() => Ok(cancelled()),
        }
    }

    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.inboxes.progress(progress);
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
