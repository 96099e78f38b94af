//! The sealer: gives entries their numbers and links, in batches, one process at a time.
//!
//! Numbers follow the order in which the sealer sees the entries, not that of their times: on PostgreSQL a slow
//! transaction shows its rows late, and they are sealed then. What is sealed is buffered, not synced: whoever tells
//! somebody of the chain syncs first.

use std::sync::Arc;

use executor_core::audit::chain::{AuditHead, AuditRow};
use executor_core::audit::verify::HeadProof;
use executor_core::{OrganizationId, Timestamp};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
};

use crate::durability::Durability;
use crate::entity::{audit, audit_heads};
use crate::error::Error;
use crate::read::{count, from_count, parse, time};
use crate::transaction::Transaction;
use crate::{Engine, Store};

/// Entries in one batch. On SQLite all other writes wait for it, so it is small.
const BATCH: u64 = 250;

/// Authenticates heads with a key that the database does not have.
pub trait HeadTags: Send + Sync + 'static {
    /// The tag of a head.
    fn tag(&self, head: &str) -> Result<String, String>;
    /// Whether `tag` was made for this head.
    fn check(&self, head: &str, tag: &str) -> HeadProof;
}

/// What came of sealing a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// So many entries were sealed, and there may be more.
    Some(u64),
    /// So many entries were sealed, and no more were there.
    All(u64),
    /// Another process seals.
    Elsewhere,
    /// The chain's head is not known to be written by the holder of the key, so that nothing is put behind it.
    Refused(HeadProof),
}

impl Store {
    /// The organizations with entries that are not sealed yet.
    pub async fn unsealed(&self) -> Result<Vec<OrganizationId>, Error> {
        let rows: Vec<String> = audit::Entity::find()
            .select_only()
            .column(audit::Column::OrganizationId)
            .distinct()
            .filter(audit::Column::Number.is_null())
            .into_tuple()
            .all(&self.readers)
            .await?;
        rows.iter().map(|id| parse("audit", id)).collect()
    }

    /// Seals a batch of an organization's entries.
    pub async fn seal(
        &self,
        organization: OrganizationId,
        tags: Arc<dyn HeadTags>,
        now: Timestamp,
    ) -> Result<Sealed, Error> {
        let engine = self.engine;
        self.write(Durability::Buffered, move |transaction| {
            Box::pin(async move {
                let tags = tags.as_ref();
                let Some(found) = lock_head(transaction, engine, organization, tags, now).await? else {
                    return Ok(Sealed::Elsewhere);
                };
                let mut head = AuditHead {
                    number: count(found.number),
                    link: found.link,
                    sealed_at: time(found.sealed_at),
                };
                match tags.check(&head.digest(organization), &found.tag) {
                    HeadProof::Authentic => {}
                    other => return Ok(Sealed::Refused(other)),
                }
                let rows = audit::Entity::find()
                    .filter(audit::Column::OrganizationId.eq(organization.to_string()))
                    .filter(audit::Column::Number.is_null())
                    .order_by_asc(audit::Column::Id)
                    .limit(BATCH)
                    .all(transaction)
                    .await?;
                let sealed = rows.len() as u64;
                if sealed == 0 {
                    return Ok(Sealed::All(0));
                }
                let rows = rows.into_iter().map(AuditRow::from).map(|row| extend(&mut head, row)).collect();
                head.sealed_at = now;
                number_rows(transaction, organization, rows).await?;
                write_head(transaction, organization, &head, tags).await?;
                Ok(if sealed < BATCH { Sealed::All(sealed) } else { Sealed::Some(sealed) })
            })
        })
        .await
    }
}

/// Puts an entry at the end of the chain. Gives its id, its number and its link.
fn extend(head: &mut AuditHead, row: AuditRow) -> (String, u64, String) {
    head.number += 1;
    head.link = row.link_after(&head.link, head.number);
    (row.id, head.number, head.link.clone())
}

/// The head, held until the transaction ends; it is made if there is none. None if somebody else holds it.
async fn lock_head(
    transaction: &Transaction,
    engine: Engine,
    organization: OrganizationId,
    tags: &dyn HeadTags,
    now: Timestamp,
) -> Result<Option<audit_heads::Model>, Error> {
    let find = || audit_heads::Entity::find_by_id(organization.to_string());
    if find().one(transaction).await?.is_none() {
        let row = head_row(organization, &AuditHead::empty(now), tags)?;
        audit_heads::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(audit_heads::Column::OrganizationId).do_nothing().to_owned())
            .exec_without_returning(transaction)
            .await?;
    }
    let held = match engine {
        Engine::Sqlite => find(),
        Engine::Postgres => find().lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
    };
    Ok(held.one(transaction).await?)
}

fn head_row(
    organization: OrganizationId,
    head: &AuditHead,
    tags: &dyn HeadTags,
) -> Result<audit_heads::Model, Error> {
    Ok(audit_heads::Model {
        organization_id: organization.to_string(),
        number: from_count(head.number),
        link: head.link.clone(),
        sealed_at: head.sealed_at.as_millis(),
        tag: tags.tag(&head.digest(organization)).map_err(Error::Other)?,
    })
}

async fn write_head(
    transaction: &Transaction,
    organization: OrganizationId,
    head: &AuditHead,
    tags: &dyn HeadTags,
) -> Result<(), Error> {
    use audit_heads::Column;
    let row = head_row(organization, head, tags)?;
    audit_heads::Entity::update_many()
        .col_expr(Column::Number, Expr::value(row.number))
        .col_expr(Column::Link, Expr::value(row.link))
        .col_expr(Column::SealedAt, Expr::value(row.sealed_at))
        .col_expr(Column::Tag, Expr::value(row.tag))
        .filter(Column::OrganizationId.eq(row.organization_id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// All rows in one statement: there are many, and each would be a way to the database and back.
async fn number_rows(
    transaction: &Transaction,
    organization: OrganizationId,
    rows: Vec<(String, u64, String)>,
) -> Result<(), Error> {
    let backend = transaction.get_database_backend();
    let mut values: Vec<Value> = vec![organization.to_string().into()];
    let mut places = Vec::with_capacity(rows.len());
    for (id, number, link) in rows {
        let at = values.len();
        places.push(match backend {
            DbBackend::Postgres => format!("(${}::text, ${}::bigint, ${}::text)", at + 1, at + 2, at + 3),
            _ => format!("(${}, ${}, ${})", at + 1, at + 2, at + 3),
        });
        values.extend([id.into(), from_count(number).into(), link.into()]);
    }
    let sql = format!(
        "WITH sealed (id, number, link) AS (VALUES {}) UPDATE audit SET number = sealed.number, link = sealed.link
         FROM sealed WHERE audit.organization_id = $1 AND audit.id = sealed.id AND audit.number IS NULL",
        places.join(", ")
    );
    let done = transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    match done.rows_affected() == places.len() as u64 {
        true => Ok(()),
        false => Err(Error::corrupt("audit", "an entry was changed while it was sealed")),
    }
}
