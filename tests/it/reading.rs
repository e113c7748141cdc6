//! The connections that readers hold: they come back whole, whatever becomes of a request or of the database.

use std::time::Duration;

use api::db::Reader;
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use tests::{Backend, TestApp, on_both, run};
use tokio::time::timeout;

fn statement(reader: &Reader, sql: &str) -> Statement {
    Statement::from_string(reader.get_database_backend(), sql)
}

async fn number(reader: &Reader, sql: &str) -> Result<i64, DbErr> {
    let row = reader.query_one_raw(statement(reader, sql)).await?;
    row.expect("a row").try_get_by_index(0)
}

/// Reads some numbers at once, each over a connection of its own: every statement takes longer than to connect.
async fn count(reader: &Reader) -> Vec<Result<i64, DbErr>> {
    let sql = |number| format!("SELECT CAST({number} - 1 + count(*) AS bigint) FROM pg_sleep(0.1)");
    let numbers: Vec<String> = (1..=4).map(sql).collect();
    join_all(numbers.iter().map(|sql| number(reader, sql))).await
}

fn is_one_to_four(answers: &[Result<i64, DbErr>]) -> bool {
    answers.iter().zip(1..=4).all(|(answer, expected)| matches!(answer, Ok(found) if *found == expected))
}

#[test]
fn what_the_database_ended_is_opened_again_without_a_request_that_notices() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let reader = app.app.db.read();
        assert!(is_one_to_four(&count(reader).await));
        let (open, idle) = reader.sizes();
        assert!(open >= 2 && usize::try_from(open) == Ok(idle), "{open} open, {idle} idle");
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        for _ in 0..3 {
            app.db().execute_unprepared(others).await.unwrap();
            let answers = count(reader).await;
            assert!(is_one_to_four(&answers), "{answers:?}");
        }
    });
}

#[test]
fn a_request_that_goes_away_leaves_nothing_on_its_connection() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let reader = app.app.db.read();
        for _ in 0..12 {
            let left = number(reader, "SELECT CAST(count(*) AS bigint) + 13 FROM pg_sleep(0.2)");
            assert!(timeout(Duration::from_millis(20), left).await.is_err(), "too fast to go away");
        }
        for _ in 0..5 {
            let answers = count(reader).await;
            assert!(is_one_to_four(&answers), "{answers:?}");
        }
    });
}

#[test]
fn who_finds_no_connection_in_time_is_told_and_the_next_one_gets_it() {
    run(async {
        let app = TestApp::with(Backend::Postgres, |config| {
            config.database.max_connections = 2;
            config.database.acquire_timeout_ms = 100;
        });
        let app = app.await;
        let reader = app.app.db.read();
        let slow = "SELECT CAST(count(*) AS bigint) FROM pg_sleep(0.6)";
        let answers = join_all((0..3).map(|_| number(reader, slow))).await;
        let refused = answers.iter().filter(|answer| matches!(answer, Err(DbErr::ConnectionAcquire(_)))).count();
        let answered = answers.iter().filter(|answer| matches!(answer, Ok(1))).count();
        assert_eq!((refused, answered), (1, 2), "{answers:?}");
        assert_eq!(number(reader, slow).await, Ok(1));
        assert!(reader.sizes().0 <= 2);
    });
}

on_both! {
    async fn readers_do_not_write(backend) {
        let app = TestApp::new(backend).await;
        let (before, reader) = (app.content().await, app.app.db.read());
        for sql in ["DELETE FROM measurement RETURNING 1", "UPDATE workplace SET workers = 1 RETURNING 1", "CREATE TABLE mine (id int)"] {
            assert!(reader.query_all_raw(statement(reader, sql)).await.is_err(), "{sql}");
            assert!(reader.execute_raw(statement(reader, sql)).await.is_err(), "{sql}");
            assert!(reader.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        assert_eq!(app.content().await, before);
    }
}
