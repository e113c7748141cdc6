//! A secondary activity of an enterprise.

use sea_orm::entity::prelude::*;

/// One row of `enterprise_activity`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_activity")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// Activity code.
    pub oked: String,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "enterprise_activity":
    id, enterprise_id, oked,
}
