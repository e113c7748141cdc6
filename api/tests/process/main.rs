//! The program as its users run it: a process with an environment, two streams of output and signals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // a test that panics has failed

mod child;
mod collector;
mod first_start;
mod logs;
mod settings;
mod stop;
mod traces;
