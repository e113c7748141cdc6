//! Inputs and arithmetic of an assessment, apart so that lists stay narrow.

use sea_orm::entity::prelude::*;

/// One row of `assessment_trace`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_trace")]
pub struct Model {
    /// The assessment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: Uuid,
    /// The enterprise, for the scope.
    pub enterprise_id: Uuid,
    /// The workplace, for the scope.
    pub workplace_id: Uuid,
    /// `domain::risk::AssessmentInputs`, JSON.
    pub inputs: String,
    /// `domain::risk::Trace`, JSON.
    pub trace: String,
}

/// Associations are loaded by key, not through the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::row! {
    "assessment_trace":
    assessment_id, enterprise_id, workplace_id, inputs, trace,
}
