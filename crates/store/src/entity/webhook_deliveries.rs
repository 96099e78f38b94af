//! A message to a webhook, and how far its delivery is.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: String,
    pub webhook_id: String,
    pub event: String,
    pub body: String,
    pub status: String,
    pub attempts: i64,
    pub due_at: Option<i64>,
    pub attempted_at: Option<i64>,
    pub response_status: Option<i64>,
    pub error: Option<String>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
