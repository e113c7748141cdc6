//! Personal protective equipment due at a workplace, by harmful factor and degree of risk.

mod due;
mod types;

pub use due::due_at;
pub use types::{PpeItem, WorkplacePpe};
