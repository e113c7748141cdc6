//! The harness of the integration tests: the real server in this process, on a database of its own.
//!
//! ```no_run
//! # tests::run(async {
//! let app = tests::TestApp::new(tests::Backend::Sqlite).await;
//! let answer = app.as_role("demo-inspector").ask("{ enterprises { totalCount } }").await;
//! assert!(answer.int("enterprises.totalCount") > 0);
//! # });
//! ```
//!
//! Nothing is replaced by a pretence: requests pass the whole router, and statements a real database. Only three things
//! differ from a server: the clock stands still, keys of tokens are made for the run, and no port is opened unless a test
//! asks for it.
// A harness that panics is a test that fails, which is what it is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod answer;
mod app;
mod content;
pub mod fault;
pub mod happenings;
pub mod leak;
mod run;
pub mod sandbox;
pub mod schema;
mod scratch;
pub mod services;
pub mod socket;
mod stream;
mod template;
mod user;
pub mod world;

pub use answer::Answer;
pub use app::{TestApp, moment, shared};
pub use content::Content;
pub use run::run;
pub use stream::EventStream;
pub use template::Backend;
pub use user::{User, document, keyed};

/// Text of a JSON object for the variables of a document.
pub use serde_json::json;
