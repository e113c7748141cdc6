//! A mutation that was in the way of another one runs again, as a whole.
//!
//! Of two transactions that wait for each other PostgreSQL ends one, and SQLite one that waited too long for its turn.
//! Nothing of it is kept then, so everything is done again: reading, judging, writing. Only an [`Attempt`] begins a
//! transaction of a request, and only [`once`](super::once) makes one, so that no mutation is left out. What must
//! happen once (an event, a cache that is emptied) comes after the last attempt.

use std::time::{Duration, Instant};

use sea_orm::DatabaseTransaction;

use crate::db::Db;
use crate::error::Result;
use crate::graphql::user_error::Stop;

/// How often a mutation runs again at most.
const AGAIN: u32 = 3;
/// After this time a mutation does not run again: who waited so long for a turn gets an answer. Above the time in which
/// PostgreSQL finds four deadlocks, below the time that SQLite waits for its one writer.
const PATIENCE: Duration = Duration::from_millis(4_500);
/// The usual pause before the second run; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(10);

/// One run of a mutation: the right to one transaction.
pub struct Attempt<'a>(&'a Db);

impl Attempt<'_> {
    /// Begins a writing transaction; what is not committed is rolled back when it is dropped.
    pub(super) async fn begin(self) -> Result<DatabaseTransaction> {
        Ok(self.0.begin().await?)
    }
}

/// Runs a mutation until it succeeds, is refused, fails for good, or has been in the way of others too often, which is
/// UNAVAILABLE. `chance` gives numbers from 0 to 1, by which those who met go apart.
pub async fn retrying<'a, T, F, Fut>(db: &'a Db, chance: impl Fn() -> f64 + Send, run: F) -> Result<T, Stop>
where
    F: Fn(Attempt<'a>) -> Fut + Send,
    Fut: Future<Output = Result<T, Stop>> + Send,
{
    within(PATIENCE, db, chance, run).await
}

async fn within<'a, T, F, Fut>(
    patience: Duration,
    db: &'a Db,
    chance: impl Fn() -> f64 + Send,
    run: F,
) -> Result<T, Stop>
where
    F: Fn(Attempt<'a>) -> Fut + Send,
    Fut: Future<Output = Result<T, Stop>> + Send,
{
    let begun = Instant::now();
    let mut lost = 0;
    loop {
        match run(Attempt(db)).await {
            Err(Stop::Failed(error)) if error.retriable && lost < AGAIN && begun.elapsed() < patience => {
                metrics::counter!("osh_transaction_retries_total").increment(1);
                tokio::time::sleep(pause(lost, chance())).await;
                lost += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Half to one and a half times the usual pause.
fn pause(lost: u32, chance: f64) -> Duration {
    (PAUSE * 2_u32.saturating_pow(lost)).mul_f64(0.5 + chance)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use sea_orm::{ConnectionTrait, DatabaseTransaction};

    use super::*;
    use crate::config::Config;
    use crate::error::{Code, Error};

    /// A database in a file, for which somebody else can hold the one write lock. Nobody waits for it.
    struct Place {
        db: Db,
        other: Db,
        _directory: tempfile::TempDir,
    }

    impl Place {
        async fn new() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let mut config: Config = Config::defaults().extract().expect("the shipped settings");
            config.database.url = format!("sqlite://{}/attempt.sqlite", directory.path().display());
            let db = Db::connect(&config.database).await.expect("a database");
            db.writer()
                .execute_unprepared("CREATE TABLE t (n integer); PRAGMA busy_timeout = 0")
                .await
                .expect("a table");
            let other = Db::connect(&config.database).await.expect("the same database");
            Self { db, other, _directory: directory }
        }

        async fn rows(&self) -> usize {
            self.db
                .read()
                .query_all_raw(sea_orm::Statement::from_string(self.db.backend(), "SELECT n FROM t"))
                .await
                .expect("rows")
                .len()
        }
    }

    async fn write(attempt: Attempt<'_>) -> Result<(), Stop> {
        let tx = attempt.begin().await?;
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await?;
        tx.commit().await?;
        Ok(())
    }

    #[tokio::test]
    async fn who_meets_the_writer_of_sqlite_once_succeeds_once() {
        let place = Place::new().await;
        let lock: Mutex<Option<DatabaseTransaction>> = Mutex::new(Some(place.other.begin().await.expect("the lock")));
        let runs = AtomicU32::new(0);
        let outcome = retrying(
            &place.db,
            || 0.0,
            |attempt| async {
                if runs.fetch_add(1, Ordering::SeqCst) == 1 {
                    let lock = lock.lock().expect("no panic").take().expect("still held");
                    lock.rollback().await?;
                }
                write(attempt).await
            },
        );
        outcome.await.expect("the second run succeeds");
        assert_eq!((runs.load(Ordering::SeqCst), place.rows().await), (2, 1));
    }

    /// What is told to one who always meets the writer, and after how many runs.
    async fn always_met(patience: Duration) -> (Code, u32) {
        let place = Place::new().await;
        let lock = place.other.begin().await.expect("the lock");
        let runs = AtomicU32::new(0);
        let run = |attempt| {
            runs.fetch_add(1, Ordering::SeqCst);
            write(attempt)
        };
        let Err(Stop::Failed(error)) = within(patience, &place.db, || 0.0, run).await else {
            panic!("it cannot succeed")
        };
        lock.rollback().await.expect("rolled back");
        assert_eq!(place.rows().await, 0);
        (error.code, runs.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn who_always_meets_the_writer_of_sqlite_is_told_to_come_again() {
        assert_eq!(always_met(PATIENCE).await, (Code::Unavailable, 1 + AGAIN));
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_does_not_run_again() {
        assert_eq!(always_met(Duration::ZERO).await, (Code::Unavailable, 1));
    }

    #[tokio::test]
    async fn other_failures_and_refusals_end_at_once() {
        let place = Place::new().await;
        for code in [Code::Internal, Code::Unavailable, Code::Conflict, Code::Timeout] {
            let runs = AtomicU32::new(0);
            let outcome = retrying(
                &place.db,
                || 0.0,
                |_| async {
                    runs.fetch_add(1, Ordering::SeqCst);
                    Err::<(), _>(Stop::Failed(Error::new(code)))
                },
            );
            assert!(outcome.await.is_err());
            assert_eq!(runs.load(Ordering::SeqCst), 1, "{code:?}");
        }
    }

    #[test]
    fn pauses_grow_and_differ() {
        let pauses = |chance: f64| (0..AGAIN).map(|lost| pause(lost, chance).as_millis()).collect::<Vec<_>>();
        assert_eq!((pauses(0.0), pauses(0.999)), (vec![5, 10, 20], vec![14, 29, 59]));
    }
}
