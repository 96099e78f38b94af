//! Checking a log as it stands in the database, page by page.

use executor_core::OrganizationId;
use executor_core::audit::chain::{AuditHead, AuditRow};
use executor_core::audit::verify::{AuditVerification, ChainEnd, Verifier};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::HeadTags;
use crate::Store;
use crate::entity::{audit, audit_heads};
use crate::error::Error;
use crate::read::{count, from_count, time};

/// Entries that are in memory at once.
const PAGE: u64 = 500;

impl Store {
    /// Sealed entries after the one of that number, in the order of the chain.
    pub async fn sealed_audit(
        &self,
        organization: OrganizationId,
        after: u64,
    ) -> Result<Vec<AuditRow>, Error> {
        let rows = audit::Entity::find()
            .filter(audit::Column::OrganizationId.eq(organization.to_string()))
            .filter(audit::Column::Number.gt(from_count(after)))
            .order_by_asc(audit::Column::Number)
            .limit(PAGE)
            .all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }

    /// Where an organization's chain is said to end, with the tag of that.
    pub async fn audit_head(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<(AuditHead, String)>, Error> {
        let row = audit_heads::Entity::find_by_id(organization.to_string()).one(&self.readers).await?;
        Ok(row.map(|row| {
            let head =
                AuditHead { number: count(row.number), link: row.link, sealed_at: time(row.sealed_at) };
            (head, row.tag)
        }))
    }

    /// Checks an organization's log. What is sealed meanwhile is left for the next time.
    pub async fn verify_audit(
        &self,
        organization: OrganizationId,
        tags: &dyn HeadTags,
    ) -> Result<AuditVerification, Error> {
        self.sync().await?;
        let head = self.audit_head(organization).await?;
        let last = head.as_ref().map_or(u64::MAX, |(head, _)| head.number);
        let mut verifier = Verifier::new(organization);
        let mut after = 0;
        loop {
            let page = self.sealed_audit(organization, after).await?;
            let known: Vec<_> =
                page.into_iter().filter(|row| row.number.is_some_and(|number| number <= last)).collect();
            let Some(end) = known.last().and_then(|row| row.number) else { break };
            known.iter().for_each(|row| verifier.check(row));
            after = end;
        }
        let head = head.map(|(head, tag)| {
            let proof = tags.check(&head.digest(organization), &tag);
            (head, proof)
        });
        let (beyond, unsealed) =
            (self.beyond_head(organization).await?, self.count_unsealed(organization).await?);
        Ok(verifier.finish(ChainEnd { head, beyond, unsealed }))
    }

    /// Numbered entries that the head of the same moment does not count.
    async fn beyond_head(&self, organization: OrganizationId) -> Result<u64, Error> {
        use sea_orm::QueryTrait;
        let head = audit_heads::Entity::find_by_id(organization.to_string())
            .select_only()
            .column(audit_heads::Column::Number)
            .into_query();
        let beyond = audit::Entity::find()
            .filter(audit::Column::OrganizationId.eq(organization.to_string()))
            .filter(sea_orm::sea_query::ExprTrait::gt(
                sea_orm::sea_query::Expr::col(audit::Column::Number),
                sea_orm::sea_query::Expr::SubQuery(None, Box::new(head.into())),
            ));
        Ok(beyond.count(&self.readers).await?)
    }

    async fn count_unsealed(&self, organization: OrganizationId) -> Result<u64, Error> {
        let unsealed = audit::Entity::find()
            .filter(audit::Column::OrganizationId.eq(organization.to_string()))
            .filter(audit::Column::Number.is_null());
        Ok(unsealed.count(&self.readers).await?)
    }
}
