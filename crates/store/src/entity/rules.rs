//! A policy rule.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: Option<String>,
    pub account_id: Option<String>,
    pub layer: String,
    pub position: i64,
    pub effect: String,
    pub tools: String,
    pub connection: Option<String>,
    pub caller: Option<String>,
    pub condition: Option<String>,
    pub approvers: Option<String>,
    pub created_by: String,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
