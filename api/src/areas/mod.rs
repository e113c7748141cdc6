//! The areas of the domain, one folder each. An area uses of another only what that one's `mod.rs` re-exports.

pub mod assessments;
pub mod enterprises;
pub mod factors;
pub mod guarantees;
pub mod identity;
pub mod map;
pub mod ppe;
pub mod reference;
pub mod service;
pub mod tariffs;
pub mod workplaces;
