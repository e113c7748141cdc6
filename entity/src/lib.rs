//! Tables, one file each, and the one door through which tenant rows are read: [`scope`].
//!
//! No rules and no GraphQL live here. Exact numbers are scaled integers with the scale in the name
//! (`*_micro` = millionths), because SQLite has no exact decimal type.

pub mod assessment;
pub mod assessment_trace;
pub mod enterprise;
pub mod enterprise_activity;
pub mod event;
pub mod factor_assignment;
pub mod idempotency;
pub mod import_batch;
pub mod mandate;
pub mod measurement;
pub mod membership;
pub mod micro;
pub mod organisation;
pub mod person;
pub mod record;
pub mod reference_row;
pub mod row;
pub mod rule_set;
pub mod scope;
pub mod unit;
pub mod workplace;
