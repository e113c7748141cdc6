//! Mutations that meet: none waits for another in a circle, and one that was in the way of another runs again.

use std::io::Cursor;
use std::time::Duration;

use api::import::{self, ImportKind, ImportOptions};
use domain::localized::Language;
use domain::roles::Role;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use tests::sandbox::{free_bin, subject};
use tests::schema::Schema;
use tests::{Backend, TestApp, User, run};

use crate::chain::assessment_input;

/// A server whose PostgreSQL does not look for circles of waiting: who waits in one waits until the statement is ended.
async fn without_detector() -> TestApp {
    TestApp::with(Backend::Postgres, |config| {
        config.database.url.push_str("?options[deadlock_timeout]=10min");
        config.database.statement_timeout_ms = 10_000;
        config.database.max_connections = 10;
    })
    .await
}

async fn number(app: &TestApp, sql: &str) -> i64 {
    let row = app.db().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Until so many of this database's connections wait for a lock.
pub(crate) async fn waiting(app: &TestApp, count: i64) {
    let blocked = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0";
    for _ in 0..1_000 {
        if number(app, blocked).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("there are never {count} that wait");
}

/// An assessed workplace of the demo employer, with what is around it.
pub(crate) struct Place<'a> {
    app: &'a TestApp,
    pub(crate) enterprise: Value,
    enterprise_version: Value,
    pub(crate) workplace: Value,
    pub(crate) version: Value,
    factor: Value,
    factor_version: Value,
}

impl<'a> Place<'a> {
    pub(crate) async fn of(app: &'a TestApp) -> Self {
        let first = "{ enterprises(first: 1) { nodes { id version workplaces(first: 1) { nodes { id version
            factors(first: 1) { nodes { factorCode version } } } } } } }";
        let answer = app.as_role(&subject(Role::SafetyEngineer)).ask(first).await;
        let [enterprise, place] =
            ["", ".workplaces.nodes.0"].map(|path| answer.data(&format!("enterprises.nodes.0{path}")));
        Self {
            app,
            enterprise: enterprise["id"].clone(),
            enterprise_version: enterprise["version"].clone(),
            workplace: place["id"].clone(),
            version: place["version"].clone(),
            factor: place["factors"]["nodes"][0]["factorCode"].clone(),
            factor_version: place["factors"]["nodes"][0]["version"].clone(),
        }
    }

    pub(crate) fn engineer(&self) -> User<'a> {
        self.app.as_role(&subject(Role::SafetyEngineer))
    }

    pub(crate) fn measurement(&self, protocol: &str) -> Value {
        json!({"workplaceId": self.workplace, "factorCode": self.factor, "measuredOn": "2026-03-01", "laboratory": "Л",
            "protocolNumber": protocol, "observation": {"conditionClass": "CLASS_2"}})
    }

    /// Every mutation: who asks for it, what for, and the table it writes to last.
    pub(crate) fn mutations(&self) -> Vec<(&'static str, Role, Value, &'static str)> {
        use Role::{Ministry, SafetyEngineer as Engineer};
        let (enterprise, workplace) = (&self.enterprise, &self.workplace);
        let assessed = assessment_input(self.app, workplace.as_str().unwrap(), "2026-03-02", (2, 0, 0));
        let named = json!({"enterpriseId": enterprise, "code": "Z", "nameRu": "Новое"});
        let mut place = named.clone();
        place["professionCode"] = json!("FITTER");
        place["workers"] = json!(3);
        let new = json!({"bin": free_bin(1), "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1});
        let factor = json!({"workplaceId": workplace, "factorCode": self.factor, "exposureMinutes": 17,
            "version": self.factor_version});
        vec![
            ("enterpriseCreate", Ministry, new, "enterprise"),
            (
                "enterpriseUpdate",
                Engineer,
                json!({"id": enterprise, "version": self.enterprise_version, "headcount": 7}),
                "enterprise",
            ),
            ("unitCreate", Engineer, named, "unit"),
            ("workplaceCreate", Engineer, place, "workplace"),
            ("workplaceUpdate", Engineer, json!({"id": workplace, "version": self.version, "workers": 9}), "workplace"),
            ("factorAssign", Engineer, factor, "factor_assignment"),
            ("measurementRecord", Engineer, self.measurement("1"), "measurement"),
            ("assessmentCompute", Engineer, assessed, "assessment_trace"),
        ]
    }
}

/// From now on so many writings to a table end with this state of SQL: at once, or not before the commit.
async fn in_the_way(app: &TestApp, table: &str, (times, state): (u32, &str), at_commit: bool) {
    let when = match at_commit {
        true => format!(
            "CREATE CONSTRAINT TRIGGER meet AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        ),
        false => format!("CREATE TRIGGER meet BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT"),
    };
    // A sequence goes on counting whatever is rolled back.
    let sql = format!(
        "CREATE SEQUENCE runs;
         CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('runs') <= {times} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{state}'; END IF;
            RETURN NULL; END $$;
         {when} EXECUTE FUNCTION meet();"
    );
    app.db().execute_unprepared(&sql).await.unwrap();
}

/// Takes it back, and says how often it was met.
async fn out_of_the_way(app: &TestApp) -> i64 {
    let runs = number(app, "SELECT last_value FROM runs").await;
    app.db().execute_unprepared("DROP FUNCTION meet() CASCADE; DROP SEQUENCE runs;").await.unwrap();
    runs
}

#[test]
fn a_measurement_and_a_change_of_its_workplace_do_not_wait_for_each_other() {
    run(async {
        let app = without_detector().await;
        let place = Place::of(&app).await;
        let change = json!({"id": place.workplace, "version": place.version, "workers": 11});
        // The measurement has locked the workplace and stands before its row; the change has locked the enterprise and
        // wants the workplace. Then the row refers to the enterprise.
        let gate = app.db().begin().await.unwrap();
        gate.execute_unprepared("LOCK TABLE measurement IN SHARE MODE").await.unwrap();
        let (measured, changed, ()) = futures::join!(
            async { place.engineer().change("measurementRecord", "", &place.measurement("1")).await },
            async {
                waiting(&app, 1).await;
                place.engineer().change("workplaceUpdate", "", &change).await
            },
            async {
                waiting(&app, 2).await;
                gate.rollback().await.unwrap();
            }
        );
        measured.ok();
        changed.ok();
    });
}

#[test]
fn all_mutations_of_one_workplace_at_once_end_without_a_circle() {
    run(async {
        let app = without_detector().await;
        for round in 0..5 {
            let place = Place::of(&app).await;
            let mutations = place.mutations().into_iter().map(|(name, role, mut input, _)| {
                let (app, bin) = (&app, free_bin(round + 1));
                for (field, value) in
                    [("bin", bin), ("code", format!("Z{round}")), ("protocolNumber", format!("{round}"))]
                {
                    if let Some(given) = input.get_mut(field) {
                        *given = json!(value);
                    }
                }
                async move { app.as_role(&subject(role)).change(name, "", &input).await.ok() }
            });
            futures::future::join_all(mutations).await;
        }
    });
}

/// A file of enterprises, more than one block of it.
fn file(bins: impl Iterator<Item = u32>) -> Cursor<String> {
    let line = |number| format!("{},Новая,350000000,412,1\n", free_bin(number));
    Cursor::new(format!("bin,name_ru,kato,oked,headcount\n{}", bins.map(line).collect::<String>()))
}

fn quiet(_done: u64, _total: u64) {}

#[test]
fn two_files_with_the_same_enterprises_in_another_order_do_not_wait_for_each_other() {
    run(async {
        let app = without_detector().await;
        let options = || ImportOptions {
            dry_run: false,
            batch: None,
            source: "a test".to_owned(),
            language: Language::En,
            progress: &quiet,
        };
        let import = async |bins: Vec<u32>| {
            let (db, clock) = (&app.app.db, &app.app.clock);
            let report =
                import::run(db, clock, ImportKind::Enterprises, file(bins.into_iter()), &options()).await.unwrap();
            (report.inserted, report.unchanged)
        };
        let one = (1..=1).chain(1_001..=2_000).chain(2..=2).collect();
        let other = (2..=2).chain(2_001..=3_000).chain(1..=1).collect();
        let (one, other) = futures::join!(import(one), import(other));
        assert_eq!([one, other].map(|(inserted, unchanged)| inserted + unchanged), [1_002, 1_002]);
        assert_eq!(one.0 + other.0, 2_002);
    });
}

#[test]
fn a_mutation_that_was_in_the_way_once_is_applied_once() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let schema = Schema::of(&app).await;
        let place = Place::of(&app).await;
        let mutations = place.mutations();
        for field in &schema.get("Mutation").fields {
            assert!(mutations.iter().any(|(name, ..)| *name == field.name), "{} is missing here", field.name);
        }
        for ((name, role, input, table), state) in mutations.iter().zip(["40001", "40P01"].into_iter().cycle()) {
            // What they change of each other are only sums, never a version.
            let before = app.content().await;
            in_the_way(&app, table, (1, state), false).await;
            let answer = app.as_role(&subject(*role)).change(name, "", input).await.ok();
            assert_eq!(out_of_the_way(&app).await, 2, "{name}: {}", answer.text);
            let (after, creates) = (app.content().await, !name.ends_with("Update") && *name != "factorAssign");
            assert_eq!(after.rows(table), before.rows(table) + usize::from(creates), "{name}");
        }
        let versions = "{ enterprises(first: 1) { nodes { version workplaces(first: 1) { nodes { version } } } } }";
        let answer = place.engineer().ask(versions).await;
        let one_more = |version: &Value| version.as_i64().unwrap() + 1;
        assert_eq!(answer.int("enterprises.nodes.0.version"), one_more(&place.enterprise_version));
        assert_eq!(answer.int("enterprises.nodes.0.workplaces.nodes.0.version"), one_more(&place.version));
    });
}

#[test]
fn a_commit_that_was_in_the_way_is_made_again_with_all_that_led_to_it() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let place = Place::of(&app).await;
        let before = app.content().await;
        in_the_way(&app, "measurement", (3, "40001"), true).await;
        place.engineer().change("measurementRecord", "", &place.measurement("1")).await.ok();
        assert_eq!(out_of_the_way(&app).await, 4);
        assert_eq!(app.content().await.rows("measurement"), before.rows("measurement") + 1);
        let counted = app.app.metrics.render();
        let retries = counted.lines().find_map(|line| line.strip_prefix("osh_transaction_retries_total "));
        assert!(retries.is_some_and(|count| count.parse::<u64>().unwrap() >= 3), "{retries:?}");
    });
}

#[test]
fn a_mutation_that_is_always_in_the_way_is_unavailable_and_leaves_nothing() {
    run(async {
        let app = TestApp::new(Backend::Postgres).await;
        let place = Place::of(&app).await;
        let before = app.content().await;
        for ((name, role, input, table), state) in place.mutations().iter().zip(["40P01", "40001"].into_iter().cycle())
        {
            in_the_way(&app, table, (1_000, state), false).await;
            let answer = app.as_role(&subject(*role)).change(name, "", input).await;
            assert_eq!(answer.codes(), ["UNAVAILABLE"], "{name}: {}", answer.text);
            assert_eq!(out_of_the_way(&app).await, 4, "{name}");
            assert_eq!(before.changed(&app.content().await), [] as [&str; 0], "{name}");
        }
    });
}

#[test]
fn a_writer_of_sqlite_that_never_gets_its_turn_is_unavailable_and_leaves_nothing() {
    run(async {
        let app = TestApp::new(Backend::Sqlite).await;
        let place = Place::of(&app).await;
        let before = app.content().await;
        app.db().execute_unprepared("PRAGMA busy_timeout = 0").await.unwrap();
        let other = app.replica(|_| {}).await;
        let lock = other.app.db.begin().await.unwrap();
        let answer = place.engineer().change("measurementRecord", "", &place.measurement("1")).await;
        assert_eq!(answer.codes(), ["UNAVAILABLE"], "{}", answer.text);
        lock.rollback().await.unwrap();
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        place.engineer().change("measurementRecord", "", &place.measurement("1")).await.ok();
    });
}
