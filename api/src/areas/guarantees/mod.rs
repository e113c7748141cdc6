//! Social guarantees due at a workplace, by its degree of professional risk.

mod due;
mod types;

pub use due::due_at;
pub use types::{GuaranteeDue, GuaranteeKind, GuaranteeUnit, WorkplaceGuarantees};
