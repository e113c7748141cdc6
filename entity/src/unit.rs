//! A structural unit of an enterprise.

use sea_orm::entity::prelude::*;

/// One row of `unit`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The unit above, none at the top.
    pub parent_id: Option<Uuid>,
    /// Code within the enterprise.
    pub code: String,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
    /// Name in English.
    pub name_en: String,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "unit":
    id, enterprise_id, parent_id, code, name_kk, name_ru, name_en, created_at,
}
