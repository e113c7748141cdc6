//! A human being who signs in. Personal identifiers are not kept here.

use sea_orm::entity::prelude::*;

/// One row of `person`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Subject of the access token, unique.
    pub subject: String,
    /// How the person is called on screen.
    pub display_name: String,
    /// Preferred language: kk, ru or en.
    pub locale: String,
    /// Made by the demo data set.
    pub demo: bool,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
