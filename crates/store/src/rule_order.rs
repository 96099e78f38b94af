//! The order in which rules are asked.

use executor_core::{AuditEntry, OrganizationId, RuleId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{organizations, rules};
use crate::error::Error;
use crate::transaction::Transaction;

/// How far apart rules are that are added one after the other, so that others fit in between.
pub(crate) const STEP: i64 = 100;

/// Where a rule goes in its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At this position.
    Position(i64),
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// Just before this one.
    Before(RuleId),
    /// Just after this one.
    After(RuleId),
}

impl Store {
    /// Puts a rule at another place in its layer. Gives its position.
    pub async fn move_rule(
        &self,
        organization: OrganizationId,
        rule: RuleId,
        place: Place,
        audit: AuditEntry,
    ) -> Result<i64, Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                lock(transaction, &organization.to_string()).await?;
                let position = put(transaction, organization, rule, place).await?;
                record(transaction, [audit]).await?;
                Ok(position)
            })
        })
        .await
    }
}

/// Two that see the same last rule would take the same place.
pub(crate) async fn lock(transaction: &Transaction, organization: &str) -> Result<(), Error> {
    organizations::Entity::find_by_id(organization).lock_exclusive().one(transaction).await?;
    Ok(())
}

async fn put(
    transaction: &Transaction,
    organization: OrganizationId,
    rule: RuleId,
    place: Place,
) -> Result<i64, Error> {
    let mut others = rules::Entity::find()
        .filter(rules::Column::OrganizationId.eq(organization.to_string()))
        .order_by_asc(rules::Column::Position)
        .order_by_asc(rules::Column::Id)
        .all(transaction)
        .await?;
    let index = |rules: &[rules::Model], id: RuleId| {
        rules.iter().position(|row| row.id == id.to_string()).ok_or(Error::NotFound("rule"))
    };
    let moved = others.remove(index(&others, rule)?);
    others.retain(|row| {
        row.layer == moved.layer
            && row.workspace_id == moved.workspace_id
            && row.account_id == moved.account_id
    });
    let index = match place {
        Place::Position(position) => return set_position(transaction, moved, position).await,
        Place::First => 0,
        Place::Last => others.len(),
        Place::Before(id) => index(&others, id)?,
        Place::After(id) => index(&others, id)? + 1,
    };
    let before = index.checked_sub(1).map(|index| others[index].position);
    let after = others.get(index).map(|row| row.position);
    if let Some(position) = between(before, after) {
        return set_position(transaction, moved, position).await;
    }
    others.insert(index, moved);
    let mut position = 0;
    for (number, row) in (1..).zip(others) {
        let is_moved = row.id == rule.to_string();
        let own = set_position(transaction, row, number * STEP).await?;
        if is_moved {
            position = own;
        }
    }
    Ok(position)
}

/// A position between two others, if there is room.
fn between(before: Option<i64>, after: Option<i64>) -> Option<i64> {
    match (before, after) {
        (None, None) => Some(STEP),
        (Some(before), None) => before.checked_add(STEP),
        (None, Some(after)) => after.checked_sub(STEP),
        (Some(before), Some(after)) => {
            let middle = before.checked_add(after.checked_sub(before)? / 2)?;
            (middle > before && middle < after).then_some(middle)
        }
    }
}

async fn set_position(transaction: &Transaction, row: rules::Model, position: i64) -> Result<i64, Error> {
    let mut row = row.into_active_model();
    row.position = Set(position);
    row.update(transaction).await?;
    Ok(position)
}
