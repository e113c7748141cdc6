//! Who is asking (token → person → membership → [`actor::Actor`]) and what they may do (policy → [`entity::scope::Scope`]).

pub mod actor;
pub mod allow;
pub mod policy;
pub mod token;
