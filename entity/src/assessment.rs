//! A stored score of a workplace.

use sea_orm::entity::prelude::*;

/// One row of `assessment`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise, for the scope.
    pub enterprise_id: Uuid,
    /// The workplace.
    pub workplace_id: Uuid,
    /// Rule set it was computed with.
    pub rule_set_code: String,
    /// Day the assessment speaks of.
    pub assessed_on: Date,
    /// Harmfulness, 1..5.
    pub v: i16,
    /// Injury hazard, 1..5.
    pub t: i16,
    /// Equipment safety, 1..5.
    pub ob: i16,
    /// PPE provision, 1..5.
    pub siz: i16,
    /// Morbidity, 1..5.
    pub z: i16,
    /// PR, millionths.
    pub pr_micro: i64,
    /// Degree of professional risk, 1..5.
    pub degree: i16,
    /// In force now; the others are superseded.
    pub current: bool,
    /// The organisation that filed it.
    pub assessor_organisation_id: Option<Uuid>,
    /// The person who filed it.
    pub created_by: Option<Uuid>,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "assessment":
    id, enterprise_id, workplace_id, rule_set_code, assessed_on, v, t, ob, siz, z, pr_micro, degree, current,
    assessor_organisation_id, created_by, created_at,
}
