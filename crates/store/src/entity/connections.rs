//! A connection; its secret is sealed.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: Option<String>,
    pub account_id: Option<String>,
    pub owner_id: String,
    pub source_id: String,
    pub name: String,
    pub method: Option<String>,
    pub provider: String,
    pub reference: Option<String>,
    pub secret: Option<String>,
    pub created_at: i64,
    pub rotated_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
