//! A person acting for an organisation in one role, for a time.

use sea_orm::entity::prelude::*;

/// One row of `membership`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The person.
    pub person_id: Uuid,
    /// The organisation acted for.
    pub organisation_id: Uuid,
    /// Text of `Role`.
    pub role: String,
    /// Where a worker works; bounds what the reach `self` shows.
    pub workplace_id: Option<Uuid>,
    /// First day.
    pub valid_from: Date,
    /// Last day, none while open.
    pub valid_to: Option<Date>,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
