//! Webhooks: who is told what happens in a workspace.

use executor_core::{AuditEntry, OrganizationId, Timestamp, WebhookEvent, WebhookId, WorkspaceId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{webhook_deliveries, webhooks};
use crate::error::Error;
use crate::read::{json, parse, time, to_json};

/// A webhook. Its secret is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace of which it is told.
    pub workspace: WorkspaceId,
    /// Where messages go.
    pub url: String,
    /// What it is told of.
    pub events: Vec<WebhookEvent>,
    /// The sealed secret with which messages are signed.
    pub secret: String,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Store {
    /// Adds a webhook.
    pub async fn add_webhook(&self, webhook: Webhook, audit: AuditEntry) -> Result<(), Error> {
        let row = webhooks::Model {
            id: webhook.id.to_string(),
            organization_id: webhook.organization.to_string(),
            workspace_id: webhook.workspace.to_string(),
            url: webhook.url,
            events: to_json(&webhook.events)?,
            secret: webhook.secret,
            created_at: webhook.created_at.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                row.into_active_model().insert(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The webhooks of a workspace, oldest first.
    pub async fn webhooks(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<Webhook>, Error> {
        let rows = webhooks::Entity::find()
            .filter(webhooks::Column::OrganizationId.eq(organization.to_string()))
            .filter(webhooks::Column::WorkspaceId.eq(workspace.to_string()))
            .order_by_asc(webhooks::Column::Id)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Removes a webhook with its secret and its deliveries.
    pub async fn remove_webhook(
        &self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = webhooks::Entity::delete_many()
                    .filter(webhooks::Column::Id.eq(webhook.to_string()))
                    .filter(webhooks::Column::WorkspaceId.eq(workspace.to_string()))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("webhook"));
                }
                webhook_deliveries::Entity::delete_many()
                    .filter(webhook_deliveries::Column::WebhookId.eq(webhook.to_string()))
                    .filter(webhook_deliveries::Column::WorkspaceId.eq(workspace.to_string()))
                    .exec(transaction)
                    .await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

pub(crate) fn read(row: webhooks::Model) -> Result<Webhook, Error> {
    const TABLE: &str = "webhooks";
    Ok(Webhook {
        id: parse(TABLE, &row.id)?,
        organization: parse(TABLE, &row.organization_id)?,
        workspace: parse(TABLE, &row.workspace_id)?,
        url: row.url,
        events: json(TABLE, &row.events)?,
        secret: row.secret,
        created_at: time(row.created_at),
    })
}
