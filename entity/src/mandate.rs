//! Why an organisation may see an enterprise it does not own, and for how long.

use sea_orm::entity::prelude::*;

/// One row of `mandate`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mandate")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who may see.
    pub organisation_id: Uuid,
    /// What may be seen.
    pub enterprise_id: Uuid,
    /// Text of `MandateKind`.
    pub kind: String,
    /// The document it rests on.
    pub reason: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, none while open.
    pub valid_to: Option<Date>,
    /// Moment it was taken back before its end.
    pub revoked_at: Option<DateTimeUtc>,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
