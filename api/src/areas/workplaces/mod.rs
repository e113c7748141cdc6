//! Workplaces and the structural units they belong to: where degrees of risk are given.

mod create;
mod input;
mod loaders;
mod mutation;
mod place;
mod query;
mod recount;
mod store;
mod types;
mod unit;
mod unit_create;
mod update;

pub use input::{CheckedUnit, CheckedWorkplace, UnitDraft, WorkplaceDraft, check_draft, check_unit_draft};
pub use loaders::{UnitById, WorkplaceById};
pub use mutation::WorkplaceMutation;
pub use query::WorkplaceQuery;
pub use recount::recount;
pub use store::{counted, insert, insert_unit, lock, lock_with_enterprise, set_score};
pub use types::{Workplace, WorkplaceCount, of_enterprise};
pub use unit::{Unit, UnitCount, units_of_enterprise};
