//! A call of a task.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub workspace_id: String,
    pub path: String,
    pub connection_id: Option<String>,
    pub state: String,
    pub side_effect: Option<String>,
    pub issued_digest: String,
    pub sent_digest: Option<String>,
    pub operation_digest: Option<String>,
    pub envelope: Option<String>,
    pub decision: Option<String>,
    pub request: Option<String>,
    pub repeatable: Option<bool>,
    pub upstream_key: Option<String>,
    pub time_limit_ms: Option<i64>,
    pub error_code: Option<String>,
    pub issued_at: i64,
    pub held_at: Option<i64>,
    pub held_until: Option<i64>,
    pub started_at: Option<i64>,
    pub settled_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
