//! What a person has to decide, or has decided.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approvals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: String,
    pub task_id: String,
    pub call: i64,
    pub account_id: String,
    pub status: String,
    pub version: i64,
    pub envelope: String,
    pub request: String,
    pub decision: String,
    pub votes: String,
    pub line: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
    pub decided_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
