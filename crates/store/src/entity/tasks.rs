//! A task.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: String,
    pub account_id: String,
    pub key_id: Option<String>,
    pub client: Option<String>,
    pub toolkit: Option<String>,
    pub idempotency_key: Option<String>,
    pub rerun_of: Option<String>,
    pub code: String,
    pub code_digest: String,
    pub program: Option<String>,
    pub replay_version: i64,
    pub runtime: String,
    pub seed: String,
    pub limits: String,
    pub metadata: Option<String>,
    pub status: String,
    pub lease_owner: Option<String>,
    pub lease_epoch: i64,
    pub lease_expires_at: Option<i64>,
    pub attempts: i64,
    pub attempts_without_progress: i64,
    pub engine_ms: i64,
    pub used_ms: i64,
    pub wake_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub last_seq: i64,
    pub journal_bytes: i64,
    pub outcome: Option<String>,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub is_sensitive: bool,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
