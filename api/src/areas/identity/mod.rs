//! Identity: the caller, the caller's memberships, and the organisations behind them.

mod query;
mod store;

pub use query::IdentityQuery;
pub use store::{Employers, NewEmployer};
