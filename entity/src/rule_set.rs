//! The dated rules behind every score.

use sea_orm::entity::prelude::*;

/// One row of `rule_set`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_set")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Stable code, unique.
    pub code: String,
    /// DRAFT, IN_FORCE or RETIRED.
    pub status: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, none while in force.
    pub valid_to: Option<Date>,
    /// `domain::rule_set::RuleSet`, JSON, as loaded.
    pub content: String,
    /// Hash of `content`, hex.
    pub content_sha256: String,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
