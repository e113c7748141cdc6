//! Several servers on one PostgreSQL and one Redis, and what happens when Redis is not there.

use std::time::Duration;

use api::events::Event;
use serde_json::json;
use tests::sandbox::free_bin;
use tests::{Backend, TestApp, on_both, run};

const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { id bin } userErrors { code field message } } }";
const FIND: &str = "query($bin: Bin!) { enterprise(by: {bin: $bin}) { bin } }";

async fn create(app: &TestApp, bin: &str) {
    let input = json!({"bin": bin, "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1});
    app.as_role("demo-ministry").query(CREATE, json!({ "input": input })).await.ok();
}

async fn knows(app: &TestApp, bin: &str) -> bool {
    let answer = app.as_role("demo-ministry").query(FIND, json!({ "bin": bin })).await.ok();
    answer.data("enterprise.bin") == bin
}

/// Whether it comes true within five seconds.
async fn soon(mut happened: impl AsyncFnMut() -> bool) -> bool {
    for _ in 0..250 {
        if happened().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[test]
fn each_sees_at_once_what_the_other_wrote() {
    run(async {
        let one = TestApp::new(Backend::Postgres).await;
        let two = one.replica(|_| {}).await;
        create(&one, &free_bin(1)).await;
        assert!(knows(&two, &free_bin(1)).await);
        create(&two, &free_bin(2)).await;
        assert!(knows(&one, &free_bin(2)).await);
    });
}

#[test]
fn new_reference_data_is_told_to_the_other() {
    run(async {
        let one = TestApp::new(Backend::Postgres).await;
        let two = one.replica(|_| {}).await;
        let rates = |app: &TestApp| app.app.library.book().tariffs().rates.len();
        // Both have heard the first event, which each sends itself when it has subscribed.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = rates(&two);
        let row = r#"INSERT INTO reference_row SELECT '00000000-0000-7000-8000-000000000001', kind, '22', parent_code,
            name_kk, name_ru, name_en, search_fold, attributes, '2026-03-01', NULL, provenance, source, created_at
            FROM reference_row WHERE kind = 'tariff_rate' AND code = '14'"#;
        sea_orm::ConnectionTrait::execute_unprepared(one.db(), row).await.unwrap();
        assert_eq!(rates(&two), before);
        one.app.events.tell(Event::ReferenceChanged).await;
        assert!(soon(async || rates(&two) == before + 1).await, "the other replica still has {} rates", rates(&two));
    });
}

#[test]
fn a_dead_redis_is_no_reason_to_fail() {
    run(async {
        let app = TestApp::with(Backend::Postgres, |config| {
            config.redis.url = "redis://127.0.0.1:1/0".to_owned();
        })
        .await;
        create(&app, &free_bin(1)).await;
        assert!(knows(&app, &free_bin(1)).await);
        app.app.events.tell(Event::ReferenceChanged).await;
        app.anonymous().ask("{ ruleSets { code } }").await;
    });
}

on_both! {
    async fn reference_data_that_changed_here_is_read_again_here(backend) {
        let app = TestApp::new(backend).await;
        let gone = "DELETE FROM reference_row WHERE kind = 'tariff_rate'";
        sea_orm::ConnectionTrait::execute_unprepared(app.db(), gone).await.unwrap();
        app.app.events.tell(Event::ReferenceChanged).await;
        assert!(soon(async || app.app.library.book().tariffs().rates.is_empty()).await);
    }
}
