//! Policy rules.

use executor_core::policy::{self, Effect, Layer, Rule};
use executor_core::{AccountId, AuditEntry, OrganizationId, RuleId, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::rules;
use crate::error::Error;
use crate::read::{json, named, parse, parse_some, time, to_json};
use crate::rule_order::{STEP, lock};

/// A rule with where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRule {
    /// The rule.
    pub rule: Rule,
    /// The workspace, for a rule of one.
    pub workspace: Option<WorkspaceId>,
    /// The account, for a rule of one.
    pub account: Option<AccountId>,
    /// Who made it.
    pub created_by: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// Adds a rule; without a position of its own it comes after all others of its layer. Gives its position.
    pub async fn add_rule(
        &self,
        organization: OrganizationId,
        rule: StoredRule,
        position: Option<i64>,
        audit: AuditEntry,
    ) -> Result<i64, Error> {
        let row = rules::Model {
            id: rule.rule.id.to_string(),
            organization_id: organization.to_string(),
            workspace_id: rule.workspace.map(|id| id.to_string()),
            account_id: rule.account.map(|id| id.to_string()),
            layer: rule.rule.layer.as_str().to_owned(),
            position: 0,
            effect: rule.rule.effect.as_str().to_owned(),
            tools: rule.rule.tools.to_string(),
            connection: rule.rule.connection.map(|connection| connection.to_string()),
            caller: rule.rule.caller.as_ref().map(to_json).transpose()?,
            condition: rule.rule.condition.map(|condition| condition.as_str().to_owned()),
            approvers: rule.rule.approvers.as_ref().map(to_json).transpose()?,
            created_by: rule.created_by.to_string(),
            created_at: rule.created_at.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                lock(transaction, &row.organization_id).await?;
                let last = rules::Entity::find()
                    .filter(rules::Column::OrganizationId.eq(&row.organization_id))
                    .filter(rules::Column::Layer.eq(&row.layer))
                    .order_by_desc(rules::Column::Position)
                    .one(transaction)
                    .await?;
                let position =
                    position.unwrap_or_else(|| last.map_or(STEP, |last| last.position.saturating_add(STEP)));
                let mut row = row.into_active_model();
                row.position = Set(position);
                row.insert(transaction).await?;
                record(transaction, [audit]).await?;
                Ok(position)
            })
        })
        .await
    }

    /// The rules that are heard in a workspace: its organization's, its own, and those of every account. In the
    /// order in which they are asked.
    pub async fn rules(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<StoredRule>, Error> {
        let rows = rules::Entity::find()
            .filter(rules::Column::OrganizationId.eq(organization.to_string()))
            .filter(
                Condition::any()
                    .add(rules::Column::WorkspaceId.is_null())
                    .add(rules::Column::WorkspaceId.eq(workspace.to_string())),
            )
            .order_by_asc(rules::Column::Position)
            .order_by_asc(rules::Column::Id)
            .all(&self.readers)
            .await?;
        let mut rules = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        rules.sort_by_key(|stored| stored.rule.layer);
        Ok(rules)
    }

    /// Removes a rule.
    pub async fn remove_rule(
        &self,
        organization: OrganizationId,
        rule: RuleId,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = rules::Entity::delete_many()
                    .filter(rules::Column::Id.eq(rule.to_string()))
                    .filter(rules::Column::OrganizationId.eq(organization.to_string()))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("rule"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

fn read(row: rules::Model) -> Result<StoredRule, Error> {
    Ok(StoredRule {
        rule: Rule {
            id: parse("rules", &row.id)?,
            layer: named("rules", Layer::from_name(&row.layer), &row.layer)?,
            position: row.position,
            effect: named("rules", Effect::from_name(&row.effect), &row.effect)?,
            tools: parse("rules", &row.tools)?,
            connection: parse_some("rules", row.connection.as_deref())?,
            caller: row.caller.map(|caller| json("rules", &caller)).transpose()?,
            condition: row.condition.map(|text| policy::Condition::unchecked(&text)),
            approvers: row.approvers.map(|approvers| json("rules", &approvers)).transpose()?,
        },
        workspace: parse_some("rules", row.workspace_id.as_deref())?,
        account: parse_some("rules", row.account_id.as_deref())?,
        created_by: parse("rules", &row.created_by)?,
        created_at: time(row.created_at),
    })
}
