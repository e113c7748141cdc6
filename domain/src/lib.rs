//! The rules of occupational safety, without IO: no database, clock, network or GraphQL.
//!
//! Everything that a labour-safety expert would recognise is here and can be read by that expert:
//! codes ([`ids`]), the dated rule set ([`rule_set`]), measurement → class of conditions ([`factors`]),
//! five indicators → degree ([`risk`]), and what follows from the degree ([`tariff`], [`guarantee`], [`ppe`]).
//! Numbers are exact decimals; every result carries the [`trace`] of its arithmetic.
#![deny(missing_docs)]

mod named;

pub use named::UnknownName;

pub mod exact;
pub mod factors;
pub mod grade;
pub mod guarantee;
pub mod ids;
pub mod localized;
pub mod ppe;
pub mod provenance;
pub mod refusal;
pub mod risk;
pub mod roles;
pub mod rule_set;
pub mod tariff;
pub mod text;
pub mod trace;
pub mod written;

pub use rust_decimal::Decimal;
