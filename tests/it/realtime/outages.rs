//! What fails in between, a word that Redis did not take or a database that is away, ends and loses nothing.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use tests::fault::{Link, Relay};
use tests::happenings::{self, Happened::Level};
use tests::services::Services;
use tests::world::World;
use tests::{Backend, TestApp, run};

use crate::realtime::{LEVELS, enterprise, everybody_has_left, seen};

/// A second server whose way to the database can be disturbed.
async fn behind_a_relay(one: &TestApp) -> (Relay, TestApp) {
    let port = Services::shared().postgres().port();
    let relay = Relay::to(port).await;
    let there = format!(":{}/", relay.port());
    let two = one.replica(|config| {
        config.database.url = config.database.url.replace(&format!(":{port}/"), &there);
        config.database.acquire_timeout_ms = 500;
    });
    let two = two.await;
    assert!(two.app.config.database.url.contains(&there), "the relay is in between");
    (relay, two)
}

#[test]
fn a_word_that_redis_did_not_take_is_said_again_until_it_does() {
    run(async {
        let (relay, direct, disturbed) = Relay::to_redis().await;
        let one = TestApp::with(Backend::Postgres, |config| config.redis.url = disturbed).await;
        let two = one.replica(|config| config.redis.url = direct).await;
        let (served, world) = (two.serve().await, World::read(&one).await);
        let of = seen(&world, "demo-ministry", 4);
        happenings::cursor(&one, &world).await;
        let mut socket = served.open_as(&two.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        happenings::tell(&one, &world, &[Level(of[0])]).await;
        assert_eq!(enterprise(&socket.told("1").await), of[0]);
        for (id, link) in of[1..].iter().zip([Link::Cut, Link::Frozen, Link::Vanished]) {
            relay.set(link);
            // The other replica hears Redis well, and so has no reason to look.
            happenings::tell(&one, &world, &[Level(*id)]).await;
            relay.set(Link::Up);
            assert_eq!(enterprise(&socket.told("1").await), *id, "{link:?}");
        }
    });
}

#[test]
fn what_a_server_that_died_did_not_tell_is_told_when_one_starts() {
    run(async {
        let one = TestApp::new(Backend::Postgres).await;
        let (served, world) = (one.serve().await, World::read(&one).await);
        let of = seen(&world, "demo-ministry", 2);
        happenings::cursor(&one, &world).await;
        let mut socket = served.open_as(&one.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        happenings::tell(&one, &world, &[Level(of[0])]).await;
        assert_eq!(enterprise(&socket.told("1").await), of[0]);
        happenings::write(&one, &world, &[Level(of[1])]).await;
        let _two = one.replica(|_| {}).await;
        assert_eq!(enterprise(&socket.told("1").await), of[1]);
    });
}

#[test]
fn a_database_that_is_away_for_a_while_ends_no_subscription() {
    run(async {
        let one = TestApp::with(Backend::Postgres, |config| {
            config.auth.membership_cache_ms = 0;
            config.auth.demo_token_minutes = 1_440;
        })
        .await;
        let (relay, two) = behind_a_relay(&one).await;
        let (served, world) = (two.serve().await, World::read(&one).await);
        let of = seen(&world, "demo-ministry", 1)[0];
        happenings::cursor(&one, &world).await;
        let mut socket = served.open_as(&two.as_role("demo-ministry")).await;
        socket.subscribe("1", LEVELS, json!({})).await;
        socket.settle().await;
        let mut stream = two.as_role("demo-ministry").listen(LEVELS, json!({})).await;
        relay.set(Link::Cut);
        // With a new day each asks anew what it may hear.
        two.app.clock.set(two.app.clock.now() + TimeDelta::hours(20));
        tokio::time::sleep(Duration::from_secs(4)).await;
        relay.set(Link::Up);
        happenings::tell(&one, &world, &[Level(of)]).await;
        assert_eq!(enterprise(&socket.told("1").await), of);
        assert_eq!(enterprise(&stream.told().await), of);
    });
}

#[test]
fn a_server_that_stops_waits_for_no_database_that_is_away() {
    run(async {
        let one = TestApp::with(Backend::Postgres, |config| config.auth.membership_cache_ms = 0).await;
        let (relay, two) = behind_a_relay(&one).await;
        let served = two.serve().await;
        let ministry = two.as_role("demo-ministry");
        let mut greeting = served.open().await;
        let mut beginning = served.open_as(&ministry).await;
        relay.set(Link::Frozen);
        let bearer = format!("Bearer {}", ministry.token().unwrap());
        greeting.say(json!({"type": "connection_init", "payload": {"authorization": bearer}})).await;
        beginning.subscribe("1", LEVELS, json!({})).await;
        // Less than they wait for the database.
        tokio::time::sleep(Duration::from_millis(200)).await;
        two.web.drain();
        assert_eq!((greeting.closed().await, beginning.closed().await), (1001, 1001));
        relay.set(Link::Up);
        everybody_has_left(&two).await;
    });
}
