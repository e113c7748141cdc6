//! Table and property tests of the rules, against the rule set that ships.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

mod enterprise;
mod exact;
mod factors;
mod guarantee;
mod ids;
mod localized;
mod noise;
mod ppe;
mod properties;
mod refusal;
mod risk;
mod roles;
mod rule_set;
mod tariff;
mod text;
mod trace;
