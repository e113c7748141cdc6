//! Identity: the caller, the caller's memberships, and the organisations behind them.

mod organisation;
mod query;
mod store;

pub use organisation::Organisation;
pub use query::IdentityQuery;
pub use store::{Employers, NewEmployer};
