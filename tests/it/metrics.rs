//! What `/metrics` counts. The recorder is one for the process, so that every test has names of its own.

use axum::body::Body;
use http::Request;
use serde_json::json;
use tests::{Answer, Backend, TestApp, run, shared};

async fn read(app: &TestApp) -> Answer {
    Answer::read(app.send(Request::get("/metrics").body(Body::empty()).unwrap()).await).await
}

/// The value of the line that begins so; nothing when there is no such line.
fn value(metrics: &Answer, begin: &str) -> Option<f64> {
    let line = metrics.text.lines().find(|line| line.starts_with(begin))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn requests(metrics: &Answer, name: &str) -> Option<f64> {
    value(metrics, &format!("osh_graphql_requests_total{{operation=\"query\",name=\"{name}\"}}"))
}

async fn ask(app: &TestApp, role: Option<&str>, name: &str) {
    let user = role.map_or(app.anonymous(), |role| app.as_role(role));
    user.ask(&format!("query {name} {{ ruleSets {{ code }} }}")).await;
}

#[test]
fn metrics_count_requests_errors_statements_and_connections() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        app.as_role("demo-ministry").ask("query Counted { enterprises { totalCount } }").await;
        app.anonymous().query("{ me { id } }", json!({})).await;
        let metrics = read(app).await;
        assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        for line in [
            "osh_graphql_requests_total{operation=\"query\",name=\"Counted\"}",
            "osh_graphql_requests_total{operation=\"query\",name=\"\"}",
            "osh_graphql_errors_total{code=\"UNAUTHENTICATED\"}",
            "osh_graphql_seconds_count{operation=\"query\",name=\"Counted\"}",
            "osh_db_statement_seconds_count",
            "osh_db_connections{pool=\"read\",state=\"open\"}",
            "osh_db_connections{pool=\"read\",state=\"idle\"}",
            "osh_db_connections{pool=\"write\",state=\"open\"}",
        ] {
            assert!(value(&metrics, line).is_some_and(|value| value > 0.0), "{line} in:\n{}", metrics.text);
        }
        let bucket = "osh_graphql_seconds_bucket{operation=\"query\",name=\"Counted\",le=\"0.0005\"}";
        assert!(value(&metrics, bucket).is_some(), "{}", metrics.text);
    });
}

#[test]
fn a_use_of_what_will_be_removed_is_counted() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let line = "osh_graphql_deprecated_total{coordinate=\"ServiceConfig.ruleSet\"}";
        let before = value(&read(app).await, line);
        app.anonymous().ask("{ serviceConfig { ruleSet } }").await;
        let after = value(&read(app).await, line);
        // Other tests use it too.
        assert!(before.is_some() && after > before, "{before:?} {after:?}");
    });
}

#[test]
fn each_operation_is_counted_by_its_name_and_with_its_time() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        for _ in 0..3 {
            ask(app, Some("demo-ministry"), "TallyThrice").await;
        }
        let document = "query TallyA { ruleSets { code } } mutation TallyB { __typename }";
        let body = json!({"query": document, "operationName": "TallyA"}).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        app.send(request.body(Body::from(body)).unwrap()).await;
        let metrics = read(app).await;
        assert_eq!(requests(&metrics, "TallyThrice"), Some(3.0));
        let seconds = "osh_graphql_seconds_count{operation=\"query\",name=\"TallyThrice\"}";
        assert_eq!(value(&metrics, seconds), Some(3.0));
        assert_eq!((requests(&metrics, "TallyA"), metrics.text.contains("TallyB")), (Some(1.0), false));
    });
}

#[test]
fn names_beyond_the_limit_are_counted_together() {
    run(async {
        let app = TestApp::with(Backend::Sqlite, |config| config.telemetry.operation_names = 6).await;
        let others = |metrics: &Answer| requests(metrics, "other").unwrap_or_default();
        let before = others(&read(&app).await);
        // Nobody without an account takes the whole room: half of it is for persons.
        for number in 0..20 {
            ask(&app, None, &format!("FloodPublic{number}")).await;
        }
        for number in 0..20 {
            ask(&app, Some("demo-ministry"), &format!("FloodPerson{number}")).await;
        }
        for name in ["FloodPublic0", "FloodPublic19", "FloodPerson0", "FloodPerson19"] {
            ask(&app, None, name).await;
        }
        app.anonymous().ask("{ ruleSets { code } }").await;
        let metrics = read(&app).await;
        let kept: Vec<bool> = ["FloodPublic2", "FloodPublic3", "FloodPerson2", "FloodPerson3"]
            .map(|name| requests(&metrics, name).is_some())
            .into();
        assert_eq!(kept, [true, false, true, false], "{}", metrics.text);
        assert_eq!(metrics.text.matches("requests_total{operation=\"query\",name=\"Flood").count(), 6);
        assert_eq!(requests(&metrics, "FloodPublic0"), Some(2.0));
        // 17 and 17 of the flood, and two of those that came again. Other tests may count there too.
        assert!(others(&metrics) - before >= 36.0, "{}", metrics.text);
    });
}

#[test]
fn a_refused_document_has_no_name() {
    run(async {
        let app = shared(Backend::Sqlite).await;
        let aliases: String = (0..200).map(|number| format!("a{number}:__typename ")).collect();
        app.anonymous().query(&format!("query TallyRefused {{ {aliases} }}"), json!({})).await;
        app.anonymous().query("query Tally\u{428}Refused { __typename }", json!({})).await;
        let metrics = read(app).await;
        assert!(!metrics.text.contains("Refused"), "{}", metrics.text);
        assert!(value(&metrics, "osh_graphql_requests_total{operation=\"refused\",name=\"\"}").is_some());
    });
}
