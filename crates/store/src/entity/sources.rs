//! A source.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sources")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub workspace_id: Option<String>,
    pub owner_id: String,
    pub name: String,
    pub folded: String,
    pub kind: String,
    pub title: String,
    pub description: String,
    pub url: Option<String>,
    pub base_url: Option<String>,
    pub version: Option<String>,
    pub document_digest: String,
    pub trusted: bool,
    pub tool_count: i64,
    pub skipped: String,
    pub methods: String,
    pub created_at: i64,
    pub refreshed_at: i64,
    pub revision: i64,
    pub pinned_base_url: Option<String>,
    pub included: String,
    pub etag: Option<String>,
    pub reads_with: Option<String>,
    pub refresh_every_ms: Option<i64>,
    pub refresh_due_at: Option<i64>,
    pub refresh_failure: Option<String>,
    pub servers: String,
    pub server: Option<String>,
    pub call_timeout_ms: Option<i64>,
    pub stale_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
