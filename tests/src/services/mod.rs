//! Throwaway PostgreSQL and Redis for the tests.
//!
//! Each test process starts its own servers, on free ports of 127.0.0.1, with their files in a temporary directory,
//! and never touches a server that is already running. A server starts when the first test asks for it, so a run of
//! unit tests starts none. A missing binary fails the test with a sentence; it never skips one.
//!
//! *One process*: the servers live as long as the process that started them. `cargo test` runs all integration
//! tests of this project in one binary, hence on one cluster. A runner with a process per test (cargo-nextest) would
//! run `initdb` for each of them; it works, but slowly, and the project does not use it.
//!
//! *Stopping*: whatever ends the test process (normal end, panic, SIGKILL), its guard (`guard.rs`) sees the end, stops the
//! server and removes the directory.
//!
//! ```no_run
//! let services = tests::services::Services::shared();
//! let database = services.create_database(None);
//! println!("{} {}", database.url, services.redis_url());
//! ```

mod find;
mod guard;
mod postgres;
mod redis;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use postgres::{Database, Postgres};
pub use redis::Redis;

/// The servers of this test process, each started by the first call that needs it.
#[derive(Default)]
pub struct Services {
    postgres: OnceLock<Result<Postgres, String>>,
    redis: OnceLock<Result<Redis, String>>,
}

impl Services {
    /// The one set of servers of this process. Starts nothing by itself.
    pub fn shared() -> &'static Services {
        static SHARED: OnceLock<Services> = OnceLock::new();
        SHARED.get_or_init(Services::default)
    }

    /// The PostgreSQL cluster, started on the first call.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: with a sentence that says what to do, the same for every
    /// test that asks.
    pub fn postgres(&self) -> &Postgres {
        started("PostgreSQL", self.postgres.get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}"))))
    }

    /// The Redis server, started on the first call.
    ///
    /// # Panics
    /// As [`Services::postgres`].
    pub fn redis(&self) -> &Redis {
        started("Redis", self.redis.get_or_init(|| Redis::start().map_err(|error| format!("{error:#}"))))
    }

    /// A new, empty database of its own, or a copy of `template`, to which nobody may be connected meanwhile.
    /// It is dropped, with whoever is still connected, when the returned value is.
    ///
    /// # Panics
    /// As [`Services::postgres`], and when PostgreSQL refuses, with its own words.
    pub fn create_database(&self, template: Option<&str>) -> Database {
        self.postgres().create_database(template).unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The address of an empty logical Redis database that no other call of this process gets. Channels of
    /// PUBLISH and SUBSCRIBE are not divided by database in Redis: a test that listens needs a name of its own.
    ///
    /// # Panics
    /// As [`Services::redis`], and when a run asks for more than 4096.
    pub fn redis_url(&self) -> String {
        self.redis().next_url().unwrap_or_else(|error| panic!("{error:#}"))
    }
}

/// The server, or the same sentence for every test: a second attempt would fail in the same way, only later.
fn started<'a, S>(name: &str, outcome: &'a Result<S, String>) -> &'a S {
    outcome.as_ref().unwrap_or_else(|why| panic!("the tests need their own {name}: {why}"))
}
