//! The paths that tools had before a refresh gave them other ones.

use executor_core::path::fold;
use executor_core::{OrganizationId, SourceId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::Store;
use crate::entity::tool_aliases::{Column, Entity, Model};
use crate::error::Error;
use crate::read::{parse, time};

/// A path that leads to a tool which has another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolAlias {
    /// The source that both belong to.
    pub source: SourceId,
    /// The path within the source that the tool had.
    pub name: String,
    /// The one that it has.
    pub target: String,
    /// Until when the old one counts.
    pub until: Timestamp,
}

impl Store {
    /// What a path within a source leads to at that time, where no tool has it.
    pub async fn tool_alias(
        &self,
        organization: OrganizationId,
        source: SourceId,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<ToolAlias>, Error> {
        let row = Entity::find_by_id((source.to_string(), fold(name)))
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .filter(Column::Until.gt(now.as_millis()))
            .one(&self.readers)
            .await?;
        row.map(read).transpose()
    }

    /// All that lead somewhere at that time, of one source or of all of the organization.
    pub async fn tool_aliases(
        &self,
        organization: OrganizationId,
        source: Option<SourceId>,
        now: Timestamp,
    ) -> Result<Vec<ToolAlias>, Error> {
        let mut query = Entity::find()
            .filter(Column::OrganizationId.eq(organization.to_string()))
            .filter(Column::Until.gt(now.as_millis()))
            .order_by_asc(Column::SourceId)
            .order_by_asc(Column::Folded);
        if let Some(source) = source {
            query = query.filter(Column::SourceId.eq(source.to_string()));
        }
        query.all(&self.readers).await?.into_iter().map(read).collect()
    }
}

impl ToolAlias {
    pub(crate) fn into_row(self, organization: &str) -> Model {
        Model {
            organization_id: organization.to_owned(),
            source_id: self.source.to_string(),
            folded: fold(&self.name),
            name: self.name,
            target: self.target,
            until: self.until.as_millis(),
        }
    }
}

fn read(row: Model) -> Result<ToolAlias, Error> {
    Ok(ToolAlias {
        source: parse("tool_aliases", &row.source_id)?,
        name: row.name,
        target: row.target,
        until: time(row.until),
    })
}
