//! What webhooks are told. Written down once, with what it tells of.

use executor_core::approval::ApprovalStatus;
use executor_core::journal::CallHeld;
use executor_core::task::{TaskEnd, TaskStatus};
use executor_core::{
    ApprovalId, ErrorCode, OrganizationId, TaskId, Timestamp, ToolPath, WebhookDeliveryId, WebhookEvent,
    WorkspaceId,
};
use executor_store::{Approval, Authority, Error, NewDelivery, Webhook};
use serde::Serialize;

use crate::Inner;

/// The name of a message that only tries whether messages arrive.
const TEST: &str = "webhook.test";

/// A message's body.
#[derive(Serialize)]
struct Body<'a, T> {
    #[serde(rename = "type")]
    event: &'a str,
    timestamp: String,
    data: T,
}

/// Where it happened.
#[derive(Serialize)]
struct Place {
    organization: OrganizationId,
    workspace: WorkspaceId,
}

/// What is told of an approval.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApprovalData<'a> {
    #[serde(flatten)]
    place: Place,
    task: TaskId,
    call: u32,
    approval: ApprovalId,
    path: &'a ToolPath,
    status: ApprovalStatus,
    expires_at: String,
    url: String,
}

/// What is told of a task's end.
#[derive(Serialize)]
struct TaskData {
    #[serde(flatten)]
    place: Place,
    task: TaskId,
    status: TaskStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorCode>,
}

impl Inner {
    /// What webhooks are told when a call begins to wait for a person.
    pub(crate) async fn messages_of_held(
        &self,
        authority: &Authority,
        task: TaskId,
        held: &CallHeld,
        path: &ToolPath,
    ) -> Result<Vec<NewDelivery>, Error> {
        let place = Place { organization: authority.organization, workspace: authority.workspace };
        let data = ApprovalData {
            task,
            call: held.call,
            approval: held.approval,
            path,
            status: ApprovalStatus::Open,
            expires_at: held.until.to_rfc3339(),
            url: self.approval_url(held.approval),
            place,
        };
        self.messages(WebhookEvent::ApprovalRequested, authority.organization, authority.workspace, &data)
            .await
    }

    /// What webhooks are told of an approval that is closed.
    pub(crate) async fn messages_of_decided(&self, approval: &Approval) -> Result<Vec<NewDelivery>, Error> {
        let (organization, workspace) = (approval.organization, approval.workspace);
        let data = ApprovalData {
            place: Place { organization, workspace },
            task: approval.task,
            call: approval.call,
            approval: approval.id,
            path: &approval.envelope.path,
            status: approval.status,
            expires_at: approval.expires_at.to_rfc3339(),
            url: self.approval_url(approval.id),
        };
        self.messages(WebhookEvent::ApprovalDecided, organization, workspace, &data).await
    }

    /// What webhooks are told of a task's end.
    pub(crate) async fn messages_of_end(
        &self,
        authority: &Authority,
        task: TaskId,
        end: &TaskEnd,
    ) -> Result<Vec<NewDelivery>, Error> {
        let (organization, workspace) = (authority.organization, authority.workspace);
        let error = end.error.as_ref().map(|error| error.failure.code);
        let data = TaskData { place: Place { organization, workspace }, task, status: end.status, error };
        self.messages(WebhookEvent::TaskEnded, organization, workspace, &data).await
    }

    /// A message that only tries whether messages arrive.
    pub(crate) fn test_message(&self, webhook: &Webhook) -> Result<NewDelivery, Error> {
        let place = Place { organization: webhook.organization, workspace: webhook.workspace };
        let now = self.clock.now();
        Ok(self.message(webhook, TEST, body(TEST, now, &place)?, now))
    }

    /// One message for each webhook of the workspace that is told of the event.
    async fn messages(
        &self,
        event: WebhookEvent,
        organization: OrganizationId,
        workspace: WorkspaceId,
        data: &impl Serialize,
    ) -> Result<Vec<NewDelivery>, Error> {
        let webhooks = self.directory.webhooks(organization, workspace).await?;
        let told: Vec<_> = webhooks.iter().filter(|webhook| webhook.events.contains(&event)).collect();
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let body = body(event.as_str(), now, data)?;
        Ok(told.into_iter().map(|webhook| self.message(webhook, event.as_str(), body.clone(), now)).collect())
    }

    fn message(&self, webhook: &Webhook, event: &str, body: String, now: Timestamp) -> NewDelivery {
        NewDelivery {
            id: WebhookDeliveryId::new(self.ids.as_ref(), now),
            organization: webhook.organization,
            workspace: webhook.workspace,
            webhook: webhook.id,
            event: event.to_owned(),
            body,
            created_at: now,
        }
    }

    /// The page on which a person decides about it.
    pub(crate) fn approval_url(&self, approval: ApprovalId) -> String {
        format!("{}/approvals/{approval}", self.settings.public_url)
    }
}

fn body(event: &str, at: Timestamp, data: &impl Serialize) -> Result<String, Error> {
    let body = Body { event, timestamp: at.to_rfc3339(), data };
    serde_json::to_string(&body).map_err(|error| Error::Other(error.to_string()))
}
