//! The digital map: regions with their counts, and the public passport of an enterprise.

mod counts;
mod loaders;
mod passport;
mod query;
mod store;
mod types;

pub use loaders::PassportById;
pub use passport::EnterprisePassport;
pub use query::{MapQuery, freshness};
pub use store::Freshness;
