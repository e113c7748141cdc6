//! Accident insurance: class, rate, correction by degree and premium of an enterprise.

mod compute;
mod premium;
mod types;

pub use types::{EnterpriseTariff, payable_percent};
