//! Harmful factors at workplaces and their measurements: the inputs of an assessment.

mod assign;
mod input;
mod loaders;
mod mutation;
mod newest;
mod observation;
mod query;
mod record;
mod store;
mod types;

pub use input::{CheckedMeasurement, FULL_SHIFT_MINUTES, MeasurementDraft, check_draft, new_assignment};
pub use loaders::{FactorAssignmentById, MeasurementById};
pub use mutation::FactorMutation;
pub use newest::{FactorState, NewestPerFactor, newest_per_factor};
pub use query::FactorQuery;
pub use types::{
    FactorAssignment, FactorAssignmentCount, Measurement, MeasurementCount, measurements_of_workplace, of_workplace,
};
