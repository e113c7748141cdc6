//! Assessments of professional risk: five indicators, PR and degree of a workplace, stored with inputs and arithmetic.

mod error;
mod evidence;
mod filing;
mod input;
mod judge;
mod loaders;
mod mutation;
mod query;
mod standing;
mod store;
mod subscription;
mod types;
mod verify;

pub use filing::Filing;
pub use loaders::AssessmentById;
pub use mutation::AssessmentMutation;
pub use query::{AssessmentCount, AssessmentQuery, of_workplace};
pub use standing::{Standing, current_of_workplace, inputs_of, standing};
pub use subscription::AssessmentSubscription;
pub use types::Assessment;
pub use verify::{Difference, Verification, verify};
