//! Enterprises: the objects of the digital map.

mod input;
mod loaders;
mod mutation;
mod query;
mod store;
mod types;

pub use input::{EnterpriseDraft, check as check_draft};
pub use loaders::EnterpriseById;
pub use mutation::EnterpriseMutation;
pub use query::EnterpriseQuery;
pub use store::{Counted, find, find_by_bin, lock, move_tally, with_tally};
pub use types::{DegreeCount, Enterprise, RiskLevel, degree_of, level_of};
