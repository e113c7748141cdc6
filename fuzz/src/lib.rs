//! What stands between bytes from anywhere and the library, as the server compiles it, over a small schema.
//!
//! The modules are taken from the server's sources by path: they need neither its database nor its HTTP layer, so that
//! a build takes a minute and not ten.
#![allow(dead_code)]

pub mod count;
pub mod graphql;
pub mod input;
pub mod schema;
