//! The server's modules at the place they have there.

#[path = "../../../api/src/graphql/coercion/mod.rs"]
pub mod coercion;
#[path = "../../../api/src/graphql/guard/mod.rs"]
pub mod guard;
#[path = "../../../api/src/graphql/rules/mod.rs"]
pub mod rules;
#[path = "../../../api/src/graphql/validate_only.rs"]
pub mod validate_only;
