//! What became of tools since a person last accepted them.

use executor_core::path::fold;
use executor_core::review::ToolChange;
use executor_core::{AuditEntry, Json, OrganizationId, SourceId, Timestamp};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::tool_changes;
use crate::error::Error;
use crate::read::{from_count, json, time, to_json};
use crate::sources::lock_source;

/// A tool that is not as it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    /// Its path within the source.
    pub name: String,
    /// What became of it.
    pub change: ToolChange,
    /// What was accepted; the engine's own JSON. Nothing for a tool that is new.
    pub accepted: Option<Json>,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// The tools of a source that are not as they were accepted, in the order of their folded paths.
    pub async fn tool_changes(
        &self,
        organization: OrganizationId,
        source: SourceId,
    ) -> Result<Vec<StoredChange>, Error> {
        let rows = tool_changes::Entity::find()
            .filter(tool_changes::Column::OrganizationId.eq(organization.to_string()))
            .filter(tool_changes::Column::SourceId.eq(source.to_string()))
            .order_by_asc(tool_changes::Column::Folded)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read_change).collect()
    }

    /// Accepts these tools as they are, or all of the source. [`Error::Changed`] if the source's revision is another
    /// one than that which was looked at.
    pub async fn accept_tools(
        &self,
        organization: OrganizationId,
        source: SourceId,
        names: Option<Vec<String>>,
        revision: u64,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let (organization, source) = (organization.to_string(), source.to_string());
                let known = lock_source(transaction, &organization, &source).await?;
                if known.revision != from_count(revision) {
                    return Err(Error::Changed);
                }
                let mut accepted =
                    tool_changes::Entity::delete_many().filter(tool_changes::Column::SourceId.eq(&source));
                if let Some(names) = names {
                    let folded = names.iter().map(|name| fold(name));
                    accepted = accepted.filter(tool_changes::Column::Folded.is_in(folded));
                }
                accepted.exec(transaction).await?;
                let next = known.revision.saturating_add(1);
                let mut row = known.into_active_model();
                row.revision = Set(next);
                row.update(transaction).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

impl StoredChange {
    pub(crate) fn into_row(self, organization: &str, source: &str) -> Result<tool_changes::Model, Error> {
        Ok(tool_changes::Model {
            organization_id: organization.to_owned(),
            source_id: source.to_owned(),
            folded: fold(&self.name),
            name: self.name,
            change: to_json(&self.change)?,
            accepted: self.accepted.map(|accepted| accepted.as_str().to_owned()),
            since: self.since.as_millis(),
        })
    }
}

pub(crate) fn read_change(row: tool_changes::Model) -> Result<StoredChange, Error> {
    let accepted = row.accepted.map(Json::parse).transpose();
    Ok(StoredChange {
        change: json("tool_changes", &row.change)?,
        accepted: accepted.map_err(|error| Error::corrupt("tool_changes", error))?,
        since: time(row.since),
        name: row.name,
    })
}
