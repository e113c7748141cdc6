//! A request that runs too long is ended, and its answer names the fields that were still waiting.

use http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tests::{Backend, TestApp, on_both};

/// Puts something slow in front of a table. SQLite counts for minutes; on PostgreSQL a statement ends by itself within
/// the time of its request, so there two of them take longer together.
async fn slow_down(app: &TestApp, table: &str) {
    let slow = match app.backend {
        Backend::Sqlite => {
            "WITH RECURSIVE slow(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM slow LIMIT 10000000000) SELECT count(*) FROM slow"
        }
        Backend::Postgres => "WITH slow AS MATERIALIZED (SELECT pg_sleep(0.7)) SELECT count(*) FROM slow",
    };
    for statement in [
        format!("ALTER TABLE {table} RENAME TO kept_{table}"),
        format!("CREATE VIEW {table} AS SELECT * FROM kept_{table} WHERE ({slow}) > 0"),
    ] {
        app.db().execute_unprepared(&statement).await.unwrap();
    }
}

async fn hasty(backend: Backend) -> TestApp {
    TestApp::with(backend, |config| {
        config.http.request_timeout_seconds = 1;
        config.database.statement_timeout_ms = 1_000;
        config.database.acquire_timeout_ms = 900;
    })
    .await
}

on_both! {
    async fn the_answer_names_what_was_waited_for(backend) {
        let app = hasty(backend).await;
        let ministry = app.as_role("demo-ministry");
        ministry.ask("{ me { id } }").await;
        let document = "{ all: enterprises(first: 2) { nodes { bin below: workplaces(first: 1) { nodes { code } } } } }";
        slow_down(&app, "workplace").await;
        if backend == Backend::Postgres {
            slow_down(&app, "enterprise").await;
        }
        let answer = ministry.query(document, json!({})).await;
        assert_eq!((answer.codes(), answer.status), (vec!["TIMEOUT"], StatusCode::GATEWAY_TIMEOUT), "{}", answer.text);
        assert_eq!(answer.errors()[0]["extensions"]["running"], json!(["all.nodes.below"]));
    }

    async fn a_field_at_the_root_is_named_too(backend) {
        let app = hasty(backend).await;
        let ministry = app.as_role("demo-ministry");
        ministry.ask("{ me { id } }").await;
        let served = app.serve().await;
        let mut socket = served.open_as(&ministry).await;
        slow_down(&app, "workplace").await;
        // By PostgreSQL the count comes after the page, and both are slow.
        let document = "{ workplaces(first: 1) { nodes { code } totalCount } ruleSets { code } }";
        let answer = ministry.query(document, json!({})).await;
        assert_eq!((answer.codes(), answer.status), (vec!["TIMEOUT"], StatusCode::GATEWAY_TIMEOUT), "{}", answer.text);
        let expected = match backend {
            Backend::Sqlite => "workplaces",
            Backend::Postgres => "workplaces.totalCount",
        };
        assert_eq!(answer.errors()[0]["extensions"]["running"], json!([expected]));
        socket.subscribe("1", document, json!({})).await;
        let over_a_socket = socket.refused("1").await;
        let as_a_stream = ministry.listen(document, json!({})).await.first().await;
        for errors in [&over_a_socket[0], &as_a_stream.errors()[0]] {
            assert_eq!(errors["extensions"]["code"], "TIMEOUT", "{errors}");
            assert_eq!(errors["extensions"]["running"], json!([expected]));
        }
    }
}
