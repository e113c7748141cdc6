//! The connections that readers hold: they come back whole, whatever becomes of a request or of the database.

use std::time::Duration;

use api::db::Reader;
use entity::record::Record;
use entity::row::Rows;
use entity::{enterprise, workplace};
use futures::future::join_all;
use http::StatusCode;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect, Statement};
use serde_json::{Value, json};
use tests::sandbox::free_bin;
use tests::{Backend, TestApp, on_both, run};
use tokio::time::timeout;

const END_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

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
        for _ in 0..3 {
            app.db().execute_unprepared(END_OTHERS).await.unwrap();
            let answers = count(reader).await;
            assert!(is_one_to_four(&answers), "{answers:?}");
        }
    });
}

#[test]
fn a_database_that_lets_nobody_in_is_unavailable_until_it_does() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let other = TestApp::new(Backend::Postgres).await;
        let ask = async || app.as_role("demo-ministry").query("{ enterprises { totalCount } }", json!({})).await;
        ask().await.ok();
        let row =
            app.db().query_one_raw(statement(app.app.db.read(), "SELECT current_database()::text")).await.unwrap();
        let name: String = row.unwrap().try_get_by_index(0).unwrap();
        let let_in = async |lets: bool| {
            let sql = format!("UPDATE pg_database SET datallowconn = {lets} WHERE datname = '{name}'");
            other.db().execute_unprepared(&sql).await.unwrap();
        };
        let_in(false).await;
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        other.db().execute_unprepared(&end).await.unwrap();
        for _ in 0..3 {
            let answer = ask().await;
            assert_eq!((answer.status, answer.codes()), (StatusCode::SERVICE_UNAVAILABLE, vec!["UNAVAILABLE"]));
        }
        let_in(true).await;
        ask().await.ok();
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
        assert!(usize::try_from(reader.sizes().0) == Ok(reader.sizes().1), "{:?}", reader.sizes());
    });
}

#[test]
fn a_slow_statement_that_was_left_takes_no_connection_from_others_and_ends() {
    run(async {
        let app = TestApp::with(Backend::Postgres, |config| {
            config.database.max_connections = 2;
            config.database.acquire_timeout_ms = 500;
        });
        let app = app.await;
        let reader = app.app.db.read();
        let slow = "SELECT CAST(count(*) AS bigint) FROM pg_sleep(10)";
        let left = join_all((0..2).map(|_| timeout(Duration::from_millis(100), number(reader, slow)))).await;
        assert!(left.iter().all(Result::is_err));
        for _ in 0..3 {
            let answers = count(reader).await;
            assert!(is_one_to_four(&answers), "{answers:?}");
        }
        let running =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(10)%'
            AND state = 'active' AND pid <> pg_backend_pid()";
        let begun = std::time::Instant::now();
        while number(reader, running).await.unwrap() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(6), "PostgreSQL goes on with what nobody waits for");
            tokio::time::sleep(Duration::from_millis(100)).await;
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

const BY_BIN: &str = "query($bin: Bin!) { enterprise(by: {bin: $bin}) { bin name } }";
const PASSPORT: &str = "query($bin: Bin!) { passport(bin: $bin) { bin name } }";

on_both! {
    async fn look_ups_of_many_at_once_answer_each_by_its_own_scope(backend) {
        let app = TestApp::with(backend, |config| config.auth.membership_cache_ms = 60_000).await;
        let page = app.as_role("demo-ministry").ask("{ enterprises(first: 20) { nodes { bin } } }").await;
        let mut bins: Vec<Value> = page.list("enterprises.nodes").iter().map(|row| row["bin"].clone()).collect();
        bins.push(json!(free_bin(1)));
        let roles = ["demo-ministry", "demo-inspector", "demo-employer_admin", "demo-insurer", "demo-assessor"];
        let (mut seen, mut unseen) = (0, 0);
        for document in [BY_BIN, PASSPORT] {
            let questions: Vec<_> = roles.iter().flat_map(|role| bins.iter().map(move |bin| (*role, bin))).collect();
            let ask = async |(role, bin): (&str, &Value)| app.as_role(role).query(document, json!({ "bin": bin })).await.ok().json;
            let mut alone = Vec::new();
            for question in &questions {
                alone.push(ask(*question).await);
            }
            let (statements, at_once) = app.statements(join_all(questions.iter().map(|question| ask(*question)))).await;
            assert_eq!(at_once, alone);
            let asked = u64::try_from(questions.len()).unwrap();
            assert!(statements <= asked, "{statements} statements for {asked} look-ups");
            let field = |answer: &Value| answer["data"].as_object().unwrap().values().next().unwrap().is_null();
            unseen += alone.iter().filter(|answer| field(answer)).count();
            seen += alone.iter().filter(|answer| !field(answer)).count();
        }
        assert!(seen > 60 && unseen > 40, "{seen} seen, {unseen} not");
    }

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

/// What the columns of a record say, one by one.
macro_rules! columns {
    ($record:expr => $($column:ident)+) => {
        vec![$((stringify!($column), format!("{:?}", $record.$column().unwrap()))),+]
    };
}

fn of_workplace(record: &Record<workplace::Model>) -> Vec<(&'static str, String)> {
    columns!(record => id enterprise_id unit_id code name_kk name_ru name_en profession_code workers shifts degree
        pr_micro version created_at updated_at)
}

fn of_enterprise(record: &Record<enterprise::Model>) -> Vec<(&'static str, String)> {
    columns!(record => id bin name_kk name_ru name_en name_sort kato region_kato oked headcount lon_micro lat_micro
        valid_from valid_to demo level_rank integral_pr_micro assessed_on rule_set_code version created_at updated_at)
}

on_both! {
    async fn a_column_of_a_record_is_that_of_the_whole_row(backend) {
        let app = tests::shared(backend).await;
        let workplaces: Vec<Record<_>> = workplace::Entity::find().limit(50).rows_as(app.db()).await.unwrap();
        let enterprises: Vec<Record<_>> = enterprise::Entity::find().limit(50).rows_as(app.db()).await.unwrap();
        assert!(workplaces.len() == 50 && enterprises.len() > 10);
        for record in workplaces {
            let one_by_one = of_workplace(&record);
            let made = Record::from(record.whole().unwrap().clone());
            assert_eq!(one_by_one, of_workplace(&record));
            assert_eq!(one_by_one, of_workplace(&made));
        }
        for record in enterprises {
            let one_by_one = of_enterprise(&record);
            let made = Record::from(record.whole().unwrap().clone());
            assert_eq!(one_by_one, of_enterprise(&record));
            assert_eq!(one_by_one, of_enterprise(&made));
        }
    }
}
