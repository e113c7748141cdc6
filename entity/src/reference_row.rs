//! One row of a classifier or rate table, dated, with its origin. Look-alike tables are one table with a kind.

use sea_orm::entity::prelude::*;

/// One row of `reference_row`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_row")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Text of `ReferenceKind`.
    pub kind: String,
    /// Code within the kind.
    pub code: String,
    /// Code of the row above, none at the top.
    pub parent_code: Option<String>,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
    /// Name in English.
    pub name_en: String,
    /// Folded code and names, for search.
    pub search_fold: String,
    /// What only this kind has, JSON; exact numbers as strings.
    pub attributes: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, none while in force.
    pub valid_to: Option<Date>,
    /// `Provenance`.
    pub provenance: String,
    /// Citation.
    pub source: String,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "reference_row":
    id, kind, code, parent_code, name_kk, name_ru, name_en, search_fold, attributes, valid_from, valid_to,
    provenance, source, created_at,
}
