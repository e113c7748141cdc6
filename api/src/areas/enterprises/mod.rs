//! Enterprises: the objects of the digital map.

mod create;
mod input;
mod level;
mod loaders;
mod mutation;
mod query;
mod room;
mod store;
mod subscription;
mod types;
mod update;

pub use input::{CheckedEnterprise, EnterpriseDraft, Secondary, check as check_draft};
pub use level::LevelChange;
pub use loaders::{EnterpriseById, SecondaryActivities};
pub use mutation::EnterpriseMutation;
pub use query::{EnterpriseFilter, EnterpriseOrder, EnterpriseQuery};
pub use room::admits;
pub use store::{Counted, Filter, SEARCH_LENGTH, count, find, lock, moved_tally, page, save_tally, with_tally};
pub use subscription::{EnterpriseSubscription, level_event};
pub use types::{Coordinates, DegreeCount, Enterprise, RiskLevel};
