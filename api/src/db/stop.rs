//! How a statement is stopped whose answer nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{Database, Error, Postgres, Sqlite};

/// Instructions of SQLite's machine between two looks: some tenths of a millisecond.
const BETWEEN_LOOKS: i32 = 10_000;

/// The word that a connection is told to stop by.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on the connection does nothing any more.
    pub fn say(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_said(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Holders of the word: we, and a connection that still looks for it.
    #[cfg(test)]
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

/// A database whose connections can be stopped.
pub(super) trait Stoppable: Database {
    /// Makes a new connection listen.
    fn listen(connection: &mut Self::Connection) -> impl Future<Output = Result<Stop, Error>> + Send;
}

impl Stoppable for Sqlite {
    /// The thread of the connection looks now and then: the file has nobody else who could.
    async fn listen(connection: &mut Self::Connection) -> Result<Stop, Error> {
        let stop = Stop::default();
        let said = stop.clone();
        connection.lock_handle().await?.set_progress_handler(BETWEEN_LOOKS, move || !said.is_said());
        Ok(stop)
    }
}

impl Stoppable for Postgres {
    /// The server looks itself whether its client is there: `client_connection_check_interval`.
    async fn listen(_: &mut Self::Connection) -> Result<Stop, Error> {
        Ok(Stop::default())
    }
}
