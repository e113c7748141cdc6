//! One measured or certified exposure to a factor.

use sea_orm::entity::prelude::*;

/// One row of `measurement`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measurement")]
pub struct Model {
    /// Key, UUID v7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The enterprise, for the scope.
    pub enterprise_id: Uuid,
    /// The workplace, for the scope.
    pub workplace_id: Uuid,
    /// The factor at the workplace.
    pub factor_assignment_id: Uuid,
    /// Code in the catalogue of the rule set.
    pub factor_code: String,
    /// Day of the measurement.
    pub measured_on: Date,
    /// What was observed, JSON of `domain::factors::Observation`.
    pub observation: String,
    /// Class of conditions it leads to: 1, 2, 3.1 .. 3.4, 4.
    pub condition_class: String,
    /// Grade of harmfulness, 1..5.
    pub grade: i16,
    /// Rule set that gave the class.
    pub rule_set_code: String,
    /// Arithmetic from the observation to the class, JSON.
    pub trace: String,
    /// Number of the protocol.
    pub protocol_number: String,
    /// Who measured.
    pub laboratory: String,
    /// Moment of the insert.
    pub created_at: DateTimeUtc,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "measurement":
    id, enterprise_id, workplace_id, factor_assignment_id, factor_code, measured_on, observation, condition_class,
    grade, rule_set_code, trace, protocol_number, laboratory, created_at,
}
