//! What is measured, shared by the program that measures and the least server it is compared with.

pub mod workload;
