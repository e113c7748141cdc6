//! A harmful factor present at a workplace.

use sea_orm::entity::prelude::*;

/// One row of `factor_assignment`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "factor_assignment")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise, for the scope.
    pub enterprise_id: Uuid,
    /// The workplace.
    pub workplace_id: Uuid,
    /// Code in the catalogue of the rule set.
    pub factor_code: String,
    /// Exposure in a shift, minutes.
    pub exposure_minutes: i32,
    /// Raised by every change of the exposure.
    pub version: i64,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "factor_assignment":
    id, enterprise_id, workplace_id, factor_code, exposure_minutes, version, created_at,
}
