//! Something that happened to an enterprise, kept for a while so that subscriptions can go on where they were.

use sea_orm::entity::prelude::*;

/// One row of `event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Place in the order of all events; none until somebody has read it after the commit.
    pub position: Option<i64>,
    /// What happened.
    pub kind: String,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The workplace; none when it concerns the enterprise itself.
    pub workplace_id: Option<Uuid>,
    /// The assessment, if it is about one.
    pub assessment_id: Option<Uuid>,
    /// Who owned the enterprise then: says whom to ask, not who may know.
    pub organisation_id: Uuid,
    /// Region of the enterprise then, for the same.
    pub region_kato: String,
    /// How it was, as the kind spells it.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
    /// Moment of the change.
    pub at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "event":
    id, position, kind, enterprise_id, workplace_id, assessment_id, organisation_id, region_kato, before, after, at,
}
