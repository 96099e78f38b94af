//! States of requests in several rounds: which have come back.

use executor_core::{OrganizationId, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::Store;
use crate::durability::Durability;
use crate::entity::used_request_states::{Column, Entity, Model};
use crate::error::Error;

impl Store {
    /// Notes that a state has come back that counts until `expires_at`; whether it is the first time. Those that count
    /// no more are forgotten.
    pub async fn use_request_state(
        &self,
        organization: OrganizationId,
        nonce: String,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let row =
            Model { organization_id: organization.to_string(), nonce, expires_at: expires_at.as_millis() };
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                Entity::delete_many().filter(Column::ExpiresAt.lt(now.as_millis())).exec(transaction).await?;
                let known =
                    OnConflict::columns([Column::OrganizationId, Column::Nonce]).do_nothing().to_owned();
                let inserted = Entity::insert(row.into_active_model())
                    .on_conflict(known)
                    .exec_without_returning(transaction)
                    .await?;
                Ok(inserted > 0)
            })
        })
        .await
    }
}
