//! The integration tests: one program, one file per area or concern. What is asked of both databases is written once,
//! inside `on_both!`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // a test that panics has failed

mod authorization;
mod caching;
mod chain;
mod coercion;
mod contract;
mod deploy;
mod documents;
mod enterprises;
mod errors;
mod explore;
mod hostile;
mod http;
mod malformed;
mod memberships;
mod metrics;
mod paging;
mod persisted;
mod persisted_live;
mod reading;
mod readme;
mod realtime;
mod reference;
mod registration;
mod replicas;
mod statements;
mod tenancy;
mod texts;
mod transactions;
mod trusted;
