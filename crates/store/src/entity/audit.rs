//! An entry of an audit log.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace_id: Option<String>,
    pub at: i64,
    pub account_id: Option<String>,
    pub key_id: Option<String>,
    pub client: Option<String>,
    pub action: String,
    pub target: Option<String>,
    pub payload: Option<String>,
    pub payload_digest: String,
    pub number: Option<i64>,
    pub link: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
