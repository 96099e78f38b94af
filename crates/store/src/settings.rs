//! Settings of an organization: a name and the engine's own JSON.

use executor_core::{AuditEntry, Json, OrganizationId, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{organizations, settings};
use crate::error::Error;
use crate::read::parse;

impl Store {
    /// Every organization.
    pub async fn organizations(&self) -> Result<Vec<OrganizationId>, Error> {
        let rows = organizations::Entity::find().all(&self.readers).await?;
        rows.iter().map(|row| parse("organizations", &row.id)).collect()
    }

    /// A setting, if it was ever set.
    pub async fn setting(&self, organization: OrganizationId, name: &str) -> Result<Option<Json>, Error> {
        let key = (organization.to_string(), name.to_owned());
        let row = settings::Entity::find_by_id(key).one(&self.readers).await?;
        row.map(|row| Json::parse(row.value).map_err(|error| Error::corrupt("settings", error))).transpose()
    }

    /// Sets a setting.
    pub async fn set_setting(
        &self,
        organization: OrganizationId,
        name: &'static str,
        value: Json,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let row = settings::Model {
            organization_id: organization.to_string(),
            name: name.to_owned(),
            value: value.as_str().to_owned(),
            updated_at: now.as_millis(),
        };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                use settings::Column;
                let replaced = OnConflict::columns([Column::OrganizationId, Column::Name])
                    .update_columns([Column::Value, Column::UpdatedAt])
                    .to_owned();
                settings::Entity::insert(row.into_active_model())
                    .on_conflict(replaced)
                    .exec_without_returning(transaction)
                    .await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }
}
