//! The server of the national digital map of occupational safety.
//!
//! `ARCHITECTURE.md` has the map of this crate and follows one query and one mutation through it.

pub mod app;
pub mod areas;
pub mod auth;
pub mod budget;
pub mod bulk;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod events;
pub mod graphql;
pub mod http;
pub mod import;
pub mod language;
pub mod messages;
pub mod node;
pub mod redis_link;
pub mod running;
pub mod schema;
pub mod setup;
pub mod telemetry;
