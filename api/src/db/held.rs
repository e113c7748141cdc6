//! Connections that stay with us between two statements.
//!
//! The driver's pool asks the database whether a connection still lives each time one comes back: a second round trip
//! for every statement. Reading needs none of it, for what is read leaves nothing open on its connection. So a
//! connection that has answered is kept here; one that has not, because its statement failed or its request went away,
//! goes back to the pool, which finds out what has become of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::Values;
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A connection goes back to the pool after this time: one that lives for ever only grows at the database's side.
const LONGEST: Duration = Duration::from_secs(30 * 60);

struct Kept<DB: Database> {
    connection: PoolConnection<DB>,
    since: Instant,
}

/// Connections of one pool, kept between statements.
pub(super) struct Held<DB: Database> {
    pool: Pool<DB>,
    /// Those that wait for a statement; the last one used comes first, so that few are warm rather than many lukewarm.
    idle: Mutex<Vec<Kept<DB>>>,
    /// As many as the pool has: nobody waits inside the pool behind those who wait here.
    places: Semaphore,
    wait: Duration,
}

impl<DB: Database> Held<DB> {
    /// Over a pool of which nobody else takes connections. `wait` bounds the wait for a place.
    pub fn new(pool: Pool<DB>, wait: Duration) -> Self {
        let places = usize::try_from(pool.options().get_max_connections()).unwrap_or(1);
        Self { pool, idle: Mutex::default(), places: Semaphore::new(places), wait }
    }

    /// Open connections, and those of them that wait for a statement.
    pub fn sizes(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle().saturating_add(self.idle().len()))
    }

    /// Ends all connections, once those in use have answered; none is opened any more.
    pub async fn close(&self) {
        // From this call on the pool is closed: a connection that comes back now is not kept.
        let closed = self.pool.close();
        self.idle().clear();
        closed.await;
    }

    fn keep(&self, connection: Kept<DB>) {
        let mut idle = self.idle();
        if connection.since.elapsed() < LONGEST && !self.pool.is_closed() {
            idle.push(connection);
        }
    }

    async fn place(&self) -> Result<SemaphorePermit<'_>, sqlx::Error> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        match tokio::time::timeout(self.wait, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed),
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept<DB>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Held<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    /// The rows of a reading statement.
    pub async fn rows(&self, sql: &str, values: Values) -> Result<Vec<DB::Row>, sqlx::Error> {
        let _place = self.place().await?;
        loop {
            let kept = self.idle().pop();
            let was_kept = kept.is_some();
            let mut connection = match kept {
                Some(kept) => kept,
                None => Kept { connection: self.pool.acquire().await?, since: Instant::now() },
            };
            let query = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.clone()));
            match query.fetch_all(&mut *connection.connection).await {
                Ok(rows) => {
                    self.keep(connection);
                    return Ok(rows);
                }
                // The database went away since, and with it all that were kept: what only reads may be sent again.
                Err(error) if was_kept && is_gone(&error) => self.idle().clear(),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether the connection ended under the statement: a broken socket, or PostgreSQL that is being stopped.
fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => matches!(database.code().as_deref(), Some("57P01" | "57P02" | "57P03")),
        _ => false,
    }
}
