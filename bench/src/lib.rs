//! What the programs that measure share.

pub mod load;
pub mod server;
pub mod workload;
