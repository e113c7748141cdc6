//! Several servers on one PostgreSQL and one Redis, and what happens when Redis is not there.

use std::time::{Duration, Instant};

use api::events::Event;
use serde_json::json;
use tests::fault::{Link, Relay};
use tests::sandbox::free_bin;
use tests::{Backend, TestApp, keyed, on_both, run};

const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { id bin } userErrors { code field message } } }";
const FIND: &str = "query($bin: Bin!) { enterprise(by: {bin: $bin}) { bin } }";

async fn create(app: &TestApp, bin: &str) {
    let input = json!({"bin": bin, "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1});
    app.as_role("demo-ministry").query(CREATE, json!({ "input": keyed(&input) })).await.ok();
}

async fn knows(app: &TestApp, bin: &str) -> bool {
    let answer = app.as_role("demo-ministry").query(FIND, json!({ "bin": bin })).await.ok();
    answer.data("enterprise.bin") == bin
}

/// Whether it comes true within five seconds.
async fn soon(happened: impl AsyncFnMut() -> bool) -> bool {
    within(Duration::from_secs(5), happened).await
}

async fn within(limit: Duration, mut happened: impl AsyncFnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if happened().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn rates(app: &TestApp) -> usize {
    app.app.library.book().tariffs().rates.len()
}

/// One more rate in the database, past the server: no replica knows of it until it is told.
async fn add_rate(app: &TestApp, number: u8) {
    let row = format!(
        "INSERT INTO reference_row SELECT '00000000-0000-7000-8000-0000000000{number:02}', kind, '22', parent_code,
            name_kk, name_ru, name_en, search_fold, attributes, '2026-03-{number:02}', NULL, provenance, source, created_at
            FROM reference_row WHERE kind = 'tariff_rate' AND code = '14'"
    );
    sea_orm::ConnectionTrait::execute_unprepared(app.db(), &row).await.unwrap();
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
        // Both have heard the first event, which each sends itself when it has subscribed.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = rates(&two);
        add_rate(&one, 1).await;
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

/// What must go on whatever Redis does: a write, a read of it, and the map, of a section nobody has asked for yet.
async fn lives(app: &TestApp, number: u32, section: char) {
    let begun = Instant::now();
    create(app, &free_bin(number)).await;
    assert!(knows(app, &free_bin(number)).await);
    let map = format!("{{ map(filter: {{okedSection: \"{section}\"}}) {{ regions {{ kato }} }} }}");
    assert!(!app.anonymous().ask(&map).await.list("map.regions").is_empty());
    // Two calls of Redis at most, 200 ms each, on a machine that is busy with other tests.
    assert!(begun.elapsed() < Duration::from_secs(3), "{section}: {:?}", begun.elapsed());
}

#[test]
fn a_redis_that_dies_in_mid_run_and_comes_back_is_used_again() {
    run(async {
        let (relay, direct, disturbed) = Relay::to_redis().await;
        let one = TestApp::with(Backend::Postgres, |config| config.redis.url = disturbed).await;
        let two = one.replica(|config| config.redis.url = direct).await;
        lives(&one, 1, 'A').await;
        for (number, link) in [(2, Link::Cut), (3, Link::Frozen), (4, Link::Vanished)] {
            relay.set(link);
            let sections = ["", "", "BCD", "EFG", "HIJ"][usize::from(number)];
            for (again, section) in (0..).zip(sections.chars()) {
                lives(&one, 10 * u32::from(number) + again, section).await;
            }
            one.app.events.tell(Event::ReferenceChanged).await;
            // Longer than a silence that is taken for a lost connection.
            tokio::time::sleep(Duration::from_secs(if link == Link::Cut { 1 } else { 8 })).await;
            relay.set(Link::Up);

            let before = rates(&one);
            add_rate(&one, 3 * number).await;
            let back = within(Duration::from_secs(15), async || {
                two.app.events.tell(Event::ReferenceChanged).await;
                rates(&one) == before + 1
            });
            assert!(back.await, "{link:?}: it does not hear again");
            // Now that it listens, one word is enough.
            add_rate(&one, 3 * number + 1).await;
            two.app.events.tell(Event::ReferenceChanged).await;
            assert!(soon(async || rates(&one) == before + 2).await, "{link:?}: it does not hear");
            assert!(soon(async || rates(&two) == before + 2).await, "{link:?}: the other does not hear itself");
            // And it is heard; two was not told by anybody else.
            add_rate(&one, 3 * number + 2).await;
            let told = within(Duration::from_secs(5), async || {
                one.app.events.tell(Event::ReferenceChanged).await;
                rates(&two) == before + 3
            });
            assert!(told.await, "{link:?}: it is not heard");
        }
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
