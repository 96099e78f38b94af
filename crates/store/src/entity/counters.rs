//! A count of the deployment.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Raises a counter and gives its new value.
pub async fn next(transaction: &crate::transaction::Transaction, name: &str) -> Result<i64, crate::Error> {
    use sea_orm::{ExprTrait, QueryFilter};
    Entity::update_many()
        .col_expr(Column::Value, Expr::col(Column::Value).add(1))
        .filter(Column::Name.eq(name))
        .exec(transaction)
        .await?;
    let row = Entity::find_by_id(name).one(transaction).await?;
    row.map(|row| row.value).ok_or(crate::Error::NotFound("counter"))
}
