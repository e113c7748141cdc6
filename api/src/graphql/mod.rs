//! The kernel: what every area uses and none repeats. It names no area.

pub mod arguments;
mod attempt;
pub mod batching;
pub mod children;
pub mod coercion;
pub mod connection;
pub mod context;
pub mod deprecations;
pub mod documents;
pub mod explanation;
pub mod gathering;
pub mod guard;
pub mod id;
pub mod live;
pub mod loader;
pub mod once;
pub mod page;
pub mod rules;
pub mod scalars;
pub mod user_error;
pub mod validate_only;

pub use context::Ask;
