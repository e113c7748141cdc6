//! A tenant: whoever takes part in occupational safety under one name, from an employer to the ministry.

use sea_orm::entity::prelude::*;

/// One row of `organisation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Text of `OrganisationKind`.
    pub kind: String,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
    /// Name in English.
    pub name_en: String,
    /// Business identification number; none for bodies that have none of their own.
    pub bin: Option<String>,
    /// Region an inspectorate answers for.
    pub jurisdiction_kato: Option<String>,
    /// Made by the demo data set.
    pub demo: bool,
    /// First day of existence.
    pub valid_from: Date,
    /// Last day, none while it exists.
    pub valid_to: Option<Date>,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "organisation":
    id, kind, name_kk, name_ru, name_en, bin, jurisdiction_kato, demo, valid_from, valid_to, created_at,
}
