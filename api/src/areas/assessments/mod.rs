//! Assessments of professional risk: five indicators, PR and degree of a workplace, stored with inputs and arithmetic.

mod loaders;
mod query;
mod standing;
mod store;
mod types;

pub use loaders::AssessmentById;
pub use query::{AssessmentCount, AssessmentQuery, of_workplace};
pub use standing::{Standing, current_of_workplace, inputs_of, standing};
pub use types::Assessment;
