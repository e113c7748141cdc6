//! Connections that stay with us between two statements.
//!
//! The driver's pool asks the database whether a connection still lives each time one comes back: a second round trip
//! for every statement. Reading needs none of it, for what is read leaves nothing open on its connection. So a
//! connection that has answered is kept here; one that has not, because its statement failed or its request went away,
//! is closed: nobody knows what would still come over it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::counts::Counts;
use super::stop::{Stop, Stoppable};

/// A connection is closed after this time: one that lives for ever only grows at the database's side.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// A connection that nobody used for this time is closed: firewalls forget it before the database does.
const IDLE: Duration = Duration::from_secs(5 * 60);

struct Kept<DB: Database> {
    connection: PoolConnection<DB>,
    stop: Stop,
    since: Instant,
    used: Instant,
}

impl<DB: Database> Kept<DB> {
    fn is_stale(&self) -> bool {
        self.since.elapsed() > LONGEST || self.used.elapsed() > IDLE
    }
}

/// A connection under a statement. Unless it is taken back it is stopped and closed at once, and its place in the pool is
/// free: the answer of a statement that was left may be long in coming.
struct Used<DB: Database>(Option<Kept<DB>>);

impl<DB: Database> Drop for Used<DB> {
    fn drop(&mut self) {
        if let Some(kept) = self.0.take() {
            kept.stop.say();
            drop(kept.connection.detach());
        }
    }
}

/// Connections of one pool, kept between statements.
pub(super) struct Held<DB: Stoppable> {
    pool: Pool<DB>,
    /// Those that wait for a statement, the last one used at the end. It comes first, so that few are warm rather than
    /// many lukewarm.
    idle: Mutex<Vec<Kept<DB>>>,
    /// As many as the pool has. A connection is opened only by who has a place and finds none idle, so that nobody waits
    /// inside the pool for one that lies here.
    places: Semaphore,
    wait: Duration,
    counts: Counts,
}

impl<DB: Stoppable> Held<DB> {
    /// Over a pool of which nobody else takes connections. `wait` bounds the wait for one of them.
    pub fn new(pool: Pool<DB>, wait: Duration, counts: Counts) -> Self {
        let places = usize::try_from(pool.options().get_max_connections()).unwrap_or(1);
        Self { pool, idle: Mutex::default(), places: Semaphore::new(places), wait, counts }
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

    fn idle(&self) -> MutexGuard<'_, Vec<Kept<DB>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last one used, unless all are stale.
    fn pop(&self) -> Option<Kept<DB>> {
        let mut kept = self.idle().pop()?;
        if kept.is_stale() {
            kept.connection.close_on_drop();
            return None;
        }
        Some(kept)
    }

    fn keep(&self, mut kept: Kept<DB>) {
        kept.used = Instant::now();
        let mut idle = self.idle();
        if !self.pool.is_closed() {
            idle.push(kept);
        }
        // Whoever was used longest ago stands first.
        let stale = idle.iter().take_while(|kept| kept.is_stale()).count();
        for mut kept in idle.drain(..stale) {
            kept.connection.close_on_drop();
        }
    }

    async fn open(&self) -> Result<Kept<DB>, DbErr> {
        let failed = |error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        };
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        let stop = DB::listen(&mut connection).await.map_err(failed)?;
        let now = Instant::now();
        Ok(Kept { connection, stop, since: now, used: now })
    }

    /// A place, and one of the connections that were kept if there is any.
    async fn connection(&self) -> Result<(SemaphorePermit<'_>, Kept<DB>, bool), DbErr> {
        if let Ok(place) = self.places.try_acquire()
            && let Some(kept) = self.pop()
        {
            return Ok((place, kept, true));
        }
        let closed = DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        let found = tokio::time::timeout(self.wait, async {
            let place = self.places.acquire().await.map_err(|_| closed)?;
            match self.pop() {
                Some(kept) => Ok((place, kept, true)),
                None => Ok((place, self.open().await?, false)),
            }
        });
        found.await.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }
}

impl<DB: Stoppable> Held<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    /// The rows of a reading statement.
    pub async fn rows(&self, sql: &str, values: Values) -> Result<Vec<DB::Row>, DbErr> {
        let (_place, mut kept, mut was_kept) = self.connection().await?;
        loop {
            match self.run(kept, sql, values.clone()).await {
                // The database went away since, and with it all that were kept: what only reads may be sent once more.
                Err(error) if was_kept && is_gone(&error) => {
                    self.idle().drain(..).for_each(|kept| drop(Used(Some(kept))));
                    (kept, was_kept) = (self.open().await?, false);
                }
                rows => return rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into()))),
            }
        }
    }

    async fn run(&self, kept: Kept<DB>, sql: &str, values: Values) -> Result<Vec<DB::Row>, sqlx::Error> {
        let mut used = Used(Some(kept));
        let started = Instant::now();
        let rows = match &mut used.0 {
            Some(kept) => {
                sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values)).fetch_all(&mut *kept.connection).await
            }
            None => Err(sqlx::Error::WorkerCrashed),
        };
        self.counts.count(started.elapsed(), rows.is_err());
        let rows = rows?;
        used.0.take().into_iter().for_each(|kept| self.keep(kept));
        Ok(rows)
    }
}

/// Whether the connection ended under the statement: a broken socket, or PostgreSQL that ends sessions (class 57P).
fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Sqlite;
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    /// Minutes of counting.
    const LONG: &str = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 10000000000)
        SELECT count(*) FROM numbers";

    #[tokio::test]
    async fn a_statement_of_sqlite_ends_when_nobody_waits_for_it() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("a pool");
        let held = Held::<Sqlite>::new(pool, Duration::from_secs(5), Counts::default());
        let none = || Values(Vec::new());
        held.rows("SELECT 1", none()).await.expect("an answer");
        let stop = held.idle().first().expect("the connection").stop.clone();
        let left = tokio::time::timeout(Duration::from_millis(100), held.rows(LONG, none())).await;
        assert!(left.is_err(), "it was not long");
        // The next one has its place, and the thread of the connection ends.
        held.rows("SELECT 1", none()).await.expect("an answer");
        let ended = async {
            while stop.holders() > 1 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it still counts");
    }
}
