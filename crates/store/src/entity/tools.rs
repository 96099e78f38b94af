//! A tool of a source.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tools")]
pub struct Model {
    pub organization_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub folded: String,
    pub name: String,
    pub summary: String,
    pub description: String,
    pub side_effect: String,
    pub deprecated: bool,
    pub input: String,
    pub output: Option<String>,
    pub operation: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::tool_changes::Entity",
        from = "(Column::SourceId, Column::Folded)",
        to = "(super::tool_changes::Column::SourceId, super::tool_changes::Column::Folded)"
    )]
    Change,
}

impl Related<super::tool_changes::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Change.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
