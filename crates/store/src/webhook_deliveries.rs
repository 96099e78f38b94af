//! The outbox of webhooks.
//!
//! A delivery is written in the transaction of what it tells of, so that none is lost and none tells of what did not
//! happen. Whoever takes one moves its due time ahead by a lease and counts the attempt; only the latest attempt settles
//! it. So several processes never send one at once, and one that dies loses nothing.

use executor_core::{DeliveryStatus, OrganizationId, Timestamp, WebhookDeliveryId, WebhookId, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::durability::Durability;
use crate::entity::{webhook_deliveries, webhooks};
use crate::error::Error;
use crate::read::{named, parse, some_time, time};
use crate::transaction::{Transaction, insert_all};
use crate::webhooks::{Webhook, read as read_webhook};
use crate::{Engine, Store};

/// Deliveries that are removed in one batch. On SQLite all other writes wait for it.
const REMOVED_AT_ONCE: u64 = 500;

/// A message to be sent to a webhook, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The name of what it tells of.
    pub event: String,
    /// What is sent, the same each time.
    pub body: String,
    /// When what it tells of happened.
    pub created_at: Timestamp,
}

/// A message to a webhook, and how far its delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What is sent, and where.
    pub new: NewDelivery,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many times it was taken to be sent.
    pub attempts: u32,
    /// When it is due; while it is being sent, when the lease ends. None once it has ended.
    pub due_at: Option<Timestamp>,
    /// When it was last sent.
    pub attempted_at: Option<Timestamp>,
    /// The status with which the receiver last answered, if it did.
    pub response_status: Option<u16>,
    /// Why it last failed.
    pub error: Option<String>,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// When it was made.
    pub at: Timestamp,
    /// The status with which the receiver answered, if it did.
    pub response_status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// What follows.
    pub then: AfterAttempt,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAttempt {
    /// The receiver took it.
    Delivered,
    /// It is sent again then.
    RetryAt(Timestamp),
    /// It is given up.
    GivenUp,
}

impl Store {
    /// Writes a message that tells of nothing else in the database.
    pub async fn add_delivery(&self, delivery: NewDelivery) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move { post(transaction, vec![delivery]).await })
        })
        .await
    }

    /// The messages to a webhook, newest first.
    pub async fn deliveries(
        &self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        before: Option<WebhookDeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        use webhook_deliveries::Column;
        let mut query = webhook_deliveries::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.to_string()))
            .filter(Column::WebhookId.eq(webhook.to_string()))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit));
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before.to_string()));
        }
        query.all(&self.readers).await?.into_iter().map(read).collect()
    }

    /// Gives the caller, until the lease ends, the message of the whole deployment that has been due for the longest time,
    /// with its webhook. Not one to a webhook of `busy`.
    pub async fn claim_delivery(
        &self,
        busy: &[WebhookId],
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<(Delivery, Webhook)>, Error> {
        let due = due(busy, now);
        // The look costs no write, and there is nearly always nothing.
        if due.clone().one(&self.readers).await?.is_none() {
            return Ok(None);
        }
        let engine = self.engine;
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move { claim(transaction, engine, due, lease_until).await })
        })
        .await
    }

    /// Records how an attempt went, unless the message was taken again meanwhile. Says whether it was recorded.
    pub async fn settle_delivery(
        &self,
        delivery: &Delivery,
        attempt: DeliveryAttempt,
    ) -> Result<bool, Error> {
        use webhook_deliveries::Column;
        let (status, due_at) = match attempt.then {
            AfterAttempt::Delivered => (DeliveryStatus::Delivered, None),
            AfterAttempt::RetryAt(at) => (DeliveryStatus::Pending, Some(at.as_millis())),
            AfterAttempt::GivenUp => (DeliveryStatus::Failed, None),
        };
        let update = webhook_deliveries::Entity::update_many()
            .col_expr(Column::Status, Expr::value(status.as_str()))
            .col_expr(Column::DueAt, Expr::value(due_at))
            .col_expr(Column::AttemptedAt, Expr::value(attempt.at.as_millis()))
            .col_expr(Column::ResponseStatus, Expr::value(attempt.response_status.map(i64::from)))
            .col_expr(Column::Error, Expr::value(attempt.error))
            .filter(Column::Id.eq(delivery.new.id.to_string()))
            .filter(Column::WorkspaceId.eq(delivery.new.workspace.to_string()))
            .filter(Column::Status.eq(DeliveryStatus::Pending.as_str()))
            .filter(Column::Attempts.eq(i64::from(delivery.attempts)));
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move { Ok(update.exec(transaction).await?.rows_affected > 0) })
        })
        .await
    }

    /// Removes a batch of an organization's messages from before `until`. Says how many.
    pub async fn remove_deliveries(
        &self,
        organization: OrganizationId,
        until: Timestamp,
    ) -> Result<u64, Error> {
        use webhook_deliveries::Column;
        let old = webhook_deliveries::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .filter(Column::CreatedAt.lt(until.as_millis()))
            .limit(REMOVED_AT_ONCE);
        let ids: Vec<String> = old.into_tuple().all(&self.readers).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                let removed = webhook_deliveries::Entity::delete_many()
                    .filter(Column::OrganizationId.eq(organization.to_string()))
                    .filter(Column::Id.is_in(ids))
                    .exec(transaction)
                    .await?;
                Ok(removed.rows_affected)
            })
        })
        .await
    }
}

/// Writes messages in the transaction of what they tell of.
pub(crate) async fn post(transaction: &Transaction, deliveries: Vec<NewDelivery>) -> Result<(), Error> {
    let rows = deliveries.into_iter().map(row).collect();
    insert_all::<webhook_deliveries::Model, _>(transaction, rows).await
}

/// The next message that is due.
fn due(busy: &[WebhookId], now: Timestamp) -> sea_orm::Select<webhook_deliveries::Entity> {
    use webhook_deliveries::Column;
    let mut due = Condition::all().add(Column::DueAt.lte(now.as_millis()));
    if !busy.is_empty() {
        due = due.add(Column::WebhookId.is_not_in(busy.iter().map(ToString::to_string)));
    }
    webhook_deliveries::Entity::find().filter(due).order_by_asc(Column::DueAt).limit(1)
}

async fn claim(
    transaction: &Transaction,
    engine: Engine,
    due: sea_orm::Select<webhook_deliveries::Entity>,
    lease_until: Timestamp,
) -> Result<Option<(Delivery, Webhook)>, Error> {
    use webhook_deliveries::Column;
    let due = match engine {
        Engine::Sqlite => due,
        Engine::Postgres => due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
    };
    let Some(mut row) = due.one(transaction).await? else { return Ok(None) };
    let webhook = webhooks::Entity::find_by_id(&row.webhook_id)
        .filter(webhooks::Column::WorkspaceId.eq(&row.workspace_id))
        .one(transaction)
        .await?;
    let Some(webhook) = webhook else {
        // Written by a process that had not heard of the webhook's removal.
        webhook_deliveries::Entity::delete_many()
            .filter(Column::WebhookId.eq(&row.webhook_id))
            .filter(Column::WorkspaceId.eq(&row.workspace_id))
            .exec(transaction)
            .await?;
        return Ok(None);
    };
    webhook_deliveries::Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(lease_until.as_millis()))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(&row.id))
        .exec(transaction)
        .await?;
    row.attempts += 1;
    row.due_at = Some(lease_until.as_millis());
    Ok(Some((read(row)?, read_webhook(webhook)?)))
}

fn row(delivery: NewDelivery) -> webhook_deliveries::Model {
    webhook_deliveries::Model {
        id: delivery.id.to_string(),
        organization_id: delivery.organization.to_string(),
        workspace_id: delivery.workspace.to_string(),
        webhook_id: delivery.webhook.to_string(),
        event: delivery.event,
        body: delivery.body,
        status: DeliveryStatus::Pending.as_str().to_owned(),
        attempts: 0,
        due_at: Some(delivery.created_at.as_millis()),
        attempted_at: None,
        response_status: None,
        error: None,
        created_at: delivery.created_at.as_millis(),
    }
}

fn read(row: webhook_deliveries::Model) -> Result<Delivery, Error> {
    const TABLE: &str = "webhook_deliveries";
    let status = |value: i64| u16::try_from(value).map_err(|error| Error::corrupt(TABLE, error));
    Ok(Delivery {
        new: NewDelivery {
            id: parse(TABLE, &row.id)?,
            organization: parse(TABLE, &row.organization_id)?,
            workspace: parse(TABLE, &row.workspace_id)?,
            webhook: parse(TABLE, &row.webhook_id)?,
            event: row.event,
            body: row.body,
            created_at: time(row.created_at),
        },
        status: named(TABLE, DeliveryStatus::from_name(&row.status), &row.status)?,
        attempts: u32::try_from(row.attempts).map_err(|error| Error::corrupt(TABLE, error))?,
        due_at: some_time(row.due_at),
        attempted_at: some_time(row.attempted_at),
        response_status: row.response_status.map(status).transpose()?,
        error: row.error,
    })
}
